"""Scorer of the suite `sg`: what the emulated board did against what a case says a person must see.

Independent of the system's rules and interpreter. Version 1; tolerances are these constants, the same for all cases.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from evals.sg_case import Case, Lines, Output, Phase, See, pin_of
from evals.sg_lines import CONFIDENCE_TOLERANCE, objection_to_lines
from hw.board import Board
from tools.artifacts import Emulation

VERSION = 1
DUTY_TOLERANCE = 6
"""Of 255, for values that the request names."""
TIME_SHARE, TIME_MS = 0.1, 60
"""How far a moment may be off, besides one and a half results: what is decided at a result comes with a result."""
LENGTH_SHARE, LENGTH_MS = 0.25, 60
"""How far the length of a flash may be off: the larger of both."""
BLINKS = 3
"""Flashes in a step that count as blinking."""


@dataclass
class Trace:
    """Levels 0..255 of one output over time; off before the first change."""

    times: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)

    def at(self, t_ms: int) -> int:
        """Level just before `t_ms`."""
        k = bisect_right(self.times, t_ms - 1)
        return self.levels[k - 1] if k else 0

    def edges(self, start_ms: int, end_ms: int) -> list[tuple[int, bool]]:
        """(time, goes on) of each change between dark and lit in a span."""
        found, lit = [], self.at(start_ms) > 0
        for t_ms, level in zip(self.times, self.levels, strict=True):
            if start_ms <= t_ms < end_ms and (level > 0) != lit:
                lit = level > 0
                found.append((t_ms, lit))
        return found


def traces(emulation: Emulation, board: Board) -> dict[int, Trace]:
    """What each pin did, LEDs by what a person sees; what lasts less than a millisecond nobody sees."""
    inverted = {led.number for led in board.leds.values() if led.active == "low"}
    found: dict[int, dict[int, int]] = {}
    for event in emulation.pins:
        level = event.value if event.mode == "pwm" else 255 * min(1, event.value)
        level = 255 - level if event.pin in inverted else level
        found.setdefault(event.pin, {})[event.t_ms] = level
    return {pin: Trace(list(levels), list(levels.values())) for pin, levels in found.items()}


def judge(case: Case, phases: Sequence[Phase], emulation: Emulation, board: Board) -> list[str]:
    """What a person would object to, a sentence each; empty: the device works as the case wants.

    Of several readings of the request, the one that fits best counts.
    """
    if emulation.status != "done":
        return [f"the board ends with {emulation.status} after {emulation.virtual_ms} ms: {emulation.reason}"]
    seen = _Seen(case, phases, emulation, board)
    return min((seen.objections(reading) for reading in range(case.readings())), key=len)


class _Seen:
    def __init__(self, case: Case, phases: Sequence[Phase], emulation: Emulation, board: Board) -> None:
        self.case, self.phases, self.board = case, phases, board
        self.traces = traces(emulation, board)
        lines = [(line.t_ms, line.text.strip()) for line in emulation.serial]
        self.lines = [(t, text) for t, text in lines if text and not text.startswith("~")]
        self.names = {led.number: f"{name} LED" for name, led in reversed(board.leds.items())}

    def objections(self, reading: int) -> list[str]:
        """Of all steps, under one reading of the request."""
        found = []
        for number, (step, phase) in enumerate(zip(self.case.scene, self.phases, strict=True), start=1):
            see = step.any_of[reading] if step.any_of else step.see
            start_ms = 0 if number == 1 else phase.start_ms
            for objection in (*self._outputs(see, phase, start_ms), *self._serial(see.serial, phase, start_ms)):
                found.append(f"step {number} ({phase.title}): {objection}")
        return found

    def _outputs(self, see: See, phase: Phase, start_ms: int) -> list[str]:
        wanted = {pin: self._wanted(pin, see) for pin in sorted({*self.traces, *self._named(see)})}
        return [
            f"{self.names.get(pin, f'pin {pin}')} {what}"
            for pin, want in wanted.items()
            if (what := _objection(want, self.traces.get(pin, Trace()), phase, start_ms, self.case.result_ms()))
        ]

    def _named(self, see: See) -> set[int]:
        parts = (see.out, see.flashes, see.flash_ms, see.duty, see.on_after_ms, see.off_after_ms)
        return {pin_of(output, self.board) for part in parts for output in part}

    def _wanted(self, pin: int, see: See) -> "_Want":
        def of(values: Mapping[Output, Any]) -> Any:
            return next((value for output, value in values.items() if pin_of(output, self.board) == pin), None)

        return _Want(
            of(see.out), of(see.flashes), of(see.flash_ms), of(see.duty), of(see.on_after_ms), of(see.off_after_ms)
        )

    def _serial(self, wanted: Lines, phase: Phase, start_ms: int) -> list[str]:
        if wanted.anything:
            return []
        got = [(t, text) for t, text in self.lines if start_ms <= t < phase.end_ms]
        what = objection_to_lines(wanted, got, phase, self.case.result_ms())
        return [what] if what else []


# --- outputs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Want:
    out: Literal["on", "off", "blink", "any"] | None
    flashes: int | None
    flash_ms: int | tuple[int, ...] | None
    duty: int | tuple[int, int] | str | None
    on_after_ms: int | None
    off_after_ms: int | None

    def level(self) -> str:
        """At the end of the step."""
        if self.out:
            return self.out
        if self.duty is not None:
            return "any"
        return "on" if self.on_after_ms is not None and self.off_after_ms is None else "off"

    def changes(self) -> int | None:
        """At most so many in the step; None: any number."""
        if self.flashes is not None or self.level() in ("any", "blink"):
            return None
        return 2 if self.on_after_ms is not None and self.off_after_ms is not None else 1


def _objection(want: _Want, trace: Trace, phase: Phase, start_ms: int, result_ms: int) -> str:
    edges = trace.edges(start_ms, phase.end_ms)
    rises = [t for t, lit in edges if lit]
    falls = [t for t, lit in edges if not lit]
    lit = trace.at(phase.end_ms) > 0
    changes, level = want.changes(), want.level()
    if want.flashes is not None and len(rises) != want.flashes:
        return f"goes on {len(rises)} times, wanted {want.flashes}"
    if level == "blink" and len(rises) < BLINKS:
        return f"goes on {len(rises)} times, wanted blinking"
    if level in ("on", "off") and lit != (level == "on"):
        return f"is {'on' if lit else 'off'} at the end, wanted {level}"
    if changes is not None and len(edges) > changes:
        return f"changes {len(edges)} times, wanted {level} without flicker"
    if want.duty is not None and not _duty_fits(want.duty, trace.at(phase.end_ms), phase.confidence):
        return f"has duty {trace.at(phase.end_ms)} of 255, wanted {_duty_words(want.duty, phase.confidence)}"
    return (
        _moment_objection("on", rises, want.on_after_ms, phase, result_ms)
        or _moment_objection("off", falls, want.off_after_ms, phase, result_ms)
        or _length_objection(want.flash_ms, rises[:-1] if level == "blink" else rises, trace)
    )


def _duty_fits(wanted: int | tuple[int, int] | str, level: int, confidence: float) -> bool:
    if isinstance(wanted, tuple):
        return wanted[0] <= level <= wanted[1]
    if isinstance(wanted, str):
        return abs(level - 255 * confidence) <= 255 * CONFIDENCE_TOLERANCE
    return abs(level - wanted) <= DUTY_TOLERANCE


def _duty_words(wanted: int | tuple[int, int] | str, confidence: float) -> str:
    if isinstance(wanted, tuple):
        return f"{wanted[0]} to {wanted[1]}"
    return f"about {round(255 * confidence)}" if isinstance(wanted, str) else str(wanted)


def _moment_objection(what: str, times: Sequence[int], wanted: int | None, phase: Phase, result_ms: int) -> str:
    if wanted is None:
        return ""
    if not times:
        return f"does not go {what}, wanted after {wanted} ms"
    after = times[0] - phase.start_ms
    if abs(after - wanted) > max(TIME_MS, TIME_SHARE * wanted) + 1.5 * result_ms:
        return f"goes {what} after {after} ms, wanted after {wanted} ms"
    return ""


def _length_objection(wanted: int | tuple[int, ...] | None, rises: Sequence[int], trace: Trace) -> str:
    if wanted is None:
        return ""
    if not rises:
        return f"does not go on, wanted for {wanted} ms"
    for rise, length in zip(rises, wanted if isinstance(wanted, tuple) else [wanted] * len(rises), strict=False):
        fall = next((t for t, level in zip(trace.times, trace.levels, strict=True) if t > rise and level == 0), None)
        if fall is None:
            return f"went on at {rise} ms and stays on, wanted {length} ms"
        if abs(fall - rise - length) > max(LENGTH_MS, LENGTH_SHARE * length):
            return f"is on for {fall - rise} ms, wanted {length} ms"
    return ""
