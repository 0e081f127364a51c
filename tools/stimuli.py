"""Stimuli of an emulated board: a CSV of what its sensors, pins and serial line are given, checked at the door.

Columns: `t_ms` and any of color.r color.g color.b color.c (counts), proximity (0 near .. 255 far), accel.x|y|z (g),
gyro.x|y|z (deg/s), mag.x|y|z (uT), gesture (up, down, left, right), temperature (degrees Celsius), humidity (%),
pressure (kPa), pin.N (0 or 1), analog.N (0 .. 1023), serial (a line of text), silent (1: the sensors measure nothing
new, 0: they do) and rollover (at 0 ms: milliseconds until millis() goes from its largest value back to 0).
audio names a WAV file that starts to play (silence after its end), camera a picture that is before the lens from then
on: both relative to the CSV. Sampled and held: an empty cell changes nothing.
"""

import csv
import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hw.board import Board
from hw.fact_file import pin_count
from tools.errors import BadInput
from tools.stimuli_files import Shelf

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_ROWS = 2_000_000
MAX_VALUES = 4_000_000
"""Each takes about 150 bytes of memory."""
MAX_MS = 24 * 3600 * 1000

GESTURES = ("up", "down", "left", "right")
PIN, ANALOG = 0x100, 0x200
"""First numbers of the channels pin.N and analog.N."""

_AXES = ("x", "y", "z")
CHANNELS: dict[str, int] = {
    **{f"color.{c}": i for i, c in enumerate("rgbc")},
    "proximity": 4,
    **{f"accel.{a}": 5 + i for i, a in enumerate(_AXES)},
    **{f"gyro.{a}": 8 + i for i, a in enumerate(_AXES)},
    **{f"mag.{a}": 11 + i for i, a in enumerate(_AXES)},
    "gesture": 14,
    "temperature": 15,
    "humidity": 16,
    "pressure": 17,
    "audio": 18,
    "camera": 19,
    "silent": 20,
    "rollover": 21,
}
"""Numbers of the channels as the virtual hardware knows them (emulated_stimuli.h)."""

_LIMITS = {
    "proximity": (0.0, 255.0),
    "humidity": (0.0, 100.0),
    "pressure": (26.0, 126.0),
    "silent": (0.0, 1.0),
    "rollover": (1.0, 2.0**24),  # exact in the float32 that it travels in
    **{f"color.{c}": (0.0, 65535.0) for c in "rgbc"},
}
_NUMBERED = re.compile(r"(pin|analog)\.(\d{1,3})")
_SENSORS = {"color": "color", "proximity": "color", "gesture": "color", "accel": "imu", "gyro": "imu", "mag": "imu",
            "temperature": "temperature", "humidity": "humidity", "pressure": "pressure", "audio": "microphone",
            "camera": "camera"}  # fmt: skip
"""Sensor of hw/sensors that perceives a channel, by the channel's first word."""


_EVENTS = ("gesture", "audio")
"""Channels whose value tells of something that happens again when it is repeated."""


@dataclass(frozen=True)
class Stimuli:
    """Checked stimuli in ascending time."""

    columns: tuple[str, ...]
    """Channels that the file has, `serial` included."""
    values: tuple[tuple[int, int, float], ...]
    """(t_ms, channel number, value)."""
    lines: tuple[tuple[int, bytes], ...]
    """(t_ms, text with its newline) for the serial line."""
    end_ms: int
    """Time of the last row."""
    clips: tuple[bytes, ...] = ()
    """Sound of the column `audio`, whose values are indices of these: 16-bit little-endian samples at SOUND_HZ."""
    pictures: tuple[bytes, ...] = ()
    """Of the column `camera`, likewise: red, green, blue of each pixel of the full frame."""


NONE = Stimuli(columns=(), values=(), lines=(), end_ms=0)


def read_stimuli(path: Path) -> Stimuli:
    """Read and check a stimuli CSV.

    Raises BadInput with one line that names row (the header is row 1) and column of the first fault.
    """
    _check_file(path)
    csv.field_size_limit(MAX_FILE_BYTES)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read_rows(path.name, csv.reader(file), Shelf(path.parent))
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text: stimuli are a CSV file") from error
    except csv.Error as error:
        raise BadInput(f"{path.name} is not a readable CSV: {error}") from error


def check_board(stimuli: Stimuli, board: Board) -> None:
    """Raise BadInput when a column addresses what `board` does not have."""
    for column in stimuli.columns:
        sensor = _SENSORS.get(column.split(".")[0])
        extra = board.emulator.channels if board.emulator else ()
        if sensor is not None and sensor not in board.sensors and column not in extra:
            raise BadInput(f"stimuli column {column!r}: board {board.id} has no such sensor; it has: "
                           f"{', '.join(board.sensors) or 'none'}")  # fmt: skip
        numbered = _NUMBERED.fullmatch(column)
        if numbered:
            count = pin_count(board) if numbered[1] == "pin" else len(board.analog_pins)
            if int(numbered[2]) >= count:
                there = f"{numbered[1]}.0 .. {count - 1}" if count else f"no {numbered[1]} inputs"
                raise BadInput(f"stimuli column {column!r}: board {board.id} has {there}")


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise BadInput(f"stimuli file {path} is not there")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise BadInput(
            f"{path.name} has {size / 1e6:.0f} MB of stimuli: at most {MAX_FILE_BYTES // 2**20} MiB are read"
        )


