"""A long search without training: how its checkpoints grow."""

from pathlib import Path
from typing import Any

import pytest

from graph.run import opened, thread
from tests.graph.test_search import state
from tools.artifacts import Candidate


def search_long(run_dir: Path, candidates: int, script: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes of the checkpoints after a search of this many networks, with accuracies that are made up."""

    def mini_train(waiting: list[Candidate], *_: Any, **__: Any) -> list[Candidate]:
        return [
            c.model_copy(update={"status": "trained", "accuracy": 0.5 + 0.4 * (len(c.id) % 7) / 7}) for c in waiting
        ]

    monkeypatch.setattr("graph.search.mini_train", mini_train)
    script()
    start = state(run_dir)
    config = start["config"].model_copy(update={"candidates": candidates, "rounds": 40, "strategy": "mixed"})
    spec = start["spec"].model_copy(update={"budgets": start["spec"].budgets.model_copy(update={"macs": None})})
    values = {**start, "config": config, "spec": spec, "confirm": True, "request": "x"}
    with opened(run_dir) as graph:
        graph.update_state(thread(), values, as_node="budget")
        done = graph.invoke(None, thread(), durability="sync")
    assert done["__interrupt__"][0].value["kind"] == "network"
    assert sum(c.status == "trained" for c in done["candidates"]) >= candidates // 2
    return sum(path.stat().st_size for path in run_dir.glob("checkpoints.sqlite*"))
