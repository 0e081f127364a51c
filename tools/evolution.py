"""Regularised evolution (Real et al., arXiv 1802.01548) over the search space, with several objectives.

The population is the last POPULATION trained networks, so that old ones die of age; a parent wins a tournament of
SAMPLE by its rank and crowding distance (Deb et al., NSGA-II, doi 10.1109/4235.996017); a child is one mutation of it.
"""

import random
from collections.abc import Callable, Sequence

import numpy as np

from tools.artifacts import Architecture, Candidate
from tools.errors import Fixable
from tools.layers import check_shape
from tools.pareto import eligible, losses
from tools.search_space import cross, mutate_for, random_architecture
from tools.store import content_hash

POPULATION = 12
SAMPLE = 4
FOUNDERS = 6
"""Random networks before there is enough of a population to breed from."""
_CROSSED = 0.25
_TRIES = 200

Accept = Callable[[Architecture], bool]
"""Whether a network can be built and keeps within the budgets: arithmetic, done before anything is trained."""


def random_networks(
    count: int, settled: Sequence[Candidate], rng: random.Random, shape: tuple[int, ...], accept: Accept
) -> list[Architecture]:
    """`count` new feasible networks drawn at random; fewer when the space seems exhausted."""
    return _new(count, settled, accept, lambda: random_architecture(rng, shape))


def evolve(
    count: int,
    settled: Sequence[Candidate],
    rng: random.Random,
    shape: tuple[int, ...],
    accept: Accept,
    founders: int = FOUNDERS,
) -> tuple[list[Architecture], list[Architecture]]:
    """(random founders, children): together `count` new feasible networks, fewer when none is found any more.

    There are children as soon as `founders` networks are trained.
    """
    able = eligible(settled)
    random_ones = count if not able else max(0, min(count, founders - len(able)))
    made = random_networks(random_ones, settled, rng, shape, accept)
    population = able[-POPULATION:]
    if not population:
        return made, []
    fitness = rank_and_crowding(population)
    known = {content_hash(arch) for arch in made}
    children = _new(
        count - len(made),
        settled,
        lambda a: accept(a) and content_hash(a) not in known,
        lambda: child_of(population, fitness, rng, shape),
    )
    return made, children


def child_of(
    population: Sequence[Candidate],
    fitness: Sequence[tuple[float, float]],
    rng: random.Random,
    shape: tuple[int, ...],
) -> Architecture:
    """A mutation of a tournament's winner, now and then crossed with another one first."""
    entrants = [rng.randrange(len(population)) for _ in range(SAMPLE)]
    parent = population[min(entrants, key=lambda i: fitness[i])].architecture
    if rng.random() < _CROSSED:
        parent = _crossed(parent, rng.choice(population).architecture, rng, shape)
    return mutate_for(parent, rng, shape)


def _crossed(one: Architecture, other: Architecture, rng: random.Random, shape: tuple[int, ...]) -> Architecture:
    child = cross(one, other, rng)
    try:
        check_shape(child, shape)
    except Fixable:
        return one  # the strides of both halves together leave nothing of the input
    return child


def rank_and_crowding(population: Sequence[Candidate]) -> list[tuple[int, float]]:
    """(front number, minus crowding distance) of each: smaller is fitter."""
    from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    values = losses(population)
    fitness: list[tuple[int, float]] = [(0, 0.0)] * len(population)
    for rank, members in enumerate(NonDominatedSorting().do(values)):
        distances = np.nan_to_num(calc_crowding_distance(values[members]), posinf=1e9)
        for index, distance in zip(members, distances, strict=True):
            fitness[index] = (rank, -float(distance))
    return fitness


def _new(
    count: int, settled: Sequence[Candidate], accept: Accept, draw: Callable[[], Architecture]
) -> list[Architecture]:
    known = {content_hash(c.architecture) for c in settled}
    made: list[Architecture] = []
    for _ in range(_TRIES * max(count, 0)):
        if len(made) >= count:
            break
        arch = draw()
        identity = content_hash(arch)
        if identity not in known and accept(arch):
            known.add(identity)
            made.append(arch)
    return made
