"""What goes wrong in a mini-training fails one candidate and no other: a loss that is not finite, a killed worker."""

import os
import signal
from pathlib import Path

import numpy as np
from test_train import MLP, candidate, toy

from tools.artifacts import Architecture, Candidate, Estimate, Stage
from tools.pareto import pareto_front
from tools.progress import Event, listening
from tools.store import write_arrays
from tools.train import mini_train
from tools.workers import Workers

CONV = Architecture(form="conv1d", stages=(Stage(block="conv", channels=8),))
COST = Estimate(macs=100, params=9, arena_bytes=64, model_flash_bytes=99, ram_bytes=999, flash_bytes=9999)


def test_a_loss_that_is_not_finite_fails_its_candidate_and_the_rest_go_on(tmp_path: Path) -> None:
    prepared = toy(tmp_path).model_copy(update={"input_shape": (4, 1)})
    with np.load(tmp_path / prepared.arrays) as file:
        arrays = {name: file[name] for name in file.files}
    # So large that only a network that normalises its maps can be trained.
    huge = {name: (1e25 * x[..., None]).astype(np.float32) for name, x in arrays.items() if name.startswith("x")}
    write_arrays(tmp_path / prepared.arrays, **{**arrays, **huge})
    pool = Workers(1)
    try:
        done = mini_train([_costed("mlp", MLP), _costed("conv", CONV)], prepared, tmp_path, epochs=3, workers=pool)
    finally:
        pool.close()
    assert [c.status for c in done] == ["failed", "trained"]
    assert done[0].reason.startswith("the loss was no longer finite in epoch 1")
    assert "\n" not in done[0].reason
    assert pareto_front(done).members == ("conv",)


def test_a_worker_that_is_killed_twice_is_recorded_and_the_rest_go_on(tmp_path: Path) -> None:
    prepared = toy(tmp_path)
    kills: list[str] = []
    pool = Workers(1)

    def kill(event: Event) -> None:
        if event.data.get("candidate") == "victim":
            kills.append(event.text)
            os.kill(pool._workers[0].process.pid or 0, signal.SIGKILL)

    try:
        with listening(kill):
            wide = Architecture(form="mlp", stages=(Stage(block="dense", channels=48),))
            done = mini_train(
                [candidate("victim"), candidate("other", wide)], prepared, tmp_path, epochs=400, workers=pool
            )
    finally:
        pool.close()
    assert [c.status for c in done] == ["failed", "trained"]
    assert "killed by SIGKILL, perhaps for lack of memory" in done[0].reason
    assert len(kills) >= 2, "it was tried a second time"


def _costed(name: str, architecture: Architecture) -> Candidate:
    return candidate(name, architecture).model_copy(update={"estimate": COST})
