"""Golden vectors on the emulated board: real test inputs through the linked firmware, byte for byte with TFLM."""

from pathlib import Path

import numpy as np

from hw.board import Board
from tools.artifacts import Converted, Emulation, Parity
from tools.emulate import emulate
from tools.quantise import quantise
from tools.selftest import compare, questions, read_answer
from tools.store import write_text
from tools.trace import traced_tool

VECTORS = 120
BYTES_PER_MS = 11.5
"""Serial line at 115,200 baud, ten bits a byte."""
MARGIN_MS = 30
BOOT_MS = 200


@traced_tool
def check_on_board(
    elf: Path, board: Board, converted: Converted, tflite: Path, x: np.ndarray, work_dir: Path
) -> tuple[Parity, Emulation]:
    """Send the first VECTORS inputs to the emulated board's self-test and compare its answers.

    `x`: (N, *input_shape) float32 features, real samples. A missing or malformed answer counts as all its bytes wrong.
    """
    lines, expected = questions(codes_of(x, converted), converted, tflite)
    step = int(len(lines[0]) / BYTES_PER_MS) + MARGIN_MS
    # A camera module is plugged in only where the stimuli have its column; without it the firmware waits for one.
    header, tail = ("t_ms,serial,camera\n", ",\n") if "camera" in board.sensors else ("t_ms,serial\n", "\n")
    stimuli = header + "".join(f"{BOOT_MS + i * step},{line}{tail}" for i, line in enumerate(lines))
    path = write_text(work_dir / "golden.csv", stimuli)
    run = emulate(elf, board, path, BOOT_MS + (len(lines) + 20) * step, work_dir)
    answers = [answer for line in run.serial if (answer := read_answer(line.text)) is not None]
    return compare(answers, expected, f"{board.id} (emulated)"), run


def codes_of(x: np.ndarray, converted: Converted) -> np.ndarray:
    """The first VECTORS of `x`, (N, *input_shape) float32, as the network's INT8 inputs (n, bytes)."""
    x = x[:VECTORS]
    return quantise(x, converted.input_scale, converted.input_zero_point).reshape(len(x), -1)


def golden_samples(arrays: Path) -> np.ndarray:
    """Real samples for golden vectors from a run's data/arrays.npz: the test split, then validation, then training."""
    with np.load(arrays) as stored:
        return np.concatenate([stored["x_test"], stored["x_validation"], stored["x_train"]])
