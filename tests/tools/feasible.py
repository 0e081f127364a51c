"""The real estimator as the search asks it: figures of a network that keeps the budgets, None for any other."""

from collections.abc import Callable

from hw.board import boards
from tools.artifacts import Architecture, Budgets, Estimate
from tools.errors import Fixable
from tools.estimate import estimate


def feasible(shape: tuple[int, ...], budgets: Budgets) -> Callable[[Architecture], Estimate | None]:
    """For inputs of `shape`, ten classes and readings over serial on the Nano."""

    def cost(arch: Architecture) -> Estimate | None:
        try:
            found = estimate(arch, shape, 10, budgets, boards()["nano33ble"], "serial")
        except Fixable:
            return None
        return None if found.violations else found

    return cost
