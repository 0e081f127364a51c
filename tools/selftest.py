"""The self-test's protocol over serial (templates/selftest.cpp.jinja is the other side), and its byte-exact comparison.

A line "~" + one input in hex is answered by "~" + the network's output in hex, "~?" by "~=" + who the firmware is.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.artifacts import Converted, Parity
from tools.identity import Identity
from tools.tflite_file import tflm_infer

WHO = "~?"
"""The question who the firmware is."""
# Searched for, not matched: the application may have printed the beginning of a line before.
_ANSWER = re.compile(r"~(?:([0-9A-Fa-f]+)|error: .*)$")
_IDENTITY = re.compile(r"~=(\S+) (\S+) ([0-9a-f]+) ([0-9a-f]+)$")


def questions(codes: NDArray[np.int8], converted: Converted, tflite: Path) -> tuple[list[str], NDArray[np.int8]]:
    """The line for each of N inputs and TFLM's outputs (N, classes) for them. `codes`: (N, ...) INT8."""
    expected = tflm_infer(tflite, codes.reshape(len(codes), *converted.input_shape)).reshape(len(codes), -1)
    return [request_line(vector) for vector in codes], expected


def request_line(vector: NDArray[np.int8]) -> str:
    """The question for one INT8 input vector."""
    return "~" + vector.astype(np.int8).tobytes().hex()


def read_answer(text: str) -> NDArray[np.int8] | None:
    """Output codes in a line of the board, none of them when it did not understand; None when it is no answer."""
    found = _ANSWER.search(text)
    if found is None:
        return None
    digits = found[1] or ""
    return np.frombuffer(bytes.fromhex(digits if len(digits) % 2 == 0 else ""), dtype=np.int8)


def read_identity(text: str) -> Identity | None:
    """Who the firmware is, from a line of the board; None when the line does not tell."""
    found = _IDENTITY.search(text)
    return Identity(name=found[1], board=found[2], model=found[3], sketch=found[4]) if found else None


def compare(answers: Sequence[NDArray[np.int8]], expected: NDArray[np.int8], on: str) -> Parity:
    """Byte for byte; a missing answer, or one of another length, counts as all its bytes wrong."""
    mismatches = 0
    for i, row in enumerate(expected):
        got = answers[i] if i < len(answers) else np.empty(0, dtype=np.int8)
        mismatches += len(row) if len(got) != len(row) else int((got != row).sum())
    return Parity(vectors=len(expected), bytes=int(expected.size), mismatches=mismatches, on=on)
