"""Boards and sensors as facts: one TOML each in hw/boards and hw/sensors, parsed into types at the door.

A person's own boards stand in $TINYSMITH_BOARDS and in tinysmith/boards of the configuration folder.
"""

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from hw.errors import BadInput
from hw.fact_file import check_board, read_facts

_HERE = Path(__file__).parent


class Fact(BaseModel):
    """Immutable; a typo in a TOML key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Positive = Annotated[int, Field(gt=0)]
Pin = Annotated[int, Field(ge=0, le=255)]


class LedFact(Fact):
    """A LED: its pin as the sketch names it, its number, and the level that lights it."""

    pin: str
    number: Pin
    active: Literal["high", "low"]


class EmulatorFact(Fact):
    """How the board is emulated; `limits` says what this does not prove."""

    kind: Literal["qemu", "simavr"]
    machine: str
    fqbn: str
    channels: tuple[str, ...] = ()
    """Of stimuli: those that a chip on the emulated board perceives beyond its `sensors`."""
    uart: Annotated[int, Field(ge=0, le=7)] | None = None
    """Of qemu: its serial port that is the board's Serial, where the machine has the real one."""
    limits: str = ""


class Board(Fact):
    """One board. `source` says where the figures come from."""

    id: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    name: str
    chip: str
    core: Annotated[str, Field(pattern=r"^(AVR|Cortex-M\d+\+?F?)$")]
    """Processor core, e.g. Cortex-M4F."""
    clock_hz: Positive
    ram_bytes: Positive
    flash_bytes: Positive
    fqbn: Annotated[str, Field(pattern=r"^[^:\s]+:[^:\s]+:[^:\s]+(:\S+)?$")]
    """Of the vendor's core."""
    index: str = ""
    """Address of the core's index, where it is not in arduino-cli's own."""
    usb: tuple[str, ...] = ()
    """"vendor:product" in hex of its serial port, as sketch and as bootloader; empty where others have the same."""
    sensors: tuple[str, ...]
    """Keys of hw/sensors that are on the board."""
    leds: dict[str, LedFact] = Field(default_factory=dict)
    digital_pins: tuple[Pin, ...] = ()
    pwm_pins: tuple[Pin, ...] = ()
    analog_pins: tuple[Pin, ...] = ()
    """Digital numbers of A0, A1, ... in order."""
    emulator: EmulatorFact | None = None
    budgets: dict[Literal["arena_bytes", "ram_bytes", "flash_bytes", "macs"], Positive] = Field(default_factory=dict)
    """Default budgets tighter than the chip: arena_bytes, macs, ..."""
    source: str = ""


class ChannelFact(Fact):
    """A channel: its name in stimuli, the library's unit and what the sensor can deliver."""

    name: str
    unit: str
    low: float
    high: float
    step: float = 0.0
    """Distance between two values that the sensor can deliver; 0: any."""
    rest: float = 0.0
    """What it delivers when nothing happens: in the dark, lying still."""


class Sensor(Fact):
    """A kind of sensor and the Arduino library that reads it; C++ fragments are facts of that library's API."""

    id: str
    name: str
    words: tuple[str, ...]
    """What people call it in requests."""
    kind: Literal["tabular", "series", "image", "audio"]
    channels: tuple[ChannelFact, ...]
    rate_hz: float
    """Highest rate at which new values are there."""
    header: str = ""
    library: str = ""
    """Arduino library as in its library.properties."""
    begin: str = ""
    """C++ expression, false when the sensor does not answer."""
    available: str = ""
    """C++ expression, true when a new reading is there."""
    read: str = ""
    """C++ statements that fill `float reading[CHANNELS]`."""
    proximity_available: str = ""
    """C++ expression, true when a new measure of nearness is there; empty: the library has none."""
    proximity_read: str = ""
    """C++ expression: 0 near .. 255 nothing there, negative when the sensor does not answer."""
    latches: bool = False
    """A value measured before the sensor fell silent still counts as new after."""
    source: str = ""


def own_board_folders() -> tuple[Path, ...]:
    """Folders of a person's own boards, those that are there.

    Raises BadInput when TINYSMITH_BOARDS names none.
    """
    folders = []
    named = os.environ.get("TINYSMITH_BOARDS", "")
    if named:
        folders.append(Path(named).expanduser())
        if not folders[0].is_dir():
            raise BadInput(
                f"TINYSMITH_BOARDS is {named}, which is not a folder: name the one that holds your boards' TOML"
            )
    base = os.environ.get("XDG_CONFIG_HOME", "")
    config = Path(base) if base.startswith("/") else Path.home() / ".config"
    return (*folders, *(f for f in (config / "tinysmith" / "boards",) if f.is_dir()))


def boards() -> dict[str, Board]:
    """All boards by id, a person's own ones last.

    Raises BadInput with one line that names file and key, and what would be right, when a TOML is wrong.
    """
    return _boards(own_board_folders())


def own_boards() -> dict[str, Path]:
    """The person's own boards: id and file."""
    return {id: path for folder in own_board_folders() for id, path in read_facts(folder, Board)[1].items()}


@cache
def _boards(folders: tuple[Path, ...]) -> dict[str, Board]:
    known: dict[str, Board] = {}
    files: dict[str, Path] = {}
    for folder in (_HERE / "boards", *folders):
        facts, paths = read_facts(folder, Board)
        for id, board in facts.items():
            if id in known:
                raise BadInput(f"{paths[id]}: id {id!r} is taken by {files[id]}: choose another")
            check_board(board, paths[id], sensors())
        known |= facts
        files |= paths
    return known


@cache
def sensors() -> dict[str, Sensor]:
    """All sensors by id."""
    return read_facts(_HERE / "sensors", Sensor)[0]


def simavr_dir() -> Path:
    """Sources of the runner for AVR boards, and the header that sketches for it are compiled with."""
    return _HERE / "simavr"


def platform_dir() -> Path:
    """The Arduino platform of the emulated boards, laid out as VENDOR/ARCH below this folder."""
    return _HERE / "platform"
