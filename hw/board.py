"""Boards and sensors as facts: one TOML each in hw/boards and hw/sensors, parsed into types at the door."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_HERE = Path(__file__).parent


class Fact(BaseModel):
    """Immutable; a typo in a TOML key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LedFact(Fact):
    """A LED: its pin as the sketch names it, its number, and the level that lights it."""

    pin: str
    number: int
    active: Literal["high", "low"]


class EmulatorFact(Fact):
    """How the board is emulated; `limits` says what this does not prove."""

    kind: Literal["qemu", "simavr"]
    machine: str
    fqbn: str
    channels: tuple[str, ...] = ()
    """Of stimuli: those that a chip on the emulated board perceives beyond its `sensors`."""
    uart: int | None = None
    """Of qemu: its serial port that is the board's Serial, where the machine has the real one."""
    limits: str = ""


class Board(Fact):
    """One board. `source` says where the figures come from."""

    id: str
    name: str
    chip: str
    core: str
    """Processor core, e.g. Cortex-M4F."""
    clock_hz: int
    ram_bytes: int
    flash_bytes: int
    fqbn: str
    """Of the vendor's core."""
    index: str = ""
    """Address of the core's index, where it is not in arduino-cli's own."""
    usb: tuple[str, ...] = ()
    """"vendor:product" in hex of its serial port, as sketch and as bootloader; empty where others have the same."""
    sensors: tuple[str, ...]
    """Keys of hw/sensors that are on the board."""
    leds: dict[str, LedFact] = Field(default_factory=dict)
    digital_pins: tuple[int, ...] = ()
    pwm_pins: tuple[int, ...] = ()
    analog_pins: tuple[int, ...] = ()
    """Digital numbers of A0, A1, ... in order."""
    emulator: EmulatorFact | None = None
    budgets: dict[str, int] = Field(default_factory=dict)
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


def _load(folder: str, model: type[Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for path in sorted((_HERE / folder).glob("*.toml")):
        try:
            fact = model.model_validate(tomllib.loads(path.read_text()))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            first = error.errors()[0] if isinstance(error, ValidationError) else None
            what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else str(error)
            raise ValueError(f"{path.name}: {what}") from error
        facts[fact.id] = fact
    return facts


@cache
def boards() -> dict[str, Board]:
    """All boards by id. Raises ValueError naming file and key when a TOML is wrong."""
    return _load("boards", Board)


@cache
def sensors() -> dict[str, Sensor]:
    """All sensors by id."""
    return _load("sensors", Sensor)


def simavr_dir() -> Path:
    """Sources of the runner for AVR boards, and the header that sketches for it are compiled with."""
    return _HERE / "simavr"


def platform_dir() -> Path:
    """The Arduino platform of the emulated boards, laid out as VENDOR/ARCH below this folder."""
    return _HERE / "platform"
