"""Timelines of the report as inline SVG: what the emulated board was given and did, and the hops of the run.

Not covered: which class was shown when, since no artefact says so; the stimuli themselves are drawn instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from hw.board import Board
from tools.artifacts import Emulation, PinEvent
from tools.stimuli import ANALOG, CHANNELS, PIN, Stimuli
from tools.svg import canvas, element, line, polyline, rect, text, ticks
from tools.trace import Span

_WIDTH, _LEFT = 1080, 96
_MOST_CHANNELS = 8
_MOST_POINTS = 600
_LETTER = 6.0
"""Width of a letter of the small size, about."""


@dataclass(frozen=True)
class _Axis:
    """Virtual milliseconds to picture units."""

    end_ms: int

    def x(self, t_ms: float) -> float:
        return _LEFT + min(t_ms / max(self.end_ms, 1), 1.0) * (_WIDTH - _LEFT - 8)


def board_timeline(run: Emulation, board: Board, stimuli: Stimuli) -> Markup:
    """Stimuli as curves, LEDs and driven pins as bars, serial lines as ticks, over virtual time."""
    axis = _Axis(run.virtual_ms)
    parts: list[Markup] = []
    y = 8.0
    for name, points in _channels(stimuli)[:_MOST_CHANNELS]:
        parts += _curve_row(name, points, axis, y)
        y += 26
    for name, class_, bars in _outputs(run.pins, board, run.virtual_ms):
        parts += _bar_row(name, class_, bars, axis, y)
        y += 22
    parts += _serial_row(run, axis, y)
    y += 40
    grid = [line(axis.x(t), 4, axis.x(t), y, "grid") for t in ticks(0, run.virtual_ms, 10)]
    grid += [text(axis.x(t), y + 16, f"{t / 1000:g} s", "tick", "middle") for t in ticks(0, run.virtual_ms, 10)]
    words = f"Emulated run of {run.virtual_ms} ms: stimuli, outputs and serial lines over virtual time"
    return canvas(_WIDTH, y + 24, words, *grid, *parts)


def _channels(stimuli: Stimuli) -> list[tuple[str, list[tuple[int, float]]]]:
    names = {number: name for name, number in CHANNELS.items()}
    rows: dict[int, list[tuple[int, float]]] = {}
    for t_ms, number, value in stimuli.values:
        rows.setdefault(number, []).append((t_ms, value))

    def name(number: int) -> str:
        kind = "analog" if number >= ANALOG else "pin"
        return names.get(number) or f"{kind}.{number - (ANALOG if number >= ANALOG else PIN)}"

    return [(name(number), points) for number, points in sorted(rows.items())]


def _curve_row(name: str, points: Sequence[tuple[int, float]], axis: _Axis, y: float) -> list[Markup]:
    values = [value for _, value in points]
    low, high = min(values), max(values)
    # What varies by less than a hundredth is flat to the eye, as it is to the board.
    span = max(high - low, 0.01 * max(abs(high), abs(low))) or 1.0
    stride = max(1, len(points) // _MOST_POINTS)
    placed = [(axis.x(t), y + 20 - 18 * (value - low) / span) for t, value in points[::stride]]
    # Sampled and held: a value stays until the next one.
    held = [p for (x0, y0), (x1, _) in pairwise(placed) for p in ((x0, y0), (x1, y0))]
    end = axis.x(axis.end_ms)
    return [
        text(_LEFT - 10, y + 14, name, "tick", "end"),
        polyline([*held, placed[-1], (end, placed[-1][1])], "stroke thin c6"),
        rect(_LEFT, y, end - _LEFT, 22, "hit", f"{name}: {low:g} to {high:g}"),
    ]


def _outputs(
    events: Sequence[PinEvent], board: Board, end_ms: int
) -> list[tuple[str, str, list[tuple[int, int, int]]]]:
    """(name, class, [(from, to, level)]) of each LED of the board, then of each other pin that was driven."""
    rows = []
    numbers = set()
    for name, led in board.leds.items():
        numbers.add(led.number)
        bars = _levels([e for e in events if e.pin == led.number], led.active == "low", end_ms)
        rows.append((f"{name} LED", f"led-{name}", bars))
    for number in sorted({e.pin for e in events} - numbers):
        bars = _levels([e for e in events if e.pin == number], False, end_ms)
        rows.append((f"pin {number}", "pin", bars))
    return rows


def _levels(events: Sequence[PinEvent], low_is_on: bool, end_ms: int) -> list[tuple[int, int, int]]:
    bars = []
    for i, event in enumerate(events):
        after = events[i + 1].t_ms if i + 1 < len(events) else end_ms
        full = 255 if event.mode == "pwm" else 1
        level = full - event.value if low_is_on else event.value
        if level and after > event.t_ms:
            bars.append((event.t_ms, after, level if event.mode == "pwm" else 255))
    return bars


def _bar_row(name: str, class_: str, bars: Sequence[tuple[int, int, int]], axis: _Axis, y: float) -> list[Markup]:
    parts = [
        text(_LEFT - 10, y + 13, name, "tick", "end"),
        line(_LEFT, y + 16, axis.x(axis.end_ms), y + 16, "grid"),
    ]
    for start, end, level in bars:
        duty = "" if level == 255 else f" at {level}"
        tip = f"{name} on{duty} from {start} to {end} ms"
        width = max(axis.x(end) - axis.x(start), 1.0)
        shade = None if level >= 255 else round(0.25 + 0.75 * level / 255, 3)
        parts.append(rect(axis.x(start), y + 4, width, 12, f"led {class_}", tip, fill_opacity=shade))
    return parts


def _serial_row(run: Emulation, axis: _Axis, y: float) -> list[Markup]:
    parts = [text(_LEFT - 10, y + 12, "serial", "tick", "end")]
    free, before = 0.0, None
    lines = [sent for sent in run.serial if not sent.text.startswith("~")]  # those are the self-test's answers
    if not lines:
        parts.append(text(_LEFT, y + 12, "nothing was printed", "tick"))
    for sent in lines:
        x = axis.x(sent.t_ms)
        parts.append(rect(x - 1, y + 2, 2, 12, "fill ink", f"{sent.t_ms} ms: {sent.text}"))
        shown = sent.text if len(sent.text) <= 18 else sent.text[:17] + "…"
        if sent.text != before and x >= free and x + _LETTER * len(shown) <= _WIDTH:
            parts.append(text(x, y + 28, shown, "tick"))
            free = x + _LETTER * len(shown) + 8
        before = sent.text
    return parts


# --- hops -------------------------------------------------------------------------------------------

_ROW = 22
_GAP_SECONDS = 5.0
"""An idle gap longer than this (a pause before `resume`) is drawn short, with a mark."""
_GAP_WIDTH = 18.0


class _Busy:
    """Wall-clock time without the long pauses between the hops."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._parts: list[tuple[float, float]] = []
        for span in sorted(spans, key=lambda s: s.started):
            end = span.started + span.seconds
            if self._parts and span.started - self._parts[-1][1] <= _GAP_SECONDS:
                self._parts[-1] = (self._parts[-1][0], max(self._parts[-1][1], end))
            else:
                self._parts.append((span.started, end))
        self.seconds = sum(end - start for start, end in self._parts)
        self._room = _WIDTH - 16 - _GAP_WIDTH * (len(self._parts) - 1)

    def x(self, moment: float) -> float:
        x, scale = 8.0, self._room / max(self.seconds, 1e-3)
        for i, (start, end) in enumerate(self._parts):
            x += _GAP_WIDTH * (i > 0)
            if moment <= end:
                return x + max(moment - start, 0.0) * scale
            x += (end - start) * scale
        return x

    def breaks(self) -> list[tuple[float, float]]:
        """(x of the mark, seconds left out) for each pause."""
        pauses = pairwise(self._parts)
        return [(self.x(after[0]) - _GAP_WIDTH / 2, after[0] - before[1]) for before, after in pauses]

    def axis(self) -> list[tuple[float, float]]:
        """(x, seconds of work until then) of round values."""
        marks = []
        for value in ticks(0, self.seconds, 10):
            left = value
            for start, end in self._parts:
                if left <= end - start:
                    marks.append((self.x(start + left), value))
                    break
                left -= end - start
        return marks


