"""Whether a firmware touches memory that is not its own: its checked build shown every scene, self-test lines between.

Only that is looked at: it is slower than the firmware itself, so that what it does comes late.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from hw.board import Board
from tools.artifacts import CheckResult, Emulation
from tools.checked import checked_build
from tools.checks import memory_check
from tools.emulate import emulate
from tools.errors import Fixable
from tools.live import REQUEST
from tools.scenario import Scenario
from tools.selftest import WHO, request_line
from tools.shown import Expected

_ROUNDS = 4
"""Each kind of line comes so often."""
_TOO_MUCH = 8
"""Bytes by which a line is longer than the network's input."""
_NO_ROOM = ("stack overflow", "out of memory")
"""What the checked build may run into only because it needs more memory than the firmware."""


def check_memory(elf: Path, board: Board, scenario: Scenario, input_bytes: int, work_dir: Path) -> CheckResult:
    """Build `elf` (of tools.compile, for the emulated `board`) once more, with checks, and show it the scenario.

    `input_bytes`: of the network, for self-test lines of the right length; 0: not known. Where this build does not
    come about or does not fit, nothing is held against the firmware (`exercised` False).
    """
    sentence = memory_check().sentence
    try:
        checked = checked_build(elf)
    except Fixable as error:
        return CheckResult(check=sentence, passed=False, exercised=False, seen=str(error))
    lines = between(scenario.results, lines_of(input_bytes) * _ROUNDS)
    run = emulate(checked, board, scenario.stimuli, scenario.until_ms, work_dir, hang_ms=0, lines=lines)
    if run.status == "timeout" or run.reason.startswith(_NO_ROOM):
        return CheckResult(check=sentence, passed=False, exercised=False, seen=f"the checked build {_seen(run)}")
    return CheckResult(check=sentence, passed=run.status == "done", seen="" if run.status == "done" else _seen(run))


def _seen(run: Emulation) -> str:
    # On an AVR the compiler calls abort() where an index is out of bounds; the firmware's own calls show before.
    reason = run.reason.replace("abort() called", "memory fault: index outside of an array")
    return f"{run.status} after {run.virtual_ms} ms: {reason}"


def lines_of(input_bytes: int) -> list[str]:
    """Self-test lines as they come, broken off, and too long for an input of so many bytes."""
    codes = np.random.default_rng(0).integers(-128, 128, input_bytes + _TOO_MUCH).astype(np.int8)
    whole = [request_line(codes[:input_bytes]), request_line(codes)] if input_bytes else []
    return [*whole, WHO, request_line(codes[: max(1, input_bytes // 2)]), REQUEST]


def between(results: Sequence[Expected], lines: Sequence[str]) -> list[tuple[int, str]]:
    """Each line with the time (ms) at which it is sent: spread evenly, in the middle between two results."""
    middles = [(a.t_ms + b.t_ms) // 2 for a, b in pairwise(results)]
    if not middles:
        return []
    places = np.linspace(0, len(middles) - 1, len(lines)).astype(int)
    return [(middles[place], line) for place, line in zip(places, lines, strict=True)]
