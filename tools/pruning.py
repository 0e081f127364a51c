"""Stop trainings early that have no hope of reaching the front: rules behind one small interface.

The median rule is Optuna's MedianPruner (arXiv 1907.10902). Made fit for several objectives, a network is only held
against those that cost no more in anything, so that a small one is not stopped for being less accurate than large ones:
held against all of them, the rule saved 23 % of the epochs on digits and lost hypervolume in ten of ten searches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median
from typing import Protocol

from tools.artifacts import Estimate

_COSTS = ("macs", "arena_bytes", "flash_bytes")


@dataclass(frozen=True)
class Finished:
    """A training of the same length that is over, or was stopped."""

    cost: Estimate
    accuracies: tuple[float, ...]
    """Validation accuracy (0..1) after each epoch that it ran."""

    def best(self, epochs: int) -> list[float]:
        """Best accuracy so far after each of `epochs`; after its end, the last."""
        so_far = list(accumulate(self.accuracies, max))[:epochs]
        return so_far + [so_far[-1]] * (epochs - len(so_far)) if so_far else [0.0] * epochs


class Pruner(Protocol):
    """Decides from finished trainings when a new one may be given up."""

    def floors(self, cost: Estimate, finished: Sequence[Finished], epochs: int) -> tuple[float, ...]:
        """For each epoch the accuracy below which the best so far of a network of this cost is given up; 0: never."""


@dataclass(frozen=True)
class MedianRule:
    """Give up a network that is behind the median of the networks that cost no more, at the same epoch."""

    warmup: float = 0.34
    """Share of the epochs in which nothing is stopped: accuracies jump while the learning rate rises."""
    fewest: int = 3
    """Networks to be held against, below which nothing is stopped."""
    whatever_cost: bool = False
    """Hold it against all networks, as with a single objective."""

    def floors(self, cost: Estimate, finished: Sequence[Finished], epochs: int) -> tuple[float, ...]:
        """The median of the best so far of the finished trainings; the last epoch is never cut."""
        rivals = [f.best(epochs) for f in finished if self.whatever_cost or no_dearer(f.cost, cost)]
        if len(rivals) < self.fewest:
            return ()
        return _after_warmup([median(rival[i] for rival in rivals) for i in range(epochs)], self.warmup)


@dataclass(frozen=True)
class DominatedRule:
    """Give up a network that a single one which costs no more is ahead of by a margin, at the same epoch."""

    warmup: float = 0.34
    margin: float = 0.05
    """Accuracy that a network may still make good."""

    def floors(self, cost: Estimate, finished: Sequence[Finished], epochs: int) -> tuple[float, ...]:
        """The highest of the best so far of what costs no more, less the margin; the last epoch is never cut."""
        rivals = [f.best(epochs) for f in finished if no_dearer(f.cost, cost)]
        if not rivals:
            return ()
        return _after_warmup([max(rival[i] for rival in rivals) - self.margin for i in range(epochs)], self.warmup)


PRUNERS: dict[str, Pruner] = {"median": MedianRule(), "dominated": DominatedRule()}


def _after_warmup(floors: Sequence[float], warmup: float) -> tuple[float, ...]:
    free = max(1, round(warmup * len(floors)))
    return tuple(0.0 if i < free or i == len(floors) - 1 else floor for i, floor in enumerate(floors))


def no_dearer(one: Estimate, other: Estimate) -> bool:
    """Whether `one` costs at most as much as `other` in every measure of the front."""
    return all(getattr(one, name) <= getattr(other, name) for name in _COSTS)


def stops_after(accuracies: Sequence[float], floors: Sequence[float]) -> int | None:
    """The epoch (from 1) after which a training with these accuracies is given up; None: it runs to its end."""
    best = 0.0
    for epoch, (accuracy, floor) in enumerate(zip(accuracies, floors, strict=False), start=1):
        best = max(best, accuracy)
        if best < floor:
            return epoch
    return None
