"""Bring your own model: .tflite, .keras, .h5, SavedModel or exported .pt -> the same proven C as for our networks."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.artifacts import Converted
from tools.c_code import generate
from tools.convert import Samples, publish
from tools.errors import BadInput
from tools.progress import report
from tools.quantise import Affine, dequantise, quantise
from tools.tflite_file import infer_bytes, parse
from tools.tflite_rewrite import macs_of, rewrite
from tools.tflm_process import run_unchecked

_READ = "a .tflite (full INT8), .keras, .h5, SavedModel or exported .pt"
_KERAS = (".keras", ".h5")
_TORCH = (".pt", ".pt2")
_AGREEMENT = 0.9
_LIMIT = 16 << 20
_VECTORS = 100


def import_model(
    path: Path,
    x_calibration: NDArray[np.float32] | None,
    out_dir: Path,
    classes: tuple[str, ...] = (),
    x_test: NDArray[np.float32] | None = None,
    y_test: NDArray[np.int64] | None = None,
    portable: bool = False,
) -> Converted:
    """Convert a user's model as tools.convert.convert does; `out_dir` is run/model.

    `x_calibration` (N, ...) float32 in the model's units is needed by Keras files and SavedModels; for .tflite it makes
    the parity vectors real ones. `classes`: names in the order of the outputs, by default class_0, class_1, ...
    Raises BadInput, one line, for what cannot be read or cannot run on a microcontroller.
    """
    report("convert", f"reading {path.name}")
    empty = np.zeros((0, 1), np.float32)
    samples = Samples(
        empty if x_test is None or y_test is None else x_test,
        np.zeros(0, np.int64) if x_test is None or y_test is None else y_test,
        empty if x_calibration is None else x_calibration,
    )
    original, float_labels = _read(path, samples)
    tflite = rewrite(original)
    shape, outputs, affine = _ends(tflite)
    names = classes or tuple(f"class_{i}" for i in range(outputs))
    _check(path, samples, shape, outputs, names)
    _check_runs(tflite)
    agreement = _agreement(original, tflite, samples, affine)
    if agreement is not None and agreement < _AGREEMENT:
        raise RuntimeError(f"the rewritten model answers as the original in only {agreement:.0%} of the cases")
    notes: dict[str, float | str] = {"source": path.name}
    if agreement is not None:
        notes["agreement_with_original"] = agreement
    return publish(tflite, shape, names, macs_of(tflite), samples, float_labels, out_dir, portable, **notes)


def _read(path: Path, samples: Samples) -> tuple[bytes, NDArray[np.int64] | None]:
    """A full-INT8 .tflite of the model, and the float model's answers where there is one."""
    if not path.exists():
        raise BadInput(f"{path} is not there")
    suffix = path.suffix.lower()
    if suffix == ".tflite":
        return path.read_bytes(), None
    if suffix == ".onnx":
        raise BadInput(".onnx files cannot be read: convert it to .tflite or .keras first (for example with onnx2tf)")
    if suffix not in (*_KERAS, *_TORCH) and not (path / "saved_model.pb").exists():
        raise BadInput(f"{path.name} is not a model that can be read: give {_READ}")
    if len(samples.x_more) == 0:
        raise BadInput(f"{path.name} is not quantised yet: give data as well (--data), to calibrate INT8 with")
    report("convert", f"quantising {path.name}")
    if suffix in _TORCH:
        from tools.torch_model import quantise_torch

        return quantise_torch(path, samples.x_more, samples.x_test)
    from tools.keras_model import quantise_keras

    return quantise_keras(path, samples.x_more, samples.x_test)


def _ends(tflite: bytes) -> tuple[tuple[int, ...], int, Affine]:
    """Shape of the input without the batch, number of outputs, and scale of the input."""
    graph = parse(tflite).subgraphs[0]
    first, last = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    quantised = first.quantization
    affine = Affine(float(quantised.scale[0]), int(quantised.zeroPoint[0]))
    return tuple(int(n) for n in first.shape[1:]), int(np.prod(last.shape)), affine


def _check(path: Path, samples: Samples, shape: tuple[int, ...], outputs: int, classes: tuple[str, ...]) -> None:
    size = int(np.prod(shape))
    for x in (samples.x_test, samples.x_more):
        if len(x) and int(np.prod(x.shape[1:])) != size:
            raise BadInput(f"{path.name} takes inputs {shape}, but the data is {x.shape[1:]} per sample")
    if len(classes) != outputs:
        raise BadInput(f"{path.name} has {outputs} outputs, but {len(classes)} classes are named")


def _check_runs(tflite: bytes) -> None:
    """Let the strict C compiler see the file before TFLM does, which trusts what it reads."""
    with tempfile.TemporaryDirectory() as folder:
        code = generate(tflite, Path(folder) / "c", cmsis=True)
    needed = code.arena_bytes + code.input_bytes + code.constant_bytes
    if needed > _LIMIT:
        raise BadInput(f"the model needs {needed:,} bytes, more than any microcontroller has")


def _agreement(original: bytes, tflite: bytes, samples: Samples, affine: Affine) -> float | None:
    """Share of answers that the rewritten file and the original, both on TFLM, have in common.

    None when TFLM cannot run the original, which may hold operations that the rewriting took away.
    """
    size = int(np.prod(_ends(tflite)[0]))
    x = samples.x_more if len(samples.x_more) else samples.x_test
    if len(x) == 0:
        codes = np.random.default_rng(0).integers(-128, 128, (_VECTORS, size))
        x = dequantise(codes, *affine)
    x = x[:_VECTORS].reshape(-1, size)
    before = run_unchecked(original, x)
    if before is None:
        return None
    return _same_answers(before, infer_bytes(tflite, quantise(x, *affine)))


def _same_answers(before: NDArray[Any], after: NDArray[Any]) -> float:
    """Ties of the original (a saturated softmax) count for any of the tied answers."""
    chosen = after.argmax(axis=1)
    return float((before[np.arange(len(before)), chosen] == before.max(axis=1)).mean())
