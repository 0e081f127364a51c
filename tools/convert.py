"""Trained network -> full-INT8 .tflite -> C, with the proof that both compute the same."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.artifacts import Architecture, Converted
from tools.c_code import Code, generate
from tools.layers import macs
from tools.parity import c_infer, compare, random_codes, vectors
from tools.progress import report
from tools.quantise import quantise, quantise_network
from tools.store import write_bytes, write_json
from tools.tflite_file import infer_bytes, tflm_infer, write_tflite
from tools.trace import traced_tool

__all__ = ["convert", "publish", "quantise", "tflm_infer"]

_BATCH = 256


@dataclass(frozen=True)
class Samples:
    """What a conversion is checked with; x are float32 in the network's input units, each may be empty."""

    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    x_more: NDArray[np.float32]
    """Training samples, to fill up the parity vectors where the test split is small."""

    def codes(self, code: Code) -> tuple[NDArray[np.int8], dict[str, int]]:
        """Parity vectors (N, bytes), test samples first, and how many are of which origin."""
        chosen = vectors(self.x_test, self.x_more)
        if len(chosen) == 0:
            made = random_codes(code.input_bytes)
            return made, {"random_vectors": len(made)}
        codes = quantise(chosen, code.input.scale, code.input.zero_point).reshape(len(chosen), -1)
        tested = min(len(self.x_test), len(chosen))
        return codes, {"test_vectors": tested, "training_vectors": len(chosen) - tested}


@traced_tool
def convert(
    network: Any,
    arch: Architecture,
    input_shape: tuple[int, ...],
    classes: tuple[str, ...],
    x_calibration: NDArray[np.float32],
    x_test: NDArray[np.float32],
    y_test: NDArray[np.int64],
    out_dir: Path,
    portable: bool = False,
) -> Converted:
    """Convert a trained tools.network.Network; writes model.tflite, parity.json and c/ to `out_dir` (run/model).

    x_* are float32 (N, *input_shape). `portable`: no CMSIS-NN, for cores other than Cortex-M4 and M7
    (tools.estimate.portable_for). Paths in the result are relative to the parent of `out_dir`.
    Raises Setup without a C compiler; RuntimeError when the C differs from TFLM, which would be a bug.
    """
    if tuple(x_calibration.shape[1:]) != tuple(input_shape):
        raise ValueError(f"calibration samples are {x_calibration.shape[1:]}, the network takes {input_shape}")
    report("convert", "quantising to INT8")
    tflite = write_tflite(quantise_network(network, x_calibration))
    samples = Samples(x_test, y_test, x_calibration)
    return publish(
        tflite, input_shape, classes, macs(network.layers), samples, _float_labels(network, x_test), out_dir, portable
    )


def publish(
    tflite: bytes,
    input_shape: tuple[int, ...],
    classes: tuple[str, ...],
    macs_of_one: int,
    samples: Samples,
    float_labels: NDArray[np.int64] | None,
    out_dir: Path,
    portable: bool,
    **notes: float | str,
) -> Converted:
    """Write a full-INT8 .tflite and its C to `out_dir`, proven against TFLM; the part that all sources share.

    `float_labels` are the float model's answers on the test split; None where there is no float model. `notes` go to
    parity.json, beside the origin of the vectors and the hash of their codes.
    """
    write_bytes(out_dir / "model.tflite", tflite)
    report("convert", "generating C")
    code = generate(tflite, out_dir / "c", cmsis=not portable)
    codes, origin = samples.codes(code)
    outputs = c_infer(out_dir / "c", codes)
    parity, _ = compare(lambda block: infer_bytes(tflite, block), codes, outputs, on="host")
    write_json(out_dir / "parity.json", parity.model_dump() | {"of": origin, "input_sha256": _digest(codes)} | notes)
    # Where TFLM was too slow for the whole split, the C, just shown to be equal, answers for the rest.
    int8_labels = outputs[: len(samples.x_test)].argmax(axis=1)
    return _result(out_dir, input_shape, classes, macs_of_one, code, samples.y_test, float_labels, int8_labels, parity)


def _result(
    out_dir: Path,
    input_shape: tuple[int, ...],
    classes: tuple[str, ...],
    macs_of_one: int,
    code: Code,
    truth: NDArray[np.int64],
    float_labels: NDArray[np.int64] | None,
    int8_labels: NDArray[np.int64],
    parity: Any,
) -> Converted:
    return Converted(
        tflite=f"{out_dir.name}/model.tflite",
        c_dir=f"{out_dir.name}/c",
        input_shape=tuple(input_shape),
        classes=tuple(classes),
        input_scale=code.input.scale,
        input_zero_point=code.input.zero_point,
        output_scale=code.output.scale,
        output_zero_point=code.output.zero_point,
        arena_bytes=code.arena_bytes,
        macs=macs_of_one,
        model_flash_bytes=code.constant_bytes,
        accuracy_float=_accuracy(truth, float_labels),
        accuracy_int8=_accuracy(truth, int8_labels),
        confusion_float=confusion(truth, float_labels, len(classes)) if float_labels is not None else (),
        confusion_int8=confusion(truth, int8_labels, len(classes)) if len(truth) else (),
        parity=parity,
    )


def confusion(truth: NDArray[np.int64], labels: NDArray[np.int64], classes: int) -> tuple[tuple[int, ...], ...]:
    """Confusion matrix: row is the true class, column the answer."""
    table = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (truth, labels), 1)
    return tuple(tuple(int(n) for n in row) for row in table)


def _accuracy(truth: NDArray[np.int64], labels: NDArray[np.int64] | None) -> float | None:
    return float((truth == labels).mean()) if labels is not None and len(truth) else None


def _float_labels(network: Any, x: NDArray[np.float32]) -> NDArray[np.int64]:
    import torch

    network.eval()
    with torch.no_grad():
        blocks = [network(torch.from_numpy(x[i : i + _BATCH])).argmax(dim=1).numpy() for i in range(0, len(x), _BATCH)]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int64)


def _digest(codes: NDArray[np.int8]) -> str:
    import hashlib

    return hashlib.sha256(codes.tobytes()).hexdigest()
