"""A firmware on the emulated board: every scene once, a minute of continuous running, then its use of memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hw.board import Board
from tools.artifacts import CheckResult, Decision, Emulation, Rule
from tools.checks import Check, minute_checks
from tools.demand import Demanded
from tools.emulate import HANG_MS, emulate
from tools.live import compare_live
from tools.memory_check import check_memory
from tools.oracle import compare, objections
from tools.progress import report
from tools.scenario import Scenario
from tools.shown import decide


@dataclass(frozen=True)
class Behaviour:
    """What the board is to do."""

    rules: tuple[Rule, ...]
    classes: tuple[str, ...]
    decision: Decision = field(default_factory=Decision)
    names: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Verified:
    """The outcome of each check, and the runs. `minute` is None where the first run already failed."""

    checks: tuple[CheckResult, ...]
    run: Emulation
    minute: Emulation | None = None

    @property
    def objections(self) -> list[CheckResult]:
        """The checks that the board fails."""
        return objections(self.checks)


def verify(
    elf: Path,
    board: Board,
    behaviour: Behaviour,
    scenario: Scenario,
    work_dir: Path,
    input_bytes: int = 0,
    whole: bool = False,
) -> Verified:
    """Run `elf` on the emulated `board` and compare it with what is demanded; tools.checks.checks_of lists the checks.

    `elf` lies in the build folder of tools.compile. `input_bytes`: of the network; 0: not known. The minute comes only
    when the scenes passed, the look at its memory only after both; with `whole` both come in any case. Raises what
    tools.emulate.emulate raises.
    """
    report("emulate", f"{scenario.until_ms / 1000:.0f} virtual seconds on the emulated {board.name}")
    hang_ms = HANG_MS + scenario.inference_ms
    run = emulate(elf, board, scenario.stimuli, scenario.until_ms, work_dir, hang_ms=hang_ms)
    demanded = _demanded(Demanded, behaviour, scenario)
    checks = compare(demanded, run, board, behaviour.classes, lambda r: scenario.phase_at(r.t_ms).kind)
    if (objections(checks) and not whole) or scenario.minute is None:
        return Verified(tuple(checks), run)
    long = scenario.minute
    report("emulate", f"{long.until_ms / 1000:.0f} virtual seconds without a stop, millis() rolling over in them")
    minute = emulate(elf, board, long.stimuli, long.until_ms, work_dir / "minute", hang_ms=hang_ms)
    checks += _minute(minute, board, behaviour, long)
    if whole or not objections(checks):
        report("emulate", "the scenes once more, with a build that looks at each access to memory")
        checks.append(check_memory(elf, board, scenario, input_bytes, work_dir / "memory"))
    return Verified(tuple(checks), run, minute)


def _demanded(kind: type[Demanded], behaviour: Behaviour, scenario: Scenario) -> Demanded:
    return kind(
        behaviour.rules, scenario.results, scenario.until_ms, scenario.events, behaviour.decision, behaviour.names
    )


def _minute(run: Emulation, board: Board, behaviour: Behaviour, long: Scenario) -> list[CheckResult]:
    seen = {
        "long_run": "" if run.status == "done" else f"{run.status} after {run.virtual_ms} ms: {run.reason}",
        "long_outputs": _outputs(run, board, behaviour, long),
        "long_heap": _heap(run, long),
        "live": _live(run, behaviour, long),
    }
    return [_result(check, seen[check.kind]) for check in minute_checks()]


def _result(check: Check, seen: str | None) -> CheckResult:
    if seen is None:
        return CheckResult(check=check.sentence, passed=False, exercised=False, seen="nothing could be compared")
    return CheckResult(check=check.sentence, passed=not seen, seen=seen)


def _outputs(run: Emulation, board: Board, behaviour: Behaviour, long: Scenario) -> str:
    demanded = _demanded(_rolling(long.rollover_ms or 0), behaviour, long)
    wrong = [c for c in objections(compare(demanded, run, board, behaviour.classes)) if not _is_run(c)]
    after = f" (millis() rolled over at {long.rollover_ms} ms)" if wrong and long.rollover_ms else ""
    return f"{wrong[0].check}: {wrong[0].seen}{after}" if wrong else ""


def _is_run(check: CheckResult) -> bool:
    return check.check.startswith("the board runs")


def _rolling(rollover_ms: int) -> type[Demanded]:
    """What is demanded where millis() is ahead of the time since reset, so that it rolls over then."""

    class Rolling(Demanded):
        def _field(self, part: str, t_ms: int) -> tuple[str | int | float, float]:
            value, tolerance = super()._field(part, t_ms)
            return ((t_ms - rollover_ms) % 2**32, tolerance) if part == "{ms}" else (value, tolerance)

    return Rolling


def _heap(run: Emulation, long: Scenario) -> str:
    warm = [size for t_ms, size in run.heap_growth if t_ms <= long.warm_ms]
    late = [(t_ms, size) for t_ms, size in run.heap_growth if t_ms > long.warm_ms]
    if not late:
        return ""
    t_ms, size = late[-1]
    return f"it grew from {warm[-1] if warm else 0} bytes at {long.warm_ms} ms to {size} at {t_ms} ms: memory leaks"


def _live(run: Emulation, behaviour: Behaviour, long: Scenario) -> str | None:
    pace = Decision(pace_ms=behaviour.decision.pace_ms)
    due = {result.t_ms for result in decide(list(long.results), pace)}
    pairs = [(r.t_ms, said) for r, said in zip(long.results, long.live, strict=True) if r.t_ms in due]
    if not any(said for _, said in pairs):
        return None
    times: Sequence[int] = [t_ms for t_ms, _ in pairs]
    return compare_live(times, [said for _, said in pairs], run.serial)[0]
