"""TFLM on a model that nobody has checked, in a process of its own: a bad file may crash or stall it."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TIMEOUT_S = 120


def run_unchecked(model: bytes, x: NDArray[np.float32]) -> NDArray[Any] | None:
    """Raw outputs (N, ...) of TFLM for real inputs (N, ...), quantised where the model's input is int8 or uint8.

    None when TFLM cannot run the model.
    """
    from tools.process import run

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "model.tflite").write_bytes(model)
        np.save(home / "inputs.npy", x)
        done = run([sys.executable, "-m", __name__, home], timeout_s=_TIMEOUT_S)
        return np.load(home / "outputs.npy") if done.returncode == 0 else None


def _main(home: Path) -> None:
    from tools.quantise import quantise
    from tools.tflite_file import invoke, open_interpreter

    x = np.load(home / "inputs.npy")
    interpreter, shape, details = open_interpreter((home / "model.tflite").read_bytes())
    if details["dtype"] != np.float32:
        quantised = details["quantization_parameters"]
        unsigned = 128 if details["dtype"] == np.uint8 else 0
        codes = quantise(x, float(quantised["scales"][0]), int(quantised["zero_points"][0]) - unsigned)
        x = (codes.astype(np.int16) + unsigned).astype(details["dtype"])
    samples = np.ascontiguousarray(x).reshape(-1, *shape)
    np.save(home / "outputs.npy", np.stack([invoke(interpreter, sample) for sample in samples]))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
