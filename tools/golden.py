"""Golden vectors on the emulated board: real test inputs through the linked firmware, byte for byte with TFLM."""

from collections.abc import Sequence
from math import prod
from pathlib import Path

import numpy as np

from hw.board import Board
from tools.artifacts import Converted, Emulation, Parity
from tools.emulate import HANG_MS, emulate
from tools.quantise import quantise
from tools.selftest import compare, questions, read_answer, request_line
from tools.store import write_text
from tools.trace import traced_tool

VECTORS = 120
_MOST_NS_PER_MAC = {"qemu": 2_000, "simavr": 100_000}
"""An inference takes less on an emulated board (by its kind): 100 to 900 ns, up to 40 us."""
BYTES_PER_MS = 11.5
"""Serial line at 115,200 baud, ten bits a byte."""
MARGIN_MS = 30
BOOT_MS = 200


@traced_tool
def check_on_board(
    elf: Path,
    board: Board,
    converted: Converted,
    tflite: Path,
    x: np.ndarray,
    work_dir: Path,
    compute_ms: int = 0,
) -> tuple[Parity, Emulation]:
    """Send the first VECTORS inputs to the emulated board's self-test and compare its answers.

    `x`: (N, *input_shape) float32 features, real samples. `compute_ms`: that a large network takes for each. A missing
    or malformed answer counts as all its bytes wrong.
    """
    lines, expected = questions(codes_of(x, converted), converted, tflite)
    step = int(len(lines[0]) / BYTES_PER_MS) + MARGIN_MS + compute_ms
    run = _ask(elf, board, lines, step, (len(lines) + 20) * step, HANG_MS + compute_ms, work_dir)
    answers = [answer for line in run.serial if (answer := read_answer(line.text)) is not None]
    return compare(answers, expected, f"{board.id} (emulated)"), run


def inference_ms(elf: Path, board: Board, converted: Converted, work_dir: Path) -> int:
    """How long the emulated board computes on one input, told by how much later it answers than it refuses one.

    For firmware whose sensor needs no time to begin. Raises RuntimeError when its self-test does not answer.
    """
    codes = np.zeros(prod(converted.input_shape) + 1, dtype=np.int8)
    lines = [request_line(codes), request_line(codes[:-1])]
    assert board.emulator is not None  # emulate() refuses such a board
    most_ms = MARGIN_MS + converted.macs * _MOST_NS_PER_MAC[board.emulator.kind] // 1_000_000
    step = int(len(lines[0]) / BYTES_PER_MS) + MARGIN_MS
    run = _ask(elf, board, lines, step, 2 * step + most_ms, HANG_MS + most_ms, work_dir)
    told = [line for line in run.serial if line.text.startswith("~")]
    if len(told) != len(lines) or read_answer(told[1].text) is None:
        raise RuntimeError(f"the self-test of {elf.name} does not answer: {run.status} {run.reason}".rstrip())
    return max(0, told[1].t_ms - told[0].t_ms - step)


def _ask(
    elf: Path, board: Board, lines: Sequence[str], step_ms: int, length_ms: int, hang_ms: int, work_dir: Path
) -> Emulation:
    """Send the self-test a line each `step_ms`, and end the run `length_ms` after the first."""
    # A camera module is plugged in only where the stimuli have its column; without it the firmware waits for one.
    header, tail = ("t_ms,serial,camera\n", ",\n") if "camera" in board.sensors else ("t_ms,serial\n", "\n")
    stimuli = header + "".join(f"{BOOT_MS + i * step_ms},{line}{tail}" for i, line in enumerate(lines))
    path = write_text(work_dir / "golden.csv", stimuli)
    return emulate(elf, board, path, BOOT_MS + length_ms, work_dir, hang_ms=hang_ms)


def codes_of(x: np.ndarray, converted: Converted) -> np.ndarray:
    """The first VECTORS of `x`, (N, *input_shape) float32, as the network's INT8 inputs (n, bytes)."""
    x = x[:VECTORS]
    return quantise(x, converted.input_scale, converted.input_zero_point).reshape(len(x), -1)


def golden_samples(arrays: Path) -> np.ndarray:
    """Real samples for golden vectors from a run's data/arrays.npz: the test split, then validation, then training."""
    with np.load(arrays) as stored:
        return np.concatenate([stored["x_test"], stored["x_validation"], stored["x_train"]])
