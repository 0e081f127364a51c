import os
import random
from math import prod

import pytest
import torch
from torch import nn

from tools.artifacts import Architecture, Stage
from tools.errors import Fixable
from tools.layers import check_shape, layers_of, macs, params, same_padding
from tools.network import Convolution, Dense, build_network
from tools.search_space import mutate, mutate_for, random_architecture

SHAPES = [(3,), (12,), (40, 6), (33, 5), (8, 8, 1), (9, 7, 3)]


def conv(*stages: Stage) -> Architecture:
    return Architecture(form="conv2d", stages=stages)


@pytest.mark.parametrize("shape", [(3,), (40, 6), (8, 8, 1)])
def test_takes_channels_last_batches_and_gives_logits(shape: tuple[int, ...]) -> None:
    network = build_network(random_architecture(random.Random(1), shape), shape, classes=4)
    assert network(torch.zeros(5, *shape)).shape == (5, 4)


def test_an_mlp_flattens_inputs_with_more_axes() -> None:
    arch = Architecture(form="mlp", stages=(Stage(block="dense", channels=8),))
    network = build_network(arch, (8, 8, 1), classes=10)
    assert network(torch.zeros(2, 8, 8, 1)).shape == (2, 10)
    assert network.layers[0].in_shape == (64,)


def test_macs_and_params_equal_those_counted_in_the_torch_module() -> None:
    rng = random.Random(2)
    for _ in range(40):
        shape = rng.choice(SHAPES)
        network = build_network(random_architecture(rng, shape), shape, classes=5)
        assert (macs(network.layers), params(network.layers)) == counted(network, shape)


def counted(network: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """MACs from the sizes that torch's own modules see; parameters as they are after folding BatchNorm."""
    total = 0

    def hook(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal total
        weight = module.weight
        assert isinstance(weight, torch.Tensor)
        total += output[0].numel() * prod(weight.shape[1:])

    weighted = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    for module in weighted:
        module.register_forward_hook(hook)
    network.eval()
    network(torch.zeros(1, *shape))
    return total, sum(m.weight.numel() + m.weight.shape[0] for m in weighted)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [(8, 3, 1, (1, 1)), (8, 3, 2, (0, 1)), (9, 3, 2, (1, 1)), (8, 5, 2, (1, 2)), (2, 7, 2, (2, 3)), (8, 1, 2, (0, 0))],
)
def test_padding_is_tensorflows_same(size: int, kernel: int, stride: int, expected: tuple[int, int]) -> None:
    assert same_padding(size, kernel, stride) == expected


def test_residuals_only_where_shapes_agree() -> None:
    arch = conv(Stage(block="conv", channels=8, stride=2, depth=3, skip=True))
    layers = layers_of(arch, (8, 8, 1), 4)
    assert [layer.op for layer in layers].count("add") == 2
    network = build_network(arch, (8, 8, 1), 4)
    step = network.steps[1]
    assert isinstance(step, Convolution)
    before = network(torch.ones(2, 8, 8, 1))
    with torch.no_grad():
        step.conv.weight.zero_()
    assert not torch.equal(before, network(torch.ones(2, 8, 8, 1)))


def test_every_weight_learns() -> None:
    arch = conv(Stage(block="mbconv", channels=8, depth=2, skip=True), Stage(block="dsconv", channels=8, stride=2))
    torch.manual_seed(0)
    network = build_network(arch, (8, 8, 1), 4)
    network(torch.randn(16, 8, 8, 1)).square().sum().backward()
    for step in network.steps:
        if isinstance(step, Convolution | Dense):
            assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in step.parameters())


@pytest.mark.parametrize(
    ("arch", "shape", "sentence"),
    [
        (conv(Stage(block="conv", channels=8)), (40, 6), "use form conv1d or mlp"),
        (conv(Stage(block="conv", channels=8)), (3,), "use form mlp"),
        (conv(Stage(block="dense", channels=8)), (8, 8, 1), "must be conv, dsconv or mbconv"),
        (Architecture(form="mlp", stages=(Stage(block="conv", channels=8),)), (3,), "must be dense"),
        (conv(*[Stage(block="conv", channels=8, stride=2)] * 4), (8, 8, 1), "stage 4 has stride 2"),
    ],
)
def test_a_network_that_cannot_be_built_says_why(arch: Architecture, shape: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(Fixable, match=sentence):
        check_shape(arch, shape)


def test_the_search_space_draws_only_networks_that_can_be_built() -> None:
    rng = random.Random(3)
    for _ in range(int(os.environ.get("TINYSMITH_NETWORKS", "30")) * 10):
        shape = rng.choice(SHAPES)
        arch = random_architecture(rng, shape)
        check_shape(arch, shape)
        neighbour = mutate_for(arch, rng, shape)
        check_shape(neighbour, shape)
        assert neighbour != arch
        assert mutate(arch, rng) != arch


def test_the_same_seed_draws_the_same_network() -> None:
    assert random_architecture(random.Random(4), (40, 6)) == random_architecture(random.Random(4), (40, 6))
