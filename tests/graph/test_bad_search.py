"""Searches on inputs and budgets at the edge: three pixels, budgets that nothing meets, data that nothing learns."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graph import search
from graph.config import RunConfig
from graph.decisions import choose
from hw.board import boards
from tests.conftest import SCRIPTED
from tests.fakes import networks
from tools.artifacts import Budgets, Prepared, Recipe, TaskSpec
from tools.errors import Fixable, Infeasible
from tools.estimate import smallest
from tools.layers import check_shape
from tools.search_space import mutate_for, random_architecture
from tools.store import write_arrays

CONFIG = RunConfig(ladders=SCRIPTED, candidates=2, rounds=1, per_round=2, epochs_mini=1)


def state(tmp_path: Path, shape: tuple[int, ...], scale: float = 1.0, **budgets: int) -> Any:
    rng = np.random.default_rng(1)
    arrays = {}
    for part in ("train", "validation", "test"):
        y = np.arange(40) % 2
        x = scale * (rng.normal(size=(40, *shape)) + y.reshape(-1, *[1] * len(shape)))
        with np.errstate(over="ignore"):
            x = x.astype(np.float32)
        arrays |= {f"x_{part}": x, f"y_{part}": y, f"g_{part}": np.arange(40)}
    write_arrays(tmp_path / "data/arrays.npz", **arrays)
    spec = TaskSpec(
        request="tell", name="x", board="nano33ble", sensor="serial", classes=("a", "b"), budgets=Budgets(**budgets)
    )
    prepared = Prepared(
        arrays="data/arrays.npz", input_shape=shape, classes=("a", "b"), samples={}, recipe=Recipe(steps=()), sha256="0"
    )
    return {"run_dir": str(tmp_path), "config": CONFIG, "spec": spec, "prepared": prepared}


@pytest.mark.parametrize("shape", [(3, 3, 1), (3, 2), (1, 3), (1, 1, 3), (2, 1, 1)])
def test_inputs_of_three_pixels_are_never_shrunk_to_nothing(shape: tuple[int, ...]) -> None:
    rng = random.Random(5)
    for _ in range(200):
        arch = random_architecture(rng, shape)
        check_shape(arch, shape)
        check_shape(mutate_for(arch, rng, shape), shape)
    assert not smallest(shape, 2, search.form_of(shape), boards()["nano33ble"]).violations


def test_three_pixels_are_searched_and_a_stage_that_would_shrink_them_to_nothing_is_told(
    tmp_path: Path, script: Any
) -> None:
    script(architect=networks(["cv3s2c4d1", "cv3s2c4d1", "ds3s2c4d1"], ["cv3s2c4d1"]))
    found = search.search_graph().invoke(state(tmp_path, (3, 3, 1)), {"recursion_limit": 100})["candidates"]
    shrunk = next(c for c in found if c.status == "rejected")
    assert shrunk.reason == (
        "stage 3 has stride 2, but the stages before it leave only 1 x 1 of the input (3, 3, 1): give it stride 1"
    )
    assert [c.status for c in found].count("trained") == 2


def test_a_budget_that_nothing_meets_names_the_smallest_arena(tmp_path: Path, script: Any) -> None:
    model = script()
    with pytest.raises(Infeasible) as caught:
        search.search_graph().invoke(state(tmp_path, (8, 8, 1), arena_bytes=10), {"recursion_limit": 100})
    told = str(caught.value)
    least = caught.value.evidence["arena_bytes"]
    assert f"the tensor arena needs {least:,} bytes, over the budget of 10 (arena_bytes)" in told
    assert f"{least:,} bytes of arena" in told.split("The nearest feasible budget")[1]
    assert "\n" not in told
    assert model.asked == []
    enough = state(tmp_path, (8, 8, 1), arena_bytes=least)
    search._check_feasible(enough)


def test_data_that_no_network_can_be_trained_on_end_the_search_with_the_reason(tmp_path: Path, script: Any) -> None:
    script(architect=networks(["fc8"], ["fc12"]))
    broken = state(tmp_path, (3,), scale=1e39)  # more than a float32 holds
    found = search.search_graph().invoke(broken, {"recursion_limit": 100})["candidates"]
    assert {c.status for c in found} <= {"failed", "duplicate"}
    with pytest.raises(Fixable, match=r"no network could be trained: .*the loss was no longer finite in epoch 1"):
        choose({**broken, "candidates": found, "front": search.pareto_front(found)})
