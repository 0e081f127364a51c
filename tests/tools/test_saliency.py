from pathlib import Path

import numpy as np
import pytest
import torch

from tools.artifacts import Architecture, Prepared, Recipe, Stage, Trained
from tools.errors import BadInput
from tools.network import build_network
from tools.saliency import saliency
from tools.store import write_arrays

MLP = Architecture(form="mlp", stages=(Stage(block="dense", channels=8),))


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Trained, Prepared]:
    """A network that does not look at its second input."""
    torch.manual_seed(1)
    network = build_network(MLP, (3,), 2)
    with torch.no_grad():
        next(network.parameters())[:, 1] = 0.0
    torch.save(network.state_dict(), tmp_path / "w.pt")
    x = np.random.default_rng(1).normal(size=(300, 3)).astype(np.float32)
    write_arrays(tmp_path / "arrays.npz", x_test=x)
    shape, classes = (3,), ("a", "b")
    return Trained(
        architecture=MLP,
        input_shape=shape,
        classes=classes,
        weights="w.pt",
        accuracy_train=1.0,
        accuracy_validation=1.0,
        epochs=1,
        seconds=0.0,
    ), Prepared(arrays="arrays.npz", input_shape=shape, classes=classes, samples={}, recipe=Recipe(steps=()), sha256="")


def test_equals_finite_differences_and_is_zero_where_the_network_does_not_look(
    trained: tuple[Trained, Prepared], tmp_path: Path
) -> None:
    found = saliency(*trained, tmp_path)
    assert found.shape == (3,)
    assert found[1] == 0.0
    network = build_network(MLP, (3,), 2)
    network.load_state_dict(torch.load(tmp_path / "w.pt", weights_only=True))
    network.eval().double()
    x = torch.from_numpy(np.load(tmp_path / "arrays.npz")["x_test"][::2]).double()
    for channel in range(3):
        step = torch.zeros(3, dtype=torch.float64)
        step[channel] = 1e-6
        with torch.no_grad():
            slope = (network(x + step).amax(1) - network(x - step).amax(1)) / 2e-6
        assert found[channel] == pytest.approx(float(slope.abs().mean()), rel=1e-3)


def test_missing_samples_are_told_in_one_line(trained: tuple[Trained, Prepared], tmp_path: Path) -> None:
    write_arrays(tmp_path / "arrays.npz", x_train=np.zeros(3))
    with pytest.raises(BadInput, match="does not hold the test samples"):
        saliency(*trained, tmp_path)
