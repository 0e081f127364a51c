"""Read a user's unquantised model in a process of its own, which may be slow to load, print or crash as it pleases."""

import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.errors import BadInput
from tools.process import run

USER_ERROR = 3
"""Exit code of the child when the model is at fault; the file `problem` says why."""
CALIBRATION_SAMPLES = 256
_TIMEOUT_S = 900
# What loading and converting a model raise when the model is at fault.
UNREADABLE = (ValueError, TypeError, OSError, KeyError, AttributeError, RuntimeError)


def quantise_in_child(
    module: str, path: Path, x_calibration: NDArray[np.float32], x_test: NDArray[np.float32]
) -> tuple[bytes, NDArray[np.int64] | None]:
    """Run `python -m module PATH HOME`; returns its .tflite (INT8) and the float model's labels of `x_test`, if any.

    Raises BadInput when the model cannot be read or converted, RuntimeError when the child fails in another way.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        np.savez(home / "samples.npz", calibration=spread(x_calibration), test=x_test)
        argv: list[str | Path] = [sys.executable, "-m", module, path.resolve(), home]
        done = run(argv, timeout_s=_TIMEOUT_S, env={"TF_CPP_MIN_LOG_LEVEL": "3"})
        if done.timed_out:
            raise BadInput(f"converting {path.name} did not finish within {_TIMEOUT_S // 60} minutes")
        if done.returncode == USER_ERROR:
            raise BadInput(f"{path.name} cannot be converted: {(home / 'problem').read_text()}")
        if done.returncode != 0:
            raise RuntimeError(f"converting {path.name} failed: {done.stderr.strip()[-2000:]}")
        labels = home / "labels.npy"
        return (home / "model.tflite").read_bytes(), np.load(labels) if labels.exists() else None


def spread(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most 256 samples, evenly over the array."""
    count = min(len(samples), CALIBRATION_SAMPLES)
    return samples[np.linspace(0, len(samples) - 1, count).round().astype(int)]


def problem(home: Path, error: BaseException) -> int:
    """In the child: leave the first line of `error` for the parent; returns the exit code."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    (home / "problem").write_text(lines[0][:300])
    return USER_ERROR
