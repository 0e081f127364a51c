"""Choose from many feasible networks those that promise the front most, before anything is trained.

Costs are exact before training, so only the accuracy has to be guessed: by a Gaussian process over a few features of
the trained networks (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006). A network's promise is the
hypervolume it would add with an optimistic guess (upper confidence bound, arXiv 0912.3995).
"""

import math
import random
from collections.abc import Callable, Sequence

import numpy as np

from tools.artifacts import Architecture, Candidate, Estimate
from tools.edits import Cost
from tools.evolution import child_of, rank_and_crowding
from tools.pareto import eligible, hypervolume
from tools.search_space import random_architecture
from tools.store import content_hash

POOL = 384
"""Feasible networks that one is chosen from, besides those offered: half drawn at random, half bred from the front.

With 96 the hypervolume is 4 % less on digits, 1 % on basic_motions (simulated on a model of 900 trained networks)."""
FOUNDERS = 4
"""Trained networks before there is anything to guess from; until then they are drawn at random."""
OPTIMISM = 0.5
"""Standard deviations added to the guess: some room for what is not known yet."""
_TRIES = 40


def promising(
    count: int,
    settled: Sequence[Candidate],
    rng: random.Random,
    shape: tuple[int, ...],
    cost: Cost,
    offered: Sequence[Candidate] = (),
) -> tuple[list[Architecture], list[Architecture]]:
    """(drawn at random, chosen): together `count` new feasible networks, fewer when none is found any more.

    The `offered` networks, which are feasible, are of the pool that is chosen from; while there is nothing to guess
    from they are the founders, and only what is missing of these is drawn at random.
    """
    able = eligible(settled)
    known = {content_hash(c.architecture) for c in (*settled, *offered)}
    if len(able) < FOUNDERS:
        founders = [c.architecture for c in offered[:count]]
        return [arch for arch, _ in _drawn(count - len(founders), known, rng, shape, cost)], founders
    pool = [(c.architecture, c.estimate) for c in offered if c.estimate]
    pool += _drawn(POOL // 2, known, rng, shape, cost) + _bred(POOL // 2, able, known, rng, shape, cost)
    return [], _best(count, pool, able)


def _drawn(
    count: int, known: set[str], rng: random.Random, shape: tuple[int, ...], cost: Cost
) -> list[tuple[Architecture, Estimate]]:
    return _new(count, known, cost, lambda: random_architecture(rng, shape))


def _bred(
    count: int, able: Sequence[Candidate], known: set[str], rng: random.Random, shape: tuple[int, ...], cost: Cost
) -> list[tuple[Architecture, Estimate]]:
    fitness = rank_and_crowding(able)
    return _new(count, known, cost, lambda: child_of(able, fitness, rng, shape))


def _new(
    count: int, known: set[str], cost: Cost, draw: Callable[[], Architecture]
) -> list[tuple[Architecture, Estimate]]:
    """`count` feasible networks that are not `known`, which they are from now on."""
    found: list[tuple[Architecture, Estimate]] = []
    for _ in range(_TRIES * count):
        if len(found) == count:
            break
        arch = draw()
        identity = content_hash(arch)
        estimate = None if identity in known else cost(arch)
        if estimate is not None:
            known.add(identity)
            found.append((arch, estimate))
    return found


def _best(count: int, pool: Sequence[tuple[Architecture, Estimate]], able: Sequence[Candidate]) -> list[Architecture]:
    """One after the other those that add the most hypervolume, each taken for trained with what is guessed of it."""
    if not pool:
        return []
    mean, deviation = guess(able, pool)
    hopes = np.clip(mean + OPTIMISM * deviation, 0.0, 1.0)
    guessed = [_as_trained(arch, cost, hope) for (arch, cost), hope in zip(pool, hopes, strict=True)]
    front = list(able)
    left = list(range(len(pool)))
    chosen: list[Architecture] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda i: (hypervolume([*front, guessed[i]]), hopes[i], -i))
        left.remove(best)
        chosen.append(pool[best][0])
        front.append(_as_trained(*pool[best], float(np.clip(mean[best], 0.0, 1.0))))
    return chosen


def _as_trained(arch: Architecture, cost: Estimate, accuracy: float) -> Candidate:
    return Candidate(
        id="", round=0, author="guess", architecture=arch, estimate=cost, status="trained", accuracy=float(accuracy)
    )


def guess(able: Sequence[Candidate], wanted: Sequence[tuple[Architecture, Estimate]]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (N,) of the accuracy of `wanted`, from the trained networks `able`."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    x = np.array([features(c.architecture, c.estimate) for c in able if c.estimate])
    y = np.array([c.accuracy or 0.0 for c in able if c.estimate])
    centre, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-3)
    # Fixed length scales: with a dozen points there is too little to fit them to.
    kernel = ConstantKernel(1.0, "fixed") * Matern(math.sqrt(x.shape[1]), "fixed", nu=2.5) + WhiteKernel(0.02, "fixed")
    process = GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True)
    process.fit((x - centre) / spread, y)
    new = np.array([features(arch, cost) for arch, cost in wanted])
    mean, deviation = process.predict(np.clip((new - centre) / spread, -4, 4), return_std=True)
    return mean, deviation


def features(arch: Architecture, cost: Estimate) -> list[float]:
    """What the accuracy may depend on: sizes by their logarithm, depth, down-sampling, kinds of blocks."""
    stages = arch.stages
    depth = sum(stage.depth for stage in stages)
    shares = [sum(stage.depth for stage in stages if stage.block == block) / depth for block in ("conv", "mbconv")]
    strides = sum(stage.stride == 2 for stage in stages)
    return [
        math.log10(max(cost.macs, 1)), math.log10(max(cost.params, 1)), math.log2(depth), math.log2(stages[0].channels),
        math.log2(stages[-1].channels), float(strides), sum(stage.kernel for stage in stages) / len(stages), *shares,
    ]  # fmt: skip