def _read_rows(name: str, rows: "Iterator[list[str]]", shelf: Shelf) -> Stimuli:
    header = [cell.strip() for cell in next(rows, [])]
    channels = _channels(name, header)
    values: list[tuple[int, int, float]] = []
    lines: list[tuple[int, bytes]] = []
    state: dict[str, float] = {}
    t_column = header.index("t_ms")
    last_ms = 0
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if number > MAX_ROWS:
            raise BadInput(f"{name} has more than {MAX_ROWS} rows")
        if len(row) != len(header):
            raise BadInput(f"{name} row {number}: {len(row)} cells where the header has {len(header)}")
        t_ms = _time(name, number, row[t_column], last_ms)
        last_ms = t_ms
        for column, cell in zip(header, row, strict=True):
            if column == "serial":
                lines += [(t_ms, cell.encode() + b"\n")] if cell else []
            elif column != "t_ms" and cell.strip():
                value = _value(name, number, column, cell.strip(), shelf)
                if column == "rollover" and t_ms:
                    raise BadInput(f"{name} row {number}, column rollover: it is set at 0 ms, before the board starts")
                if state.get(column) != value or column in _EVENTS:
                    values.append((t_ms, channels[column], value))
                state[column] = value
        if len(values) > MAX_VALUES:
            raise BadInput(f"{name} row {number}: more than {MAX_VALUES} values, split the run")
        if "color.c" not in channels and _add_clear(state):
            values.append((t_ms, CHANNELS["color.c"], state["color.c"]))
    columns = tuple(c for c in header if c != "t_ms")
    clips, pictures = tuple(shelf.clips), tuple(shelf.pictures)
    return Stimuli(columns, tuple(values), tuple(lines), last_ms, clips, pictures)


def _add_clear(state: dict[str, float]) -> bool:
    """Clear light is about the sum of the colours; true when it has changed and must be told."""
    colours = [state[c] for c in ("color.r", "color.g", "color.b") if c in state]
    clear = min(sum(colours), 65535.0)
    if not colours or state.get("color.c") == clear:
        return False
    state["color.c"] = clear
    return True


def _channels(name: str, header: list[str]) -> dict[str, int]:
    if not any(header):
        raise BadInput(f"{name} is empty: stimuli are a CSV whose first row names the columns, t_ms and channels")
    if "t_ms" not in header:
        named = ", ".join(header)[:80]
        raise BadInput(f"{name} has no column t_ms: its first row must name the columns, not {named!r}")
    channels = {}
    for column in header:
        if header.count(column) > 1:
            raise BadInput(f"{name} row 1: column {column!r} is there more than once")
        numbered = _NUMBERED.fullmatch(column)
        if numbered:
            channels[column] = (PIN if numbered[1] == "pin" else ANALOG) + int(numbered[2])
        elif column in CHANNELS:
            channels[column] = CHANNELS[column]
        elif column not in ("t_ms", "serial"):
            raise BadInput(f"{name} row 1: unknown column {column[:40]!r}; {_closest(column)}")
    return channels


def _closest(column: str) -> str:
    names = [*CHANNELS, "serial", "t_ms", "pin.2", "analog.0"]
    close = difflib.get_close_matches(column.lower(), names, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    groups = ["color.r|g|b|c", "accel.x|y|z", "gyro.x|y|z", "mag.x|y|z", "pin.N", "analog.N", "t_ms", "serial"]
    return "known: " + " ".join([*groups, *(c for c in CHANNELS if "." not in c)])


def _time(name: str, row: int, cell: str, last_ms: int) -> int:
    value = _number(name, row, "t_ms", cell.strip())
    if value != int(value) or value < 0:
        raise BadInput(f"{name} row {row}: t_ms is {cell.strip()}, it must be a whole number of milliseconds")
    if value > MAX_MS:
        raise BadInput(
            f"{name} row {row}: t_ms is {cell.strip()}, more than the {MAX_MS} ms (24 h) that a run may last"
        )
    if value < last_ms:
        raise BadInput(f"{name} row {row}: t_ms is {int(value)} after {last_ms}; times must not go back")
    return int(value)


def _number(name: str, row: int, column: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise BadInput(f"{name} row {row}, column {column}: {cell!r} is not a number") from None
    if not math.isfinite(value):
        raise BadInput(f"{name} row {row}, column {column}: {cell} is not a finite number")
    return value


def _value(name: str, row: int, column: str, cell: str, shelf: Shelf) -> float:
    if column in ("audio", "camera"):
        where = f"{name} row {row}, column {column}"
        return float(shelf.clip(cell, where) if column == "audio" else shelf.picture(cell, where))
    if column == "gesture":
        if cell not in GESTURES:
            raise BadInput(f"{name} row {row}, column gesture: {cell!r} is none of {', '.join(GESTURES)}")
        return float(GESTURES.index(cell))
    value = _number(name, row, column, cell)
    low, high = _LIMITS.get(column, (-math.inf, math.inf))
    if column.startswith("pin."):
        if value not in (0.0, 1.0):
            raise BadInput(f"{name} row {row}, column {column}: {cell} is neither 0 nor 1")
    elif column.startswith("analog."):
        low, high = 0.0, 1023.0
    if not low <= value <= high:
        raise BadInput(f"{name} row {row}, column {column}: {cell} is outside {low:g} .. {high:g}")
    return value
