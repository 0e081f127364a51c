"""A new run from an old one: where it begins, what it shares, what it refuses; small checkpoints."""

import os
from pathlib import Path
from typing import Any

import pytest

from graph import again
from graph.again import rerun
from graph.run import execute, state_before, state_of
from tests.graph.conftest import Watched
from tests.scripted_run import CONFIG, LADDERS, default
from tools.artifacts import Budgets
from tools.errors import BadInput, Infeasible
from tools.trace import read_trace

pytestmark = pytest.mark.toolchain


def start_of(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **changes: Any
) -> tuple[str, dict[str, Any]]:
    """The node behind which a run with these changes would begin, and the state it would find; nothing is run."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def branch(run_dir: Path, values: dict[str, Any], after: str, ask: Any) -> dict[str, Any]:
        seen.append((after, values))
        return {}

    monkeypatch.setattr(again, "branch", branch)
    rerun(watched.run_dir, tmp_path / "again", default, **changes)
    return seen[0]


@pytest.mark.parametrize(
    ("changes", "after", "redo"),
    [
        ({"request": "red LED for apple"}, "open", "firmware"),
        ({"board": "nucleo_h743zi"}, "open", "firmware"),
        ({"board": "mega"}, "open", "convert"),
        ({"data": "digits"}, "open", ""),
        ({"settings": {"seed": 2}}, "confirm", ""),
        ({"settings": {"budgets": Budgets(macs=50)}}, "budget", ""),
        ({"settings": {"candidates": 4}}, "budget", ""),
        ({"settings": {"preference": "small"}}, "search", ""),
        ({"settings": {"epochs_full": 9}}, "choose", ""),
        ({"settings": {"epochs_distil": 3}}, "train", ""),
        ({"settings": {"tries": 2}}, "convert", ""),
        ({"settings": {"epochs_full": 9, "tries": 2}}, "choose", ""),
        ({"settings": {"epochs_full": 9}, "request": "red LED for apple"}, "open", "train"),
        ({"stage": "convert"}, "distil", ""),
        ({"stage": "report"}, "firmware", ""),
        ({"stage": "plan"}, "open", ""),
        ({"stage": "search", "settings": {"epochs_full": 9}}, "budget", ""),
        ({"settings": {"ladders": LADDERS.model_copy(update={"planner": ("scripted:other",)})}}, "open", ""),
    ],
)
def test_a_run_begins_at_the_first_stage_that_depends_on_a_change(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changes: dict[str, Any], after: str, redo: str
) -> None:
    node, values = start_of(watched, monkeypatch, tmp_path, **changes)
    assert (node, values["redo"]) == (after, redo)
    kept = {"confirm": 2, "budget": 3, "search": 5, "choose": 6, "train": 7, "distil": 7}
    if node in kept:
        artefacts = ("spec", "card", "prepared", "candidates", "front", "chosen", "trained", "converted", "firmware")
        assert {name for name in artefacts if name in values} == set(artefacts[: kept[node]])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({}, BadInput, "nothing differs from that run"),
        ({"settings": {"epochs_full": CONFIG.epochs_full}}, BadInput, "nothing differs"),
        ({"stage": "bake"}, BadInput, "unknown stage 'bake': choose one of plan, data, search"),
        (
            {"stage": "firmware", "settings": {"epochs_full": 9}},
            BadInput,
            "a change of epochs-full needs the stage train",
        ),
        ({"stage": "firmware", "board": "mega"}, Infeasible, "its C code does not suit the .*--from convert"),
        ({"board": "toaster"}, BadInput, "unknown board 'toaster'"),
        ({"settings": {"candidates": 0}}, BadInput, "candidates: Input should be greater than or equal to 1"),
        ({"settings": {"colour": 1}}, BadInput, "colour: Extra inputs"),
    ],
)
def test_what_cannot_be_run_again(
    watched: Watched, tmp_path: Path, changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        rerun(watched.run_dir, tmp_path / "again", default, **changes)
    assert not (tmp_path / "again").exists()


def test_a_run_that_stopped_early_goes_no_further_than_that(
    tmp_path: Path, fruit_data: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    script()
    config = CONFIG.model_copy(update={"budgets": Budgets(ram_bytes=100)})
    inputs: Any = {
        "request": "sort fruit, red LED for apple",
        "data": str(fruit_data),
        "run_dir": str(tmp_path / "r"),
        "config": config,
    }
    with pytest.raises(Infeasible):
        execute(tmp_path / "r", inputs, default)
    stopped = Watched(tmp_path / "r", fruit_data, recorder=None)  # type: ignore[arg-type]
    assert start_of(stopped, monkeypatch, tmp_path, settings={"tries": 2})[0] == "budget"
    with pytest.raises(BadInput, match="has not got as far as convert: candidates is missing"):
        rerun(tmp_path / "r", tmp_path / "other", default, stage="convert")


def test_time_travel_shares_what_is_unchanged(watched: Watched, tmp_path: Path, script: Any) -> None:
    model = script()
    run_dir = tmp_path / "again"
    state = rerun(watched.run_dir, run_dir, default, settings={"epochs_full": 9})
    assert state["result"]["status"] == "done"
    before = state_of(watched.run_dir)
    assert state["candidates"] == before["candidates"]
    assert state["trained"] != before["trained"]
    nodes = [span.name for span in read_trace(run_dir / "trace.jsonl") if span.kind == "node"]
    assert nodes == ["train", "distil", "convert", "draft", "compile", "emulate", "report"]
    assert model.asked == [], "the same questions have the same answers"
    for shared in ("data/arrays.npz", "search/front.json"):
        assert os.path.samefile(watched.run_dir / shared, run_dir / shared)
    assert not os.path.samefile(watched.run_dir / "model/model.pt", run_dir / "model/model.pt")
    assert not os.path.samefile(watched.run_dir / "search/candidates.jsonl", run_dir / "search/candidates.jsonl")
    assert len(list((run_dir / "search/cache").glob("*.json"))) == 2 + len(
        list((watched.run_dir / "search/cache").glob("*.json"))
    )
    first = state_before(run_dir, "convert")
    assert first["trained"] == state["trained"], "and it can be travelled again"


def test_checkpoints_hold_facts_and_paths(watched: Watched) -> None:
    size = sum(path.stat().st_size for path in watched.run_dir.glob("checkpoints.sqlite*"))
    assert 0 < size < 1_000_000, "of 5 MB that a long run may take"


def test_checkpoints_of_a_long_search_stay_small(tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.graph.long_search import search_long

    assert search_long(tmp_path / "run", 100, script, monkeypatch) < 5_000_000