def lanes(spans: Sequence[Span]) -> dict[str, int]:
    """Row of each span by id: below its parent, and below what overlaps it, so that parallel hops do not cover."""
    rows: dict[str, int] = {}
    ends: list[float] = []
    for span in sorted(spans, key=lambda s: (s.started, -s.seconds)):
        row = rows[span.parent] + 1 if span.parent in rows else 0
        while row < len(ends) and ends[row] > span.started + 1e-3:
            row += 1
        ends += [0.0] * (row + 1 - len(ends))
        rows[span.id], ends[row] = row, span.started + span.seconds
    return rows


def hop_timeline(spans: Sequence[Span]) -> Markup:
    """Every span as a bar over the run's time, children below their parents."""
    busy, rows = _Busy(spans), lanes(spans)
    bottom = 6 + _ROW * (max(rows.values(), default=0) + 1)
    parts = [line(x, 2, x, bottom, "grid") for x, _ in busy.axis()]
    parts += [text(x, bottom + 16, f"{value:g} s", "tick", "middle" if x > 20 else "start") for x, value in busy.axis()]
    for x, pause in busy.breaks():
        parts.append(element("path", d=f"M{x - 2:.1f} 2 V{bottom} M{x + 2:.1f} 2 V{bottom}", class_="stroke thin c6"))
        parts.append(rect(x - 6, 2, 12, bottom, "hit", f"paused for {pause:.0f} s"))
    parts += [part for span in spans for part in _hop(span, busy, 4 + _ROW * rows[span.id])]
    words = f"{len(spans)} hops over {busy.seconds:.1f} s of work"
    return canvas(_WIDTH, bottom + 24, words, *parts)


def _hop(span: Span, busy: _Busy, y: float) -> list[Markup]:
    x = busy.x(span.started)
    width = max(busy.x(span.started + span.seconds) - x, 1.5)
    tip = f"{span.name} ({span.kind}), {span.seconds:g} s"
    if span.usage:
        used = span.usage
        tip += f", {used.get('model', '')}: {used.get('prompt_tokens', 0)} + {used.get('completion_tokens', 0)} tokens"
    if span.error:
        tip += f" · failed: {span.error[:200]}"
    parts = [rect(x, y, width, _ROW - 4, f"hop {span.kind}" + " failed" * bool(span.error), tip, rx=2)]
    if width > _LETTER * 1.1 * len(span.name) + 8:
        parts.append(text(x + 5, y + 13, span.name, "on"))
    return parts
