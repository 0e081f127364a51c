"""CSV files -> labelled samples: one file per class, one file with a label column, or folders of recordings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tools.channels import channel_names
from tools.errors import BadInput
from tools.samples import Kind, Samples, with_enough_recordings
from tools.table import MISSING, Table, numbers

# What such columns are called (lower case, letters and digits only).
_MILLISECONDS = ("ms", "millis", "milliseconds", "timems", "tms", "timestampms")
_MICROSECONDS = ("us", "micros", "microseconds", "timeus", "timestampus")
_SECONDS = ("s", "sec", "secs", "seconds")
_SOME_TIME = ("t", "time", "timestamp", "times")
_TIME = (*_MILLISECONDS, *_MICROSECONDS, *_SECONDS, *_SOME_TIME)
_SESSION: tuple[str, ...] = (
    "recording",
    "recordingid",
    "rec",
    "session",
    "sessionid",
    "trial",
    "sequence",
    "sequenceid",
    "series",
)
_SESSION += ("seriesid", "subject", "user", "person", "participant", "file", "filename")
_LABEL = ("label", "labels", "class", "classname", "target", "activity", "species", "category", "gesture", "state")
_INDEX = ("", "index", "id", "row", "no", "unnamed0", "sampleid")
_MOTION = ("accel.", "gyro.", "mag.")


@dataclass
class Columns:
    """A table whose columns have been told apart."""

    values: np.ndarray
    """(N, C) float64; NaN where a value is missing."""
    names: tuple[str, ...]
    units: tuple[str, ...]
    time_s: np.ndarray | None
    session: list[str] | None
    label: list[str] | None
    breaks: tuple[int, ...]
    notes: list[str]


def tell_columns(table: Table, labelled: bool) -> Columns:
    """Find the time, session and (when `labelled`) label column; the rest are channels.

    Raises BadInput when no column holds numbers, every value is missing, or no label column can be told.
    """
    headers = table.names or tuple(f"ch{i}" for i in range(table.width))
    keys = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in headers]
    parsed = [numbers(table.column(i)) for i in range(table.width)]
    text = [_is_text(table.column(i), parsed[i]) for i in range(table.width)]
    if all(text):
        raise BadInput(f"{table.name} holds no numbers: expected columns of readings, as in `Red,Green,Blue`")
    roles = _roles(table, keys, parsed, text, labelled)
    # A column that names the class would give the answer away.
    left_out = [i for i in range(table.width) if i not in roles.values() and (text[i] or keys[i] in _LABEL)]
    notes = [f"column {headers[i]} {'is text' if text[i] else 'names classes'} and was left out" for i in left_out]
    channels = [i for i in range(table.width) if i not in roles.values() and i not in left_out]
    channels = [i for i in channels if not (keys[i] in _INDEX and _is_index(parsed[i]))]
    if all(np.isnan(parsed[i]).all() for i in channels):
        raise BadInput(f"{table.name} holds no readings: every value is missing or no number")
    _note_bad_cells(table, channels, headers, parsed, notes)
    names, units = channel_names([headers[i] for i in channels])
    at = roles.get("time")
    time_s, time_note = _seconds(keys[at], parsed[at]) if at is not None else (None, "")
    return Columns(
        values=np.stack([parsed[i] for i in channels], axis=1),
        names=names,
        units=units,
        time_s=time_s,
        session=table.column(roles["session"]) if "session" in roles else None,
        label=table.column(roles["label"]) if "label" in roles else None,
        breaks=table.breaks,
        notes=notes + [time_note] * bool(time_note),
    )


def _is_text(cells: Sequence[str], values: np.ndarray) -> bool:
    words = sum(1 for cell, value in zip(cells, values, strict=True) if np.isnan(value) and cell.lower() not in MISSING)
    return words > len(cells) / 2


def _is_index(values: np.ndarray) -> bool:
    return len(values) > 2 and bool((np.diff(values) == 1).all())


def _roles(
    table: Table, keys: Sequence[str], parsed: Sequence[np.ndarray], text: Sequence[bool], labelled: bool
) -> dict[str, int]:
    roles: dict[str, int] = {}
    for i, key in enumerate(keys):
        if key in _TIME and not text[i]:
            roles.setdefault("time", i)
        elif key in _SESSION:
            roles.setdefault("session", i)
    if labelled:
        roles["label"] = _label_column(table, keys, parsed, text, set(roles.values()))
    return roles


def _label_column(
    table: Table, keys: Sequence[str], parsed: Sequence[np.ndarray], text: Sequence[bool], taken: set[int]
) -> int:
    named = [i for i, key in enumerate(keys) if key in _LABEL and i not in taken]
    words = [i for i in range(table.width) if text[i] and i not in taken]
    if named or len(words) == 1:
        return (named or words)[0]
    last = table.width - 1
    values = parsed[last]
    whole = not np.isnan(values).any() and bool((values == np.round(values)).all())
    # Class numbers in the last column are the habit of published data sets.
    if last not in taken and table.width > 1 and whole and 2 <= len(np.unique(values)) <= min(20, len(values) // 3):
        return last
    raise BadInput(f"{table.name} has no label column: name one `label`, or give a folder with one CSV file per class")


def _note_bad_cells(
    table: Table, channels: Sequence[int], headers: Sequence[str], parsed: Sequence[np.ndarray], notes: list[str]
) -> None:
    for i in channels:
        bad = [cell for cell, value in zip(table.column(i), parsed[i], strict=True) if np.isnan(value)]
        words = [cell for cell in bad if cell.lower() not in MISSING]
        if words:
            notes.append(f"{table.name}, column {headers[i]}: {len(words)} values are no numbers, as {words[0][:20]!r}")


def _seconds(key: str, values: np.ndarray) -> tuple[np.ndarray, str]:
    if key in _MICROSECONDS:
        return values / 1e6, ""
    if key in _MILLISECONDS:
        return values / 1e3, ""
    steps = np.diff(values)
    # Nothing that is worth recording happens at 1 Hz or less; Arduino's millis() counts in whole numbers.
    if key in _SOME_TIME and len(steps) and float(np.nanmedian(steps)) >= 1.0:
        return values / 1e3, "assumed: the time column counts milliseconds"
    return values, ""


def _are_series(tables: Sequence[Columns]) -> bool:
    """Motion, sessions and time stamps make recordings, unless labels change with nearly every row."""
    first = tables[0]
    motion = any(name.startswith(_MOTION) for name in first.names)
    colour = any(name.startswith("color.") for name in first.names)
    rows = sum(len(columns.values) for columns in tables)
    runs = sum(len(_recordings(columns)[0]) for columns in tables)
    in_order = 0 < runs <= rows / 8
    return in_order and (motion or first.session is not None or (first.time_s is not None and not colour))


def _recordings(columns: Columns) -> tuple[list[slice], float | None]:
    """Where recordings begin and end: at blank lines, changes of label or session, jumps in time; and their rate."""
    count = len(columns.values)
    cuts = {0, count, *columns.breaks}
    for cells in (columns.label, columns.session):
        if cells is not None:
            cuts |= {i for i in range(1, count) if cells[i] != cells[i - 1]}
    rate = None
    if columns.time_s is not None and count > 2:
        steps = np.diff(columns.time_s)
        forward = steps[steps > 0]
        period = float(np.median(forward)) if len(forward) else 0.0
        if period > 0.0:
            rate = round(1.0 / period, 3)
            cuts |= {int(i) + 1 for i in np.flatnonzero((steps < 0) | (steps > 5 * period))}
    edges = sorted(cuts)
    return [slice(a, b) for a, b in pairwise(edges) if b - a > 1], rate


def samples_of(parts: Sequence[tuple[str | None, Columns]], kind: Kind | None, whole_files: bool) -> Samples:
    """Put tables together: (class name, columns) each, or (None, columns) with a label column.

    `whole_files`: each table is one recording (folders of recordings). Raises BadInput when columns differ.
    """
    first = parts[0][1]
    whole_files = whole_files and any(len(columns.values) > 1 for _, columns in parts)
    series = kind == "series" if kind else whole_files or _are_series([columns for _, columns in parts])
    out = Samples("series" if series else "tabular", [], [], first.names, first.units)
    rates: list[float] = []
    tables = [_ordered(columns, first) for _, columns in parts]
    empty = np.all([np.isnan(values).all(axis=0) for values in tables], axis=0)
    if empty.any():
        out.names = tuple(name for name, e in zip(first.names, empty, strict=True) if not e)
        out.units = tuple(unit for unit, e in zip(first.units, empty, strict=True) if not e)
        out.notes.append(f"{int(empty.sum())} columns have no values and were left out")
    for (name, columns), table in zip(parts, tables, strict=True):
        values = table[:, ~empty]
        cuts, rate = _recordings(columns)
        rates += [rate] if rate else []
        if not series:
            cuts = [slice(i, i + 1) for i in range(len(values))]
        for cut in cuts:
            label = name if name is not None else (columns.label or [""])[cut.start]
            if label or name is not None:
                out.x.append(values[cut] if series else values[cut.start])
                out.labels.append(label)
        out.notes += [note for note in columns.notes if note not in out.notes]
    out.sample_rate_hz = float(np.median(rates)) if rates and series else None
    return with_enough_recordings(out) if series else out


def _ordered(columns: Columns, first: Columns) -> np.ndarray:
    if columns.names == first.names:
        return columns.values
    if sorted(columns.names) == sorted(first.names):
        return columns.values[:, [columns.names.index(name) for name in first.names]]
    one, other = ", ".join(first.names[:8]), ", ".join(columns.names[:8])
    raise BadInput(f"the files have different columns: {one} in one and {other} in another; give all the same")
