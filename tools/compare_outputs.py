"""LEDs and pins against what is demanded of them: level at every moment, number and length of changes."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from hw.board import Board
from tools.artifacts import PinEvent
from tools.behaviour import Output, output_name
from tools.compare_serial import TOLERANCE_MS, Deviation
from tools.timeline import Timeline
from tools.variants import Variants

LENGTH_TOLERANCE_MS = 40
"""How far a pulse, or a series of flashes from its first edge to its last, may be off in length."""
_SAMPLE_MS = 10

Span = tuple[int, int]


def actual(events: Sequence[PinEvent], key: Output, board: Board) -> Timeline:
    """What the board did with an output: 1 is lit, whatever level lights it."""
    kind, name = key
    number = board.leds[str(name)].number if kind == "led" else int(name)
    low_is_on = kind == "led" and board.leds[str(name)].active == "low"
    last: dict[int, int] = {}
    for event in events:
        if event.pin == number:
            full = 1 if event.mode == "digital" else 255
            # Of a millisecond the last level counts: what lasts less, like an active-low LED between pinMode() and
            # digitalWrite(), nobody sees.
            last[event.t_ms] = full - event.value if low_is_on else event.value
    timeline = Timeline()
    for t_ms, level in last.items():
        timeline.set(t_ms, level)
    return timeline


def level_deviations(variants: Variants, key: Output, seen: Timeline) -> Iterator[tuple[int, Deviation | None]]:
    """(moment in ms, what is wrong then) for every moment at which the demanded level is certain."""
    wanted = variants.outputs(key)
    at = [_Levels(timeline) for timeline in wanted]
    done = _Levels(seen)
    edges = sorted({0, variants.base.until_ms} | {t_ms for timeline in wanted for t_ms, _ in timeline.changes})
    # Nothing is demanded before the first moment: outputs are set up in it.
    for start, end in pairwise(edges):
        levels = [levels.at(start) for levels in at]
        if max(levels) - min(levels) > wanted[0].tolerance:
            continue
        for t_ms in range(_up(start + TOLERANCE_MS + 1), end - TOLERANCE_MS, _SAMPLE_MS):
            level = done.at(t_ms)
            wrong = abs(level - levels[0]) > wanted[0].tolerance
            text = f"at {t_ms} ms the {output_name(key)} is {word(level)}, demanded {word(levels[0])}"
            yield t_ms, Deviation(t_ms, text) if wrong else None


def change_deviation(variants: Variants, key: Output, seen: Timeline) -> str:
    """What is wrong with the number of changes or the length of flashes and pulses, wherever certain; "": nothing."""
    wanted = variants.outputs(key)
    if wanted[0].tolerance:
        return ""
    spans = list(certain_spans(variants, key))
    inner = [edge for span in spans for edge in span if 0 < edge < variants.base.until_ms]
    cuts = sorted([*wanted[0].cuts, *inner])
    demanded, done = _net(wanted[0].changes, cuts), _net(seen.changes, cuts)
    for start, end in spans:
        open_ends = (start > 0, end < variants.base.until_ms)
        there = list(_trimmed(demanded, start, end, open_ends))
        here = list(_trimmed(done, start, end, open_ends))
        problems = [_compare_changes(a, b, wanted[0].runs) for a in there for b in here]
        if all(problems):
            return problems[0]
    return ""


def word(level: int) -> str:
    """A level in words: a duty as its number."""
    return {0: "off", 1: "on"}.get(level, str(level))


class _Levels:
    """A timeline for many look-ups."""

    def __init__(self, timeline: Timeline) -> None:
        self.times = [t_ms for t_ms, _ in timeline.changes]
        self.levels = [0, *(level for _, level in timeline.changes)]

    def at(self, t_ms: int) -> int:
        return self.levels[bisect_right(self.times, t_ms)]


def _up(t_ms: int) -> int:
    return -(-t_ms // _SAMPLE_MS) * _SAMPLE_MS


def _trimmed(
    changes: Sequence[tuple[int, int]], start: int, end: int, open_ends: tuple[bool, bool]
) -> Iterator[list[tuple[int, int]]]:
    """The changes of a stretch; near an end beyond which nothing is certain, also without those that may belong there.

    What happens at such an end itself says nothing.
    """
    inside = [c for c in changes if (start < c[0] or not open_ends[0]) and (c[0] < end or not open_ends[1])]
    zone = 2 * TOLERANCE_MS
    first = sum(c[0] < start + zone for c in inside) if open_ends[0] else 0
    last = sum(c[0] > end - zone for c in inside) if open_ends[1] else 0
    for head in range(first + 1):
        for tail in range(last + 1):
            if head + tail <= len(inside):
                yield inside[head : len(inside) - tail]


def certain_spans(variants: Variants, key: Output) -> Iterator[Span]:
    """The stretches of time in which the demanded level of an output is certain."""
    timelines, until_ms = variants.outputs(key), variants.base.until_ms
    if len(timelines) == 1:
        yield 0, until_ms
        return
    levels = [_Levels(timeline) for timeline in timelines]
    edges = sorted({0} | {t_ms for timeline in timelines for t_ms, _ in timeline.changes if t_ms < until_ms})
    start: int | None = None
    for t_ms in edges:
        same = len({level.at(t_ms) for level in levels}) == 1
        if same and start is None:
            start = t_ms
        elif not same and start is not None:
            yield start, t_ms
            start = None
    if start is not None:
        yield start, until_ms


def _compare_changes(
    demanded: Sequence[tuple[int, int]], done: Sequence[tuple[int, int]], runs: Sequence[Sequence[int]]
) -> str:
    if [level for _, level in demanded] != [level for _, level in done]:
        where = next((t for (t, a), (_, b) in zip(demanded, done, strict=False) if a != b), None)
        first = f" from {where} ms on" if where is not None else ""
        return f"{len(done)} changes, demanded {len(demanded)}{first}"
    at = {t_ms: k for k, (t_ms, _) in enumerate(demanded)}
    for run in runs:
        edges = [at[t_ms] for t_ms in run if t_ms in at]
        if len(edges) < 2:
            continue
        length, lasted = (c[edges[-1]][0] - c[edges[0]][0] for c in (demanded, done))
        if abs(length - lasted) > LENGTH_TOLERANCE_MS:
            return f"at {run[0]} ms {len(edges)} changes take {lasted} ms, demanded {length} ms"
    return ""


def _net(changes: Sequence[tuple[int, int]], cuts: Sequence[int]) -> list[tuple[int, int]]:
    """The changes with what happens around a cut reduced to its outcome, at the cut."""
    moved = {}
    for t_ms, level in changes:
        k = bisect_right(cuts, t_ms - TOLERANCE_MS - 1)
        near = k < len(cuts) and cuts[k] <= t_ms + TOLERANCE_MS
        moved[cuts[k] if near else t_ms] = level
    net = Timeline()
    for t_ms, level in moved.items():
        net.set(t_ms, level)
    return net.changes
