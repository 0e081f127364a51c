"""The emulated board's behaviour against the demanded one, check by check.

Covered: serial lines (text, count, order, time, baud), LEDs and pins (level at every moment, glitches), timing of
blinking and pulses. Not covered: PWM wave forms beyond their duty.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hw.board import Board
from tools.artifacts import CheckResult, Emulation
from tools.checks import Check, numbers_of, scene_checks
from tools.compare_outputs import actual, certain_spans, change_deviation, level_deviations, word
from tools.compare_serial import TOLERANCE_MS as TOLERANCE_MS
from tools.compare_serial import Deviation, match_rest, take_timed
from tools.demand import Demanded, is_sure
from tools.shown import Expected
from tools.sketch import BAUD
from tools.variants import Variants

BAUD_TOLERANCE = 0.03
"""An AVR's clock divides to 2.1 % more; beyond 3 % a receiver misreads bits (ATmega328P data sheet, table 20-2)."""
_NEVER = "the model gives this result nowhere in what is shown"

SceneAt = Callable[[Expected], str]
"""The kind of the scene that a result belongs to."""


def compare(
    demanded: Demanded,
    emulation: Emulation,
    board: Board,
    classes: Sequence[str] = (),
    scene_at: SceneAt | None = None,
) -> list[CheckResult]:
    """Each check of tools.checks.scene_checks, against what the emulated board did.

    `classes`: all, by default those among the results. `scene_at`: without it all is a scene of the result's class.
    A check that nothing could exercise is not passed and says so (`exercised` False).
    """
    found = _Found(demanded, emulation, board, scene_at or (lambda result: "class"))
    names = classes or [label for _, label in sorted({(r.index, r.label) for r in demanded.results})]
    checks = scene_checks(demanded.rules, names, board)
    if scene_at is None:
        checks = [check for check in checks if check.kind != "scene"]
    return [found.result(check) for check in checks]


def objections(checks: Sequence[CheckResult]) -> list[CheckResult]:
    """The checks that the board fails; those that nothing could exercise are not held against it."""
    return [check for check in checks if check.exercised and not check.passed]


class _Found:
    """What is wrong, by the check that it belongs to."""

    def __init__(self, demanded: Demanded, emulation: Emulation, board: Board, scene_at: SceneAt) -> None:
        self.demanded, self.emulation, self.board, self.scene_at = demanded, emulation, board, scene_at
        self.variants = Variants(demanded)
        self.wrong: dict[tuple[str | int, ...], str] = {}
        self.shown: set[tuple[str | int, ...]] = set()
        self._starts = [r.t_ms for r in demanded.results]
        for result in demanded.results:
            kind = scene_at(result)
            self.shown.add(("scene", kind))
            if kind == "class" and is_sure(result, demanded.rules):
                self.shown.add(("lines", result.label))
        self._run()
        self._outputs()
        self._serial()
        self._idle()

    def result(self, check: Check) -> CheckResult:
        """The outcome of one check."""
        key = (check.kind, *check.of)
        if check.kind in ("level", "lines", "scene") and key not in self.shown and key not in self.wrong:
            return CheckResult(check=check.sentence, passed=False, exercised=False, seen=_NEVER)
        return CheckResult(check=check.sentence, passed=key not in self.wrong, seen=self.wrong.get(key, ""))

    def _note(self, key: tuple[str | int, ...], text: str) -> None:
        self.wrong.setdefault(key, text)

    def _at(self, deviation: Deviation) -> Expected | None:
        """The result that a deviation belongs to."""
        if deviation.slot is not None:
            return self.demanded.results[deviation.slot]
        begun = [r for r in self.demanded.results if r.t_ms <= deviation.t_ms + TOLERANCE_MS // 2]
        return begun[-1] if begun else None

    def _run(self) -> None:
        run = self.emulation
        if run.status != "done":
            self._note(("run",), f"{run.status} after {run.virtual_ms} ms: {run.reason}")
        # Always: the self-test goes over it. None: not known.
        if run.baud == 0:
            self._note(("baud",), "it was never opened")
        elif run.baud is not None and abs(run.baud - BAUD) > BAUD * BAUD_TOLERANCE:
            self._note(("baud",), f"it runs at {run.baud:,} baud")

    def _outputs(self) -> None:
        results = self.demanded.results
        for key in self.demanded.outputs:
            seen, at = actual(self.emulation.pins, key, self.board), -1
            for start, end in certain_spans(self.variants, key):
                there = [r for r in results if start <= r.t_ms < end and is_sure(r, self.demanded.rules)]
                self.shown |= {self._of(r, ("level", *key)) for r in there}
            for t_ms, deviation in level_deviations(self.variants, key, seen):
                while at + 1 < len(results) and results[at + 1].t_ms <= t_ms:
                    at += 1
                if deviation is not None and not self._ambiguous(at, t_ms):
                    check = self._of(results[at], ("level", *key)) if at >= 0 else ("changes", *key)
                    self._note(check, deviation.text)
            problem = change_deviation(self.variants, key, seen)
            if problem:
                self._note(("changes", *key), problem)

    def _ambiguous(self, at: int, t_ms: int) -> bool:
        """Whether what happens so soon after a result may still be of the one before, which is of another check."""
        results = self.demanded.results
        if at < 1 or t_ms > results[at].t_ms + TOLERANCE_MS:
            return False
        return self._of(results[at], ()) != self._of(results[at - 1], ())

    def _of(self, result: Expected, check: tuple[str | int, ...]) -> tuple[str | int, ...]:
        kind = self.scene_at(result)
        return (*check, result.label) if kind == "class" else ("scene", kind)

    def _serial(self) -> None:
        said = [(line.t_ms, line.text) for line in self.emulation.serial if not line.text.startswith("~")]
        lines, until_ms = self.variants.lines(), self.demanded.until_ms
        timed = [w for w in lines if w.line.slot is None]
        left, missing = take_timed(timed, said, until_ms)
        for deviation in missing:
            self._note(("timed",), deviation.text)
        # What is due just before the end may come too late for it.
        last_ms = until_ms - TOLERANCE_MS
        wanted = [replace(w, certain=w.certain and w.line.t_ms < last_ms) for w in lines if w.line.slot is not None]
        for deviation in match_rest(wanted, timed, left):
            result = self._at(deviation)
            self._note(("start",) if result is None else self._of(result, ("lines",)), deviation.text)

    def _idle(self) -> None:
        """LEDs that no rule names must stay dark, and pins alone."""
        used = numbers_of(self.demanded.outputs, self.board)
        for name, led in self.board.leds.items():
            lit = [t for t, v in actual(self.emulation.pins, ("led", name), self.board).changes if v]
            if lit and led.number not in used:
                self._note(("dark", name), f"lit at {lit[0]} ms")
        leds = {led.number for led in self.board.leds.values()}
        for event in self.emulation.pins:
            if event.pin in self.board.digital_pins and event.pin not in used | leds and event.value:
                self._note(("pins",), f"{event.name} is {word(event.value)} at {event.t_ms} ms")
