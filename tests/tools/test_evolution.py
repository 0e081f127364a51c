"""Evolution over the search space: feasible and new by construction, repeatable, and drawn to what is fit."""

import random

import pytest

from tools.artifacts import Architecture, Candidate, Estimate
from tools.evolution import FOUNDERS, evolve, random_networks, rank_and_crowding
from tools.notation import compact, expand
from tools.search_space import cross, random_architecture

SHAPE = (32, 3)


def trained(name: str, net: str, accuracy: float, macs: int) -> Candidate:
    cost = Estimate(
        macs=macs, params=10, arena_bytes=100, model_flash_bytes=500, ram_bytes=2000, flash_bytes=9000
    )  # fmt: skip
    return Candidate(
        id=name, round=1, author="random", architecture=expand(net.split(), "conv1d"), estimate=cost,
        status="trained", accuracy=accuracy,
    )  # fmt: skip


def small(arch: Architecture) -> bool:
    return sum(stage.channels for stage in arch.stages) <= 40


def test_founders_are_random_feasible_different_and_repeatable() -> None:
    first, children = evolve(4, [], random.Random(3), SHAPE, small)
    assert not children
    assert first == evolve(4, [], random.Random(3), SHAPE, small)[0]
    assert len({compact(a) for a in first}) == 4
    assert all(small(a) for a in first)
    assert first != evolve(4, [], random.Random(4), SHAPE, small)[0]


def test_children_are_new_and_near_to_the_fit() -> None:
    best = trained("best", "cv3s2c8d1 ds3s1c16d1", 0.9, 1000)
    poor = [trained(f"p{i}", f"mb7s1c48d2e6 mb7s1c64d2e4 cv5s1c{c}d2", 0.2, 90_000) for i, c in enumerate((4, 8, 12))]
    settled = [best, *poor, *(trained(f"q{i}", f"mb7s1c64d2e6 cv7s1c{c}d1", 0.1, 95_000) for i, c in enumerate((4, 6)))]
    assert len(settled) == FOUNDERS
    founders, children = evolve(36, settled, random.Random(1), SHAPE, lambda arch: True)
    assert not founders
    known = {compact(c.architecture) for c in settled}
    assert not known & {compact(a) for a in children}
    of_best = [a for a in children if compact(best.architecture).split()[0] in compact(a) or "ds3s1c16d1" in compact(a)]
    assert len(of_best) > 2 * len(children) / FOUNDERS, "twice as many as parents drawn by chance would have"


def test_an_exhausted_space_gives_fewer_instead_of_repeating() -> None:
    nothing = random_networks(3, [], random.Random(1), SHAPE, lambda arch: False)
    assert nothing == []


def test_rank_puts_the_beaten_last_and_crowding_the_lonely_first() -> None:
    a, b = trained("a", "cv3s2c8d1", 0.9, 1000), trained("b", "cv3s2c4d1", 0.8, 500)
    worse = trained("c", "cv5s2c8d1", 0.7, 2000)
    ranks = [rank for rank, _ in rank_and_crowding([a, worse, b])]
    assert ranks == [0, 1, 0]


@pytest.mark.parametrize("seed", range(20))
def test_crossing_keeps_within_the_space(seed: int) -> None:
    rng = random.Random(seed)
    one, other = random_architecture(rng, SHAPE), random_architecture(rng, SHAPE)
    child = cross(one, other, rng)
    assert 1 <= len(child.stages) <= 5
    assert set(child.stages) <= {*one.stages, *other.stages}
