"""Keras and SavedModel files -> full-INT8 .tflite by TensorFlow's own converter; runs as a child process."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.foreign_model import UNREADABLE, problem, quantise_in_child


def quantise_keras(
    path: Path, x_calibration: NDArray[np.float32], x_test: NDArray[np.float32]
) -> tuple[bytes, NDArray[np.int64] | None]:
    """The .tflite (int8 in and out) of a .keras, .h5 or SavedModel, and the float model's labels for `x_test`.

    Labels are None for a SavedModel. Raises BadInput when TensorFlow cannot read or convert it.
    """
    return quantise_in_child("tools.keras_model", path, x_calibration, x_test)


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
    except (*UNREADABLE, tf.errors.OpError, ConverterError) as error:
        return problem(home, error)
    (home / "model.tflite").write_bytes(content)
    if model is not None and len(samples["test"]):
        test = samples["test"].reshape(-1, *model.input_shape[1:])
        np.save(home / "labels.npy", np.asarray(model.predict(test, verbose=0)).argmax(axis=-1).astype(np.int64))
    return 0


def _convert(tf: Any, converter: Any, samples: NDArray[np.float32], model: Any) -> bytes:
    shape = None if model is None else tuple(model.input_shape[1:])
    if shape is not None and None in shape:
        raise ValueError(f"its input shape {shape} is not fixed")
    if shape is not None:
        samples = samples.reshape(-1, *shape)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), Path(sys.argv[2])))
