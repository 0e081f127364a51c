"""Exported PyTorch programs (torch.export.save) -> full-INT8 .tflite; runs as a child process.

bakenn captures and quantises the graph; tools.ir_tflite writes it, so that TFLM can be asked as for any other model.
"""

import pickle
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.foreign_model import UNREADABLE, problem, quantise_in_child


def quantise_torch(
    path: Path, x_calibration: NDArray[np.float32], x_test: NDArray[np.float32]
) -> tuple[bytes, NDArray[np.int64] | None]:
    """The .tflite of a .pt or .pt2 written by torch.export.save, and the float model's labels for `x_test`.

    Samples are channels last, as everywhere here; the program may take them channels first, as usual in PyTorch.
    Raises BadInput when the file is no exported program, or uses what the device kernels do not know.
    """
    return quantise_in_child("tools.torch_model", path, x_calibration, x_test)


def _main(path: Path, home: Path) -> int:
    """The child process: read samples.npz of `home`, write model.tflite and labels.npy, or `problem`."""
    from bakenn.errors import BakeNNError

    warnings.simplefilter("ignore")
    samples = np.load(home / "samples.npz")
    try:
        module, shape = _load(path)
        (home / "model.tflite").write_bytes(_convert(module, shape, _arranged(samples["calibration"], shape)))
        if len(samples["test"]):
            np.save(home / "labels.npy", _labels(module, _arranged(samples["test"], shape)))
    except (*UNREADABLE, BakeNNError) as error:
        return problem(home, error)
    return 0


def _load(path: Path) -> tuple[Any, tuple[int, ...]]:
    """The exported module and the shape of its one input, with batch 1."""
    import torch

    try:
        program = torch.export.load(path)
    except (*UNREADABLE, pickle.UnpicklingError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError("it is no exported program; write it with torch.export.save") from error
    specs = program.graph_signature.user_inputs
    nodes = {node.name: node for node in program.graph_module.graph.nodes}
    if len(specs) != 1:
        raise ValueError(f"it takes {len(specs)} inputs; one is needed")
    shape = tuple(nodes[specs[0]].meta["val"].shape)
    if not all(isinstance(n, int) for n in shape) or shape[0] != 1:
        raise ValueError(f"its input is {tuple(map(str, shape))}; export it with batch 1 and fixed sizes")
    module = program.module()
    for part in module.modules():  # exported modules keep no mode, but are marked as training
        part.training = False
    return module, shape


def _arranged(x: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Channels-last samples in the order of axes that the program takes: (C, ...) where the channels come first."""
    wanted = shape[1:]
    if x.ndim == len(shape) and x.ndim > 2:
        x = np.moveaxis(x, -1, 1)
    if tuple(x.shape[1:]) != wanted:
        raise ValueError(f"it takes {wanted} per sample, channels first, but the data is {tuple(x.shape[1:])}")
    return np.ascontiguousarray(x, dtype=np.float32)


def _convert(module: Any, shape: tuple[int, ...], samples: NDArray[np.float32]) -> bytes:
    import torch
    from bakenn.frontends.torch_export import capture_torch_export
    from bakenn.quantization.ptq_graph import quantize_float_graph

    from tools.ir_tflite import ir_to_tflite

    captured = capture_torch_export(module, torch.zeros(shape), name="model")
    return ir_to_tflite(quantize_float_graph(captured, [sample[None] for sample in samples]))


def _labels(module: Any, x: NDArray[np.float32]) -> NDArray[np.int64]:
    import torch

    with torch.no_grad():
        return np.array([int(module(torch.from_numpy(sample[None])).argmax()) for sample in x], np.int64)


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), Path(sys.argv[2])))
