"""The proof that the C computes what the model computes: byte for byte against TFLM, the ground truth of a device."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.artifacts import Parity
from tools.errors import Setup
from tools.process import find, run
from tools.progress import report

# Relative names: the same driver runs on a host and, by semihosting, on an emulated bare core.
DRIVER = """#include <stdio.h>

#include "model.h"

static int8_t input[MODEL_INPUT_BYTES];
static int8_t output[MODEL_CLASSES];

int main(void) {
    FILE *from = fopen("inputs.bin", "rb");
    FILE *to = fopen("outputs.bin", "wb");
    if (from == NULL || to == NULL) return 1;
    while (fread(input, 1, sizeof input, from) == sizeof input) {
        model_infer(input, output);
        if (fwrite(output, 1, sizeof output, to) != sizeof output) return 2;
    }
    fclose(from);
    return fclose(to);
}
"""
MINIMUM_VECTORS = 100
_TFLM_SECONDS = 60.0
_BLOCK = 20


def c_infer(c_dir: Path, x_int8: NDArray[np.int8], flags: Sequence[str] = ()) -> NDArray[np.int8]:
    """Outputs (N, classes) of the generated C, compiled for this machine, for codes (N, ...).

    `flags` are added to the compiler's. Raises Setup without a C compiler; a compile or run that fails is a bug.
    """
    gcc = find("gcc", "apt-get install gcc (or your system's C compiler)")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "driver.c").write_text(DRIVER)
        np.ascontiguousarray(x_int8, dtype=np.int8).tofile(home / "inputs.bin")
        sources = sorted(c_dir.resolve().glob("*.c"))
        argv: list[str | Path] = [
            gcc,
            "-std=c11",
            "-O2",
            *flags,
            f"-I{c_dir.resolve()}",
            "driver.c",
            *sources,
            "-o",
            "driver",
            "-lm",
        ]
        _succeed(argv, home, "the generated C does not compile on this machine")
        _succeed([home / "driver"], home, "the generated C does not run on this machine")
        return np.fromfile(home / "outputs.bin", np.int8).reshape(len(x_int8), -1)


def _succeed(argv: Sequence[str | Path], cwd: Path, problem: str) -> None:
    done = run(argv, timeout_s=600, cwd=cwd)
    if done.timed_out:
        raise Setup(f"{problem}: {Path(argv[0]).name} took longer than 600 s", "a faster machine, or a smaller network")
    if done.returncode != 0:
        raise RuntimeError(f"{problem}: {(done.stderr or done.stdout).strip()[-2000:]}")


def compare(
    infer: Callable[[NDArray[np.int8]], NDArray[np.int8]], codes: NDArray[np.int8], device: NDArray[np.int8], on: str
) -> tuple[Parity, NDArray[np.int8]]:
    """Compare `device` outputs for `codes` with those of `infer` (TFLM); returns the proof and TFLM's outputs.

    All vectors are compared, unless TFLM would need more than a minute: then as many as fit, at least 100.
    Raises RuntimeError when a byte differs: that is a bug in the code generation, never the model's fault.
    """
    outputs: list[NDArray[np.int8]] = []
    started = time.monotonic()
    done = 0
    while done < len(codes) and (done < MINIMUM_VECTORS or time.monotonic() - started < _TFLM_SECONDS):
        outputs.append(infer(codes[done : done + _BLOCK]))
        done += len(outputs[-1])
        report("convert", "comparing the C with TFLM, byte for byte", done, len(codes))
    expected = np.concatenate(outputs)
    different = int((expected != device[:done]).sum())
    if different:
        raise RuntimeError(
            f"the generated C differs from TFLM in {different} of {expected.size} output bytes of {done} vectors"
        )
    return Parity(vectors=done, bytes=int(expected.size), mismatches=0, on=on), expected


def vectors(x_test: NDArray[Any], x_more: NDArray[Any]) -> NDArray[Any]:
    """All test samples; fewer than 100 are filled up with other (training) samples, over and over if need be."""
    missing = max(0, MINIMUM_VECTORS - len(x_test))
    if missing == 0 or len(x_more) == 0:
        return x_test
    filler = x_more[np.arange(missing) % len(x_more)]
    return np.concatenate([x_test, filler]) if len(x_test) else filler


def random_codes(size: int) -> NDArray[np.int8]:
    """Inputs for a model that came without data: every code as likely, the same ones each time."""
    return np.random.default_rng(0).integers(-128, 128, (MINIMUM_VECTORS, size)).astype(np.int8)
