"""LEDs and pins against what is demanded of them: level at every moment, number and length of changes."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from hw.board import Board
from tools.align_changes import Change, compare_changes
from tools.artifacts import PinEvent
from tools.behaviour import Output, output_name
from tools.compare_serial import TOLERANCE_MS, Deviation
from tools.timeline import Timeline, stretches
from tools.variants import Variants

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
    until_ms = variants.base.until_ms
    before, done = _Levels(wanted[0]), _Levels(seen)
    demanded = visible(wanted[0].changes)
    for start, end in certain_spans(variants, key):
        loose = [edge for edge in (start, end) if edge > 0]  # the end of the run too: an edge may just be due
        there, here = (_inside(changes, start, end, until_ms) for changes in (demanded, seen.changes))
        held = (before.at(start), done.at(start)) if start > 0 else (0, 0)
        problem = compare_changes(there, here, wanted[0].cuts, loose, wanted[0].runs, held)
        if problem:
            return problem
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


def visible(changes: Sequence[Change]) -> list[Change]:
    """The changes without those that are undone in the same millisecond, as two rules may do; as of what was seen."""
    last = dict(changes)  # of each moment the last
    levels = [0, *last.values()]
    return [(t_ms, level) for before, (t_ms, level) in zip(levels, last.items(), strict=False) if level != before]


def _inside(changes: Sequence[Change], start: int, end: int, until_ms: int) -> list[Change]:
    """The changes of a stretch; what happens at an end beyond which nothing is certain says nothing."""
    return [c for c in changes if (start < c[0] or start <= 0) and (c[0] < end or end >= until_ms)]


def certain_spans(variants: Variants, key: Output) -> Iterator[Span]:
    """The stretches of time in which the demanded level of an output is certain."""
    timelines, until_ms = variants.outputs(key), variants.base.until_ms
    if len(timelines) == 1:
        yield 0, until_ms
        return
    levels = [_Levels(timeline) for timeline in timelines]
    edges = sorted({0} | {t_ms for timeline in timelines for t_ms, _ in timeline.changes if t_ms < until_ms})
    yield from stretches(edges, lambda t_ms: len({level.at(t_ms) for level in levels}) == 1, until_ms)
