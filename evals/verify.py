"""The suite `verify`: does the chain compile -> emulate -> compare -> golden vectors catch faults in firmware?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.faults import Fault, seed
from hw.board import Board
from tools.artifacts import Converted, Rule
from tools.compile import compile_sketch
from tools.demand import Demanded
from tools.emulate import emulate
from tools.golden import check_on_board
from tools.oracle import compare
from tools.scenario import Scenario


@dataclass(frozen=True)
class Working:
    """A firmware that works, and all that is needed to prove it."""

    folder: Path
    board: Board
    rules: tuple[Rule, ...]
    scenario: Scenario
    converted: Converted
    tflite: Path
    samples: np.ndarray
    """(N, *input_shape) for golden vectors."""
    build_dir: Path


def objection(firmware: Working, folder: Path | None = None) -> str:
    """The first check that a sketch (by default the unchanged one) fails, as graph/firmware.py runs them; "": none."""
    board, work = firmware.board, firmware.build_dir
    build = compile_sketch(folder or firmware.folder, board, work)
    if not build.ok:
        return "compiler: " + (build.diagnostics[0].message if build.diagnostics else "no message")
    scenario = firmware.scenario
    run = emulate(Path(build.elf), board, scenario.stimuli, scenario.until_ms, work / "run")
    demanded = Demanded(firmware.rules, scenario.results, scenario.until_ms)
    failed = [check for check in compare(demanded, run, board) if not check.passed]
    if failed:
        return f"{failed[0].check}: {failed[0].seen}"
    parity, _ = check_on_board(
        Path(build.elf), board, firmware.converted, firmware.tflite, firmware.samples, work / "run"
    )
    return f"golden vectors: {parity.mismatches} of {parity.bytes} bytes differ" if parity.mismatches else ""


def caught_by(firmware: Working, fault: Fault) -> str:
    """What the chain objects to in the firmware with this fault; "": the fault slips through."""
    target = firmware.build_dir.parent / "faulty" / firmware.folder.name
    return objection(firmware, seed(firmware.folder, fault, target))
