"""Golden vectors on the board: real test inputs through the linked firmware, compared byte for byte with TFLM."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hw.board import Board
from tools.artifacts import Converted, Emulation, Parity
from tools.emulate import emulate
from tools.quantise import quantise
from tools.store import write_text
from tools.tflite_file import tflm_infer

VECTORS = 120
BYTES_PER_MS = 11.5
"""Serial line at 115,200 baud, ten bits a byte."""
MARGIN_MS = 30
BOOT_MS = 200


def request_line(vector: np.ndarray) -> str:
    """The self-test's question for one INT8 input vector."""
    return "~" + vector.astype(np.int8).tobytes().hex()


def check_on_board(
    elf: Path, board: Board, converted: Converted, tflite: Path, x: np.ndarray, work_dir: Path
) -> tuple[Parity, Emulation]:
    """Send the first VECTORS inputs to the emulated board's self-test and compare its answers.

    `x`: (N, *input_shape) float32 features, real samples. A missing or malformed answer counts as all its bytes wrong.
    """
    x = x[:VECTORS]
    vectors = quantise(x, converted.input_scale, converted.input_zero_point).reshape(len(x), -1)
    expected = tflm_infer(tflite, vectors.reshape(len(x), *converted.input_shape)).reshape(len(x), -1)
    lines = [request_line(v) for v in vectors]
    step = int(len(lines[0]) / BYTES_PER_MS) + MARGIN_MS
    stimuli = "t_ms,serial\n" + "".join(f"{BOOT_MS + i * step},{line}\n" for i, line in enumerate(lines))
    path = write_text(work_dir / "golden.csv", stimuli)
    run = emulate(elf, board, path, BOOT_MS + (len(lines) + 20) * step, work_dir)
    answers = [line.text for line in run.serial if line.text.startswith("~")]
    return _compare(answers, expected, board.id), run


def _compare(answers: Sequence[str], expected: np.ndarray, where: str) -> Parity:
    mismatches = 0
    for i, row in enumerate(expected):
        try:
            got = np.frombuffer(bytes.fromhex(answers[i][1:]), dtype=np.int8)
        except (IndexError, ValueError):
            got = np.empty(0, dtype=np.int8)
        mismatches += len(row) if len(got) != len(row) else int((got != row).sum())
    return Parity(vectors=len(expected), bytes=int(expected.size), mismatches=mismatches, on=f"{where} (emulated)")
