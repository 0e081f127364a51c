"""Which inputs the trained network looks at: mean absolute input gradient of the winning class.

Simonyan, Vedaldi, Zisserman: Deep Inside Convolutional Networks, arXiv 1312.6034. Of the float network; the INT8
one has no gradient.
"""

from pathlib import Path

import numpy as np

from tools.artifacts import Prepared, Trained
from tools.errors import BadInput

SAMPLES = 256
"""Enough for a stable mean, and a fraction of a second even for pictures."""


def saliency(trained: Trained, prepared: Prepared, run_dir: Path) -> np.ndarray:
    """Mean over test samples of |d logit of the winning class / d input|, the shape of one input, float32.

    Inputs are normalised, so channels can be compared. At most SAMPLES samples, spread over the test part. Raises
    BadInput when weights or arrays cannot be read.
    """
    import torch

    from tools.train import load_network

    network = load_network(trained, run_dir)
    try:
        with np.load(run_dir / prepared.arrays) as arrays:
            x = arrays["x_test"]
    except (OSError, KeyError, ValueError) as error:
        raise BadInput(
            f"{run_dir / prepared.arrays} does not hold the test samples: run the data stage again"
        ) from error
    chosen = x[:: -(-len(x) // SAMPLES)] if len(x) else x
    batch = torch.tensor(chosen, dtype=torch.float32, requires_grad=True)
    network(batch).amax(dim=1).sum().backward()
    assert batch.grad is not None  # the input is a leaf of the graph
    mean: np.ndarray = batch.grad.abs().mean(dim=0).numpy()
    return mean
