"""Choices of a search: what recurs on the front, and differences of means against scipy's own."""

import math
import random

import pytest
from scipy.stats import ttest_ind

from tools.artifacts import Architecture
from tools.choices import Sampled, choices_of, effects, sampled
from tools.notation import expand
from tools.search_space import random_architecture


def net(*words: str, accuracy: float = 0.5, macs: int = 1000, on_front: bool = False, form: str = "conv2d") -> Sampled:
    return Sampled(expand(words, form), accuracy, macs, on_front)


def test_a_network_is_told_by_its_choices() -> None:
    found = choices_of(expand(["cv5s2c8d1", "+ds3s1c32d2", "relu6"], "conv2d"))
    assert found == {
        "relu6 activation", "conv block", "dsconv block", "5x5 kernel", "3x3 kernel", "stride 2 in 1 stage",
        "2 stages", "stride 2 in the first stage", "a stage of depth 2 or more", "a skip connection",
        "widest stage 32 or more",
    }  # fmt: skip
    assert choices_of(expand(["fc16"], "mlp")) == {"relu activation", "1 layer", "first layer of 16"}
    assert "5x1 kernel" in choices_of(expand(["cv5s1c8d1"], "conv1d"))


def test_differences_and_their_interval_are_those_of_scipy() -> None:
    rng = random.Random(3)
    nets = [
        Sampled(arch, rng.uniform(0.6, 0.9) + 0.1 * any(s.block == "mbconv" for s in arch.stages), 1000 + i, i % 7 == 0)
        for i, arch in enumerate(random_architecture(rng, (8, 8, 1)) for _ in range(60))
    ]
    found = {e.name: e for e in effects(nets)}["mbconv block"]
    ours = [n.accuracy for n in nets if "mbconv block" in choices_of(n.architecture)]
    theirs = [n.accuracy for n in nets if "mbconv block" not in choices_of(n.architecture)]
    expected = ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.95)
    assert (found.accuracy_low, found.accuracy_high) == pytest.approx((expected.low, expected.high))
    assert found.accuracy == pytest.approx((expected.low + expected.high) / 2)
    assert found.told_apart
    assert (found.count, found.of) == (len(ours), 60)
    assert (found.on_front, found.front) == (
        sum(n.on_front for n in nets if "mbconv block" in choices_of(n.architecture)),
        9,
    )


def test_macs_are_compared_as_a_ratio_of_geometric_means() -> None:
    cheap = [net("ds3s1c8d1", macs=m) for m in (100, 400, 100, 400)]
    dear = [net("cv3s1c8d1", macs=m) for m in (1000, 4000, 1000, 4000)]
    found = {e.name: e for e in effects([*cheap, *dear])}
    assert found["dsconv block"].macs == pytest.approx(0.1)
    assert math.isclose(found["conv block"].macs or 0, 10)
    assert "2x2 kernel" not in found
    assert "3x3 kernel" not in found, "a choice that all made tells nothing"


def test_with_few_networks_only_counts_are_told() -> None:
    nets = [net("ds3s1c8d1", accuracy=0.9, on_front=True), *[net("cv3s1c8d1", accuracy=0.1) for _ in range(9)]]
    found = {e.name: e for e in effects(nets)}["dsconv block"]
    assert (found.count, found.of, found.on_front, found.front) == (1, 10, 1, 1)
    assert found.accuracy is None
    assert found.macs is None
    assert not found.told_apart


def test_noise_is_seldom_told_apart() -> None:
    rng = random.Random(11)
    archs: list[Architecture] = [random_architecture(rng, (8, 8, 1)) for _ in range(80)]
    told = [e for e in effects([Sampled(a, rng.gauss(0.7, 0.1), 500, False) for a in archs]) if e.accuracy is not None]
    assert len(told) > 10
    assert sum(e.told_apart for e in told) <= 3
    assert sampled([], ()) == []
