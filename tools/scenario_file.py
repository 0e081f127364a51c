"""Stimuli of a scenario as the CSV that tools/stimuli.py reads."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tools.behaviour import Uses
from tools.live import REQUEST
from tools.shown import Event
from tools.store import write_text

_BOUNCES_MS = (0, 3, 6)
"""A contact closes, opens once more and closes for good."""


@dataclass(frozen=True)
class Row:
    """At `t_ms` a reading (C,), or that the sensors fall silent or measure again."""

    t_ms: int
    reading: np.ndarray | None = None
    silent: bool | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    """Other columns of the stimuli, such as a sound file in `audio`."""


def write_rows(
    path: Path,
    rows: Sequence[Row],
    channels: Sequence[str],
    sent: bool,
    events: Sequence[Event],
    used: Uses,
    rollover_ms: int | None,
    start_ms: int,
) -> None:
    """Write the stimuli; `sent`: readings are lines of text, from `start_ms` on. Where millis() rolls over, the
    self-test is asked to tell of each inference as well."""
    cells: list[tuple[int, dict[str, str]]] = [(0, {f"pin.{pin}": "1" for pin in used.buttons})]
    if rollover_ms is not None:
        cells.append((0, {"rollover": str(rollover_ms), "serial": REQUEST}))
    for row in rows:
        if row.reading is not None:
            line = line_of(row.reading)
            readings = {"serial": line} if sent else dict(zip(channels, line.split(","), strict=True))
            cells.append((row.t_ms + (start_ms if sent else 0), readings))
        elif row.cells:
            cells.append((row.t_ms, dict(row.cells)))
        elif not sent:
            cells.append((row.t_ms, {"silent": str(int(bool(row.silent)))}))
    for event in events:
        cells += _cells(event)
    cells = sorted((cell for cell in cells if cell[1]), key=lambda cell: cell[0])
    columns = list(dict.fromkeys(name for _, values in cells for name in values))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ["t_ms", *columns], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"t_ms": t_ms, **values} for t_ms, values in cells)
    write_text(path, buffer.getvalue())


def line_of(reading: np.ndarray) -> str:
    """A reading (C,), or a picture's row, as a sender writes it."""
    return ",".join(f"{value:.6g}" for value in reading)


def _cells(event: Event) -> list[tuple[int, dict[str, str]]]:
    if event.kind == "serial":
        return [(event.t_ms, {"serial": str(event.value)})]
    if event.kind == "proximity":
        return [(event.t_ms, {"proximity": str(event.value)})]
    # A button to ground: low is pressed.
    levels = "010" if event.kind == "pressed" else "101"
    return [(event.t_ms + ms, {f"pin.{event.value}": level}) for ms, level in zip(_BOUNCES_MS, levels, strict=True)]
