"""pymoo's NSGA-II as one more search strategy: its selection and survival over our space, draw, crossover, mutation."""

import random
from pathlib import Path
from typing import Any

import numpy as np

from hw.board import boards
from tools.artifacts import Architecture, Candidate
from tools.errors import Fixable
from tools.estimate import estimate
from tools.pareto import METRICS
from tools.search_space import cross, mutate_for, random_architecture
from tools.train import mini_train

POPULATION = 6
"""Two generations and a bit within the networks of one search."""


def nsga2(state: dict[str, Any]) -> list[Candidate]:
    """pymoo's NSGA-II on the same space: its selection and survival, our draw, crossover and mutation."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem

    config, prepared = state["config"], state["prepared"]
    problem = Problem(n_var=1, n_obj=len(METRICS), xl=0, xu=1)
    operators = _Operators(random.Random(config.seed), state)
    algorithm = NSGA2(
        pop_size=POPULATION,
        sampling=operators.sampling(),
        crossover=operators.crossover(),
        mutation=operators.mutation(),
        eliminate_duplicates=operators.duplicates(),
    )
    algorithm.setup(problem, termination=("n_gen", 1000), seed=config.seed, verbose=False)
    settled: list[Candidate] = []
    while len(settled) < config.candidates:
        population = algorithm.ask()
        if population is None or len(population) == 0:
            break
        waiting = [_candidate(ind.X[0], len(settled) + i, state) for i, ind in enumerate(population)]
        trained = mini_train(
            waiting, prepared, Path(state["run_dir"]), epochs=config.epochs_mini, seed=config.seed
        )  # fmt: skip
        population.set("F", np.array([_losses(c) for c in trained]))
        algorithm.tell(infills=population)
        settled += trained
    return settled[: config.candidates]


def _candidate(arch: Architecture, number: int, state: dict[str, Any]) -> Candidate:
    spec, prepared = state["spec"], state["prepared"]
    cost = estimate(arch, prepared.input_shape, len(prepared.classes), spec.budgets, boards()[spec.board], spec.sensor)
    return Candidate(
        id=f"n{number}", round=1, author="nsga2", architecture=arch, estimate=cost, status="proposed"
    )  # fmt: skip


def _losses(candidate: Candidate) -> list[float]:
    return [metric.loss(candidate) for metric in METRICS] if candidate.status == "trained" else [1.0] * len(METRICS)


class _Operators:
    """pymoo's operators over arrays of objects; every network that they make can be built and fits the board."""

    def __init__(self, rng: random.Random, state: dict[str, Any]) -> None:
        self.rng, self.state = rng, state
        self.shape = state["prepared"].input_shape

    def drawn(self) -> Architecture:
        """A random feasible network."""
        while True:
            arch = random_architecture(self.rng, self.shape)
            if self.fits(arch):
                return arch

    def fits(self, arch: Architecture) -> bool:
        """Whether the network can be built and keeps within the budgets."""
        try:
            cost = _candidate(arch, 0, self.state).estimate
        except Fixable:
            return False
        return cost is not None and not cost.violations

    def child(self, one: Architecture, other: Architecture) -> Architecture:
        """A feasible crossing of both; `one` where they do not go together."""
        made = cross(one, other, self.rng)
        return made if self.fits(made) else one

    def mutant(self, arch: Architecture) -> Architecture:
        """A feasible neighbour."""
        while True:
            made = mutate_for(arch, self.rng, self.shape)
            if self.fits(made):
                return made

    def sampling(self) -> Any:
        """First population."""
        from pymoo.core.sampling import Sampling

        operators = self

        class Draw(Sampling):
            def _do(self, problem: Any, n_samples: int, **_: Any) -> Any:
                drawn = np.empty((n_samples, 1), dtype=object)
                for i in range(n_samples):
                    drawn[i, 0] = operators.drawn()
                return drawn

        return Draw()

    def crossover(self) -> Any:
        """Stages of two parents."""
        from pymoo.core.crossover import Crossover

        operators = self

        class Cross(Crossover):
            def __init__(self) -> None:
                super().__init__(2, 2)

            def _do(self, problem: Any, parents: Any, **_: Any) -> Any:
                made = np.empty_like(parents)
                for k in range(parents.shape[1]):
                    one, other = parents[0, k, 0], parents[1, k, 0]
                    made[0, k, 0], made[1, k, 0] = operators.child(one, other), operators.child(other, one)
                return made

        return Cross()

    def mutation(self) -> Any:
        """One choice of one stage."""
        from pymoo.core.mutation import Mutation

        operators = self

        class Mutate(Mutation):
            def _do(self, problem: Any, x: Any, **_: Any) -> Any:
                made = np.empty_like(x)
                for k in range(len(x)):
                    made[k, 0] = operators.mutant(x[k, 0])
                return made

        return Mutate()

    def duplicates(self) -> Any:
        """Equal networks are one."""
        from pymoo.core.duplicate import ElementwiseDuplicateElimination

        class Same(ElementwiseDuplicateElimination):
            def is_equal(self, a: Any, b: Any) -> bool:
                return bool(a.X[0] == b.X[0])

        return Same()
