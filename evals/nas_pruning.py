"""What early stopping would have saved and cost in a search, from the learning curves of its full trainings.

Exact for strategies whose proposals do not depend on accuracies (random): a training that is given up is a full one cut
short, with the same seed and schedule.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graph.config import RunConfig
from tools.artifacts import Candidate, Prepared
from tools.pareto import hypervolume
from tools.pruning import PRUNERS, Finished, MedianRule, Pruner, stops_after
from tools.train import MINI_SAMPLES, Training, read_result

RULES: dict[str, Pruner] = {**PRUNERS, "median of all": MedianRule(whatever_cost=True)}
"""Those that a run can have, and for comparison the one for a single objective."""


def replayed(candidates: Sequence[Candidate], prepared: Prepared, run_dir: Path, config: RunConfig) -> dict[str, Any]:
    """By rule: epochs that were trained and would have been, and the hypervolume at the end; {} without the curves."""
    trained = [c for c in candidates if c.status == "trained"]
    curves = [_accuracies(c, prepared, run_dir, config) for c in trained]
    if not all(curves):
        return {}
    full = {"epochs": sum(map(len, curves)), "hypervolume": hypervolume(trained)}
    return {"none": full, **{name: _stopped(trained, curves, rule, config) for name, rule in RULES.items()}}


def _accuracies(candidate: Candidate, prepared: Prepared, run_dir: Path, config: RunConfig) -> tuple[float, ...]:
    job = Training(candidate.architecture, prepared, run_dir, config.epochs_mini, config.seed, None, MINI_SAMPLES)
    result = read_result(run_dir, job.key)
    return tuple(point["accuracy_validation"] for point in result.curve) if result else ()


def _stopped(
    trained: Sequence[Candidate], curves: Sequence[tuple[float, ...]], rule: Pruner, config: RunConfig
) -> dict[str, Any]:
    """The search with `rule`: each round sees the trainings of the rounds before, as in tools.train.mini_train."""
    finished: list[Finished] = []
    result: list[Candidate] = []
    epochs = given_up = 0
    for round_ in sorted({c.round for c in trained}):
        of_round: list[Finished] = []
        for candidate, curve in zip(trained, curves, strict=True):
            if candidate.round != round_ or candidate.estimate is None:
                continue
            stop = stops_after(curve, rule.floors(candidate.estimate, finished, config.epochs_mini))
            ran = curve[:stop]
            given_up += stop is not None
            epochs += len(ran)
            of_round.append(Finished(candidate.estimate, ran))
            result.append(candidate.model_copy(update={"accuracy": max(ran)}))
        finished += of_round
    return {"epochs": epochs, "given_up": given_up, "hypervolume": hypervolume(result)}
