"""Choosing by promise: a learnable accuracy is learned, the chosen beat random ones, and costs are kept."""

import random
from statistics import mean

import numpy as np

from tests.tools.feasible import feasible
from tools.artifacts import Architecture, Budgets, Candidate, Estimate
from tools.pareto import hypervolume
from tools.search_space import random_architecture
from tools.store import content_hash
from tools.surrogate import FOUNDERS, guess, promising

SHAPE = (8, 8, 1)
BUDGETS = Budgets(macs=100_000, arena_bytes=4096)
cost = feasible(SHAPE, BUDGETS)


def accuracy(arch: Architecture, found: Estimate) -> float:
    """A made-up truth: more work and more depth are better, with diminishing returns."""
    depth = sum(stage.depth for stage in arch.stages)
    return float(1 - 0.9 * np.exp(-found.macs / 20_000 - depth / 4))


def trained(arch: Architecture, name: str) -> Candidate:
    found = cost(arch)
    assert found is not None
    common = {"id": name, "round": 1, "author": "x", "architecture": arch, "estimate": found}
    return Candidate.model_validate({**common, "status": "trained", "accuracy": accuracy(arch, found)})


def drawn(rng: random.Random, count: int) -> list[Candidate]:
    out: list[Candidate] = []
    while len(out) < count:
        arch = random_architecture(rng, SHAPE)
        if cost(arch) is not None:
            out.append(trained(arch, f"d{len(out)}"))
    return out


def test_the_guess_follows_the_truth_and_knows_what_it_has_seen() -> None:
    nets = drawn(random.Random(2), 60)
    known, new = nets[:30], nets[30:]
    pairs = [(c.architecture, c.estimate) for c in new if c.estimate]
    said, deviation = guess(known, pairs)
    truth = np.array([c.accuracy for c in new])
    assert np.corrcoef(said, truth)[0, 1] > 0.8
    seen = guess(known, [(c.architecture, c.estimate) for c in known if c.estimate])
    assert np.abs(seen[0] - [c.accuracy for c in known]).mean() < np.abs(said - truth).mean()
    assert seen[1].mean() < deviation.mean(), "less sure of what it has not seen"


def test_a_guided_search_covers_more_than_a_random_one_with_as_many_networks() -> None:
    gains = []
    for seed in range(4):
        rng = random.Random(seed)
        settled: list[Candidate] = []
        while len(settled) < 16:
            founders, chosen = promising(4, settled, rng, SHAPE, cost)
            assert len(founders) + len(chosen) == 4
            assert bool(founders) == (len(settled) < FOUNDERS)
            settled += [trained(arch, f"r{len(settled)}n{i}") for i, arch in enumerate((*founders, *chosen))]
        assert len({content_hash(c.architecture) for c in settled}) == 16, "nothing is proposed twice"
        gains.append(hypervolume(settled) / hypervolume(drawn(random.Random(100 + seed), 16)))
    assert mean(gains) > 1.0


def test_where_nothing_fits_nothing_is_proposed() -> None:
    assert promising(3, [], random.Random(1), SHAPE, lambda arch: None) == ([], [])
    assert promising(3, drawn(random.Random(3), 5), random.Random(1), SHAPE, lambda arch: None) == ([], [])


def test_the_same_seed_proposes_the_same() -> None:
    settled = drawn(random.Random(4), 6)
    first, second = (promising(2, settled, random.Random(9), SHAPE, cost) for _ in range(2))
    assert first == second
    assert len(first[1]) == 2
