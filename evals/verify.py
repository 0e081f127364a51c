"""The chain compile -> scenes, minute, memory on the emulated board -> golden vectors, as graph/firmware.py runs it."""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from evals.equivalence import image_digest
from evals.faults import Fault, seed
from hw.board import Board
from tools.artifacts import Converted
from tools.compile import compile_sketch
from tools.golden import check_on_board
from tools.scenario import Scenario
from tools.verify import Behaviour, verify


@dataclass(frozen=True)
class Working:
    """A firmware that works, and all that is needed to prove it."""

    folder: Path
    board: Board
    behaviour: Behaviour
    scenario: Scenario
    converted: Converted
    tflite: Path
    samples: np.ndarray
    """(N, *input_shape) for golden vectors."""
    build_dir: Path


@dataclass(frozen=True)
class Verdict:
    """What the chain says about a sketch."""

    objection: str
    """Of the first check that it fails; "": none."""
    image: str = ""
    """Digest of the machine code; "": it does not compile."""


def verdict(firmware: Working, folder: Path | None = None, unless_image: str = "") -> Verdict:
    """Compile and check a sketch, by default the unchanged one; not checked where it compiles to `unless_image`."""
    build = compile_sketch(folder or firmware.folder, firmware.board, firmware.build_dir)
    if not build.ok:
        return Verdict("compiler: " + (build.diagnostics[0].message if build.diagnostics else "no message"))
    image = image_digest(Path(build.elf))
    return Verdict("" if image == unless_image else _checked(firmware, Path(build.elf)), image)


def _checked(firmware: Working, elf: Path) -> str:
    board, work = firmware.board, firmware.build_dir / "run"
    input_bytes = prod(firmware.converted.input_shape)
    failed = verify(elf, board, firmware.behaviour, firmware.scenario, work, input_bytes).objections
    if failed:
        return f"{failed[0].check}: {failed[0].seen}"
    parity, _ = check_on_board(elf, board, firmware.converted, firmware.tflite, firmware.samples, work)
    return f"golden vectors: {parity.mismatches} of {parity.bytes} bytes differ" if parity.mismatches else ""


def objection(firmware: Working, folder: Path | None = None) -> str:
    """The first check that a sketch (by default the unchanged one) fails; "": none."""
    return verdict(firmware, folder).objection


def faulty(firmware: Working, fault: Fault) -> Path:
    """The sketch with the fault in it, in a folder that the next fault overwrites."""
    return seed(firmware.folder, fault, firmware.build_dir.parent / "faulty" / firmware.folder.name)


def caught_by(firmware: Working, fault: Fault) -> str:
    """What the chain objects to in the firmware with this fault; "": the fault slips through."""
    return objection(firmware, faulty(firmware, fault))
