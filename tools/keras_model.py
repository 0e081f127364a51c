"""Keras and SavedModel files -> full-INT8 .tflite by TensorFlow's own converter, in a process of its own.

TensorFlow writes to standard output and error as it pleases, and takes seconds to load: neither belongs into ours.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_USER_ERROR = 3
_CALIBRATION_SAMPLES = 256
# What loading and converting a model raise when the model is at fault.
_UNREADABLE = (ValueError, TypeError, OSError, KeyError, AttributeError, RuntimeError)


def quantise_keras(
    path: Path, x_calibration: NDArray[np.float32], x_test: NDArray[np.float32]
) -> tuple[bytes, NDArray[np.int64] | None]:
    """The .tflite (int8 in and out) of a .keras, .h5 or SavedModel, and the float model's labels for `x_test`.

    Labels are None for a SavedModel. Raises BadInput when TensorFlow cannot read or convert it.
    """
    from tools.errors import BadInput
    from tools.process import run

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        np.savez(home / "samples.npz", calibration=x_calibration, test=x_test)
        done = run(
            [sys.executable, "-m", __name__, path.resolve(), home], timeout_s=900, env={"TF_CPP_MIN_LOG_LEVEL": "3"}
        )
        if done.timed_out:
            raise BadInput(f"TensorFlow did not finish converting {path.name} within 15 minutes")
        if done.returncode == _USER_ERROR:
            raise BadInput(f"TensorFlow cannot convert {path.name}: {(home / 'problem').read_text()}")
        if done.returncode != 0:
            raise RuntimeError(f"converting {path.name} failed: {done.stderr.strip()[-2000:]}")
        labels = home / "labels.npy"
        return (home / "model.tflite").read_bytes(), np.load(labels) if labels.exists() else None


def _main(path: Path, home: Path) -> int:
    """The child process: read samples.npz of `home`, write model.tflite and labels.npy, or `problem`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    from tensorflow.lite.python.convert_phase import ConverterError

    samples = np.load(home / "samples.npz")
    try:
        if path.is_dir() and (path / "saved_model.pb").exists():
            model, converter = None, tf.lite.TFLiteConverter.from_saved_model(str(path))
        else:
            model = tf.keras.models.load_model(path, compile=False)
            converter = tf.lite.TFLiteConverter.from_keras_model(model)
        content = _convert(tf, converter, samples["calibration"], model)
    except (*_UNREADABLE, tf.errors.OpError, ConverterError) as error:
        return _problem(home, error)
    (home / "model.tflite").write_bytes(content)
    if model is not None and len(samples["test"]):
        test = samples["test"].reshape(-1, *model.input_shape[1:])
        np.save(home / "labels.npy", np.asarray(model.predict(test, verbose=0)).argmax(axis=-1).astype(np.int64))
    return 0


def _problem(home: Path, error: BaseException) -> int:
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    (home / "problem").write_text(lines[0][:300])
    return _USER_ERROR


def _convert(tf: Any, converter: Any, samples: NDArray[np.float32], model: Any) -> bytes:
    shape = None if model is None else tuple(model.input_shape[1:])
    if shape is not None and None in shape:
        raise ValueError(f"its input shape {shape} is not fixed")
    chosen = samples[np.linspace(0, len(samples) - 1, min(len(samples), _CALIBRATION_SAMPLES)).round().astype(int)]
    if shape is not None:
        chosen = chosen.reshape(-1, *shape)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in chosen)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), Path(sys.argv[2])))
