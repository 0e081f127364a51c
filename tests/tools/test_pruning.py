"""Early stopping: the median of what costs no more, by hand; and trainings that are given up and that are not."""

from pathlib import Path

import pytest
from test_train import MLP, candidate, toy

from evals.nas_pruning import replayed
from graph.config import RunConfig
from tools.artifacts import Architecture, Candidate, Estimate, Stage
from tools.pareto import hypervolume
from tools.pruning import DominatedRule, Finished, MedianRule, no_dearer, stops_after
from tools.train import Training, mini_train
from tools.workers import Workers

RULE = MedianRule(warmup=0.25, fewest=3)


def cost(macs: int, arena: int = 100, flash: int = 1000) -> Estimate:
    return Estimate(
        macs=macs, params=1, arena_bytes=arena, model_flash_bytes=1, ram_bytes=arena + 900, flash_bytes=flash
    )


def finished(macs: int, *accuracies: float) -> Finished:
    return Finished(cost(macs), accuracies)


def test_a_network_is_held_against_the_median_of_what_costs_no_more() -> None:
    rivals = [
        finished(10, 0.2, 0.6, 0.5, 0.9),
        finished(20, 0.1, 0.4, 0.7, 0.7),
        finished(30, 0.3, 0.3, 0.3),  # given up itself: its last accuracy stands for the rest
        finished(500, 1.0, 1.0, 1.0, 1.0),
    ]
    assert RULE.floors(cost(100), rivals, 4) == (0.0, 0.4, 0.6, 0.0), "warm-up, medians of the best so far, last epoch"
    assert RULE.floors(cost(1000), rivals, 4) == (0.0, 0.5, pytest.approx(0.65), 0.0)
    assert RULE.floors(cost(25), rivals, 4) == (), "only two cost no more"
    assert RULE.floors(cost(100, arena=99), rivals, 4) == (), "with less arena than any it may be worse"
    assert no_dearer(cost(5), cost(5))
    assert not no_dearer(cost(5, flash=1001), cost(6))


def test_a_network_is_behind_one_that_costs_no_more_and_is_ahead_by_the_margin() -> None:
    rivals = [finished(10, 0.2, 0.6, 0.7, 0.9), finished(500, 1.0, 1.0, 1.0, 1.0)]
    rule = DominatedRule(warmup=0.25, margin=0.1)
    assert rule.floors(cost(100), rivals, 4) == (0.0, pytest.approx(0.5), pytest.approx(0.6), 0.0)
    assert rule.floors(cost(9), rivals, 4) == ()
    single = MedianRule(warmup=0.25, fewest=2, whatever_cost=True)
    assert single.floors(cost(1), rivals, 4) == (0.0, pytest.approx(0.8), pytest.approx(0.85), 0.0)


def test_a_training_ends_after_the_first_epoch_that_is_behind() -> None:
    assert stops_after((0.1, 0.5, 0.55, 0.9), (0.0, 0.5, 0.6, 0.0)) == 3
    assert stops_after((0.1, 0.5, 0.6, 0.2), (0.0, 0.5, 0.6, 0.0)) is None, (
        "equal is not behind; the best so far counts"
    )
    assert stops_after((0.1, 0.2), ()) is None


def test_what_is_given_up_is_told_and_not_taken_for_a_full_training(tmp_path: Path) -> None:
    prepared = toy(tmp_path)
    stopped = Training(MLP, prepared, tmp_path, 6, 1, None, floors=(0.0, 0.0, 1.1)).run()
    assert stopped.epochs == 3
    assert stopped.note.startswith("given up after epoch 3 of 6")
    full = Training(MLP, prepared, tmp_path, 6, 1, None).run()
    assert full.epochs == 6
    assert not full.note
    assert full.curve[:3] == stopped.curve, "a training that is given up is a full one cut short"
    assert Training(MLP, prepared, tmp_path, 6, 1, None, floors=(1.1,)).run() == full, "what is there is used"


def test_a_mini_training_without_hope_is_cut_short_and_counts_with_what_it_reached(tmp_path: Path) -> None:
    prepared = toy(tmp_path, noise=1.2)
    wide = [Architecture(form="mlp", stages=(Stage(block="dense", channels=n),)) for n in (12, 14, 16)]
    poor = Architecture(form="mlp", stages=tuple(Stage(block="dense", channels=1) for _ in range(3)))
    pool = Workers(1)
    try:
        costed = [_costed(f"w{i}", arch, 10) for i, arch in enumerate(wide)]
        settled = mini_train(costed, prepared, tmp_path, epochs=8, workers=pool)
        dear, cheap = _costed("dear", poor, 1000), _costed("cheap", poor, 1)
        given_up, spared = (
            mini_train([one], prepared, tmp_path, epochs=8, workers=pool, pruner=MedianRule(), settled=settled)[0]
            for one in (dear, cheap)
        )
    finally:
        pool.close()
    assert given_up.status == spared.status == "trained"
    assert given_up.reason.startswith("given up after epoch")
    assert given_up.accuracy is not None
    assert given_up.accuracy < min(c.accuracy or 0.0 for c in settled)
    assert not spared.reason, "nothing costs as little: it may still reach the front"


def _costed(name: str, architecture: Architecture, macs: int) -> Candidate:
    return candidate(name, architecture).model_copy(update={"estimate": cost(macs)})


def test_what_is_replayed_from_full_trainings_is_what_happens_live(tmp_path: Path) -> None:
    first = [_costed(f"a{n}", _mlp(n), 10 * n) for n in (4, 8, 16)]
    second = [_costed(f"b{n}", _mlp(n, 1, 1), 900 + n).model_copy(update={"round": 1}) for n in (1, 2, 3)]
    config = RunConfig(epochs_mini=6, seed=1)
    full, live = tmp_path / "full", tmp_path / "live"
    prepared = toy(full, noise=1.2)
    toy(live, noise=1.2)
    pool = Workers(1)
    try:
        whole = mini_train([*first, *second], prepared, full, epochs=6, workers=pool)
        settled = mini_train(first, prepared, live, epochs=6, workers=pool, pruner=DominatedRule())
        late = mini_train(second, prepared, live, epochs=6, workers=pool, pruner=DominatedRule(), settled=settled)
    finally:
        pool.close()
    said = replayed(whole, prepared, full, config)
    given_up = [c for c in late if c.reason]
    assert given_up, "else this shows nothing"
    assert said["dominated"]["given_up"] == len(given_up)
    assert said["dominated"]["hypervolume"] == hypervolume([*settled, *late])
    assert said["dominated"]["epochs"] < said["none"]["epochs"] <= 36


def _mlp(*units: int) -> Architecture:
    return Architecture(form="mlp", stages=tuple(Stage(block="dense", channels=n) for n in units))
