"""The search loop's nodes without training: what is new, what fits, what is repaired, when it ends."""

from pathlib import Path
from typing import Any

import pytest

from graph import search
from graph.config import RunConfig
from tests.conftest import SCRIPTED
from tests.fakes import networks
from tools.artifacts import Budgets, Candidate, Estimate, Front, Prepared, Recipe, TaskSpec, Verdict
from tools.errors import Infeasible
from tools.notation import expand

CONFIG = RunConfig(ladders=SCRIPTED, candidates=4, rounds=2)


def state(tmp_path: Path, **update: Any) -> Any:
    spec = TaskSpec(
        request="sort fruit", name="x", board="nano33ble", sensor="color", classes=("a", "b"), budgets=Budgets(macs=200)
    )
    prepared = Prepared(
        arrays="a.npz", input_shape=(3,), classes=("a", "b"), samples={}, recipe=Recipe(steps=()), sha256="0"
    )
    return {"run_dir": str(tmp_path), "config": CONFIG, "spec": spec, "prepared": prepared, **update}


def candidate(name: str, *words: str, status: str = "proposed", **more: Any) -> Candidate:
    arch = expand(words or ["fc8"], "mlp")
    return Candidate.model_validate(
        {"id": name, "round": 1, "author": "llm", "architecture": arch, "status": status, **more}
    )


def statuses(update: dict[str, Any]) -> dict[str, str]:
    return {c.id: c.status for c in update["proposed"]}


def test_networks_seen_before_are_duplicates_within_a_round_and_across(tmp_path: Path, script: Any) -> None:
    script()
    proposed = [candidate("n1", "fc8"), candidate("n2", "fc8"), candidate("n3", "fc12")]
    known = [candidate("n0", "fc12", status="trained")]
    assert statuses(search.validate(state(tmp_path, proposed=proposed, candidates=known))) == {
        "n1": "proposed",
        "n2": "duplicate",
        "n3": "duplicate",
    }


def test_a_violating_network_is_rejected_repaired_and_only_the_repair_is_trained(
    tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(validator='{"n1": {"fits": true, "change": "none"}, "n2": {"fits": true, "change": "fewer_channels"}}')
    proposed = [candidate("n1", "fc8"), candidate("n2", "fc48")]
    checked = search.validate(state(tmp_path, proposed=proposed))
    assert statuses(checked) == {"n1": "proposed", "n2": "rejected", "n2v": "proposed"}
    broken, repair = checked["proposed"][1:]
    assert "200" in broken.reason
    assert repair.author == "repair"
    assert not repair.estimate.violations
    assert repair.estimate.macs <= 200 < broken.estimate.macs
    trained: list[str] = []

    def record(waiting: list[Candidate], *_: Any, **__: Any) -> list[Candidate]:
        trained.extend(c.id for c in waiting)
        return [c.model_copy(update={"status": "trained", "accuracy": 0.9}) for c in waiting]

    monkeypatch.setattr(search, "mini_train", record)
    done = search.mini_train_(state(tmp_path, proposed=checked["proposed"]))
    assert trained == ["n1", "n2v"]
    assert statuses(done) == {"n1": "trained", "n2": "rejected", "n2v": "trained"}


@pytest.mark.parametrize("hint", ["none", "more_stride", "more_channels"])
def test_a_change_that_does_not_help_repairs_nothing(tmp_path: Path, hint: str) -> None:
    wide = candidate("n1", "fc48", verdict=Verdict(feasible=False, hint=hint))
    assert search._repair(state(tmp_path), wide, set()) == []


def test_without_the_validators_word_the_figures_decide(tmp_path: Path, script: Any) -> None:
    script(validator="I like them all")
    proposed = [candidate("n1", "fc8"), candidate("n2", "fc48")]
    assert statuses(search.validate(state(tmp_path, proposed=proposed))) == {"n1": "proposed", "n2": "rejected"}


def test_a_broken_answer_costs_a_round_and_does_not_end_the_search(tmp_path: Path, script: Any) -> None:
    script(architect="no networks today")
    assert search.propose(state(tmp_path)) == {"round": 1, "proposed": []}


def test_arithmetic_fills_up_when_the_calls_are_used_up(tmp_path: Path, script: Any) -> None:
    model = script()
    cost = Estimate(macs=48, params=50, arena_bytes=8, model_flash_bytes=90, ram_bytes=900, flash_bytes=9000)
    known = [
        candidate(f"n{i}", f"fc{units}", status="trained", accuracy=0.9, estimate=cost)
        for i, units in enumerate((4, 8, 12, 16))
    ]
    config = CONFIG.model_copy(update={"candidates": 7})
    late = state(tmp_path, round=2, config=config, candidates=known, front=Front(members=("n1",), hypervolume=0.5))
    update = search.propose(late)
    assert model.asked == []
    assert [(c.author, c.round) for c in update["proposed"]] == [("guided", 3)] * 3, "as many as are missing"
    assert update == search.propose(late), "the same seed, the same networks"
    assert all(c.architecture not in [k.architecture for k in known] for c in update["proposed"])
    alone = search.propose(state(tmp_path, round=2))
    assert {c.author for c in alone["proposed"]} == {"random"}, "nothing to guess from yet"


def test_the_architect_is_asked_for_what_is_missing(tmp_path: Path, script: Any) -> None:
    model = script(architect=networks(["fc8"], ["fc12"]))
    known = [candidate(f"n{i}", status="trained") for i in range(3)]
    search.propose(state(tmp_path, round=1, candidates=known, feedback="smaller, please"))
    [(_, prompt)] = model.asked
    assert "Propose 2 networks" in prompt
    assert "smaller, please" in prompt


def test_a_budget_below_the_smallest_network_is_told_before_anything_is_asked(tmp_path: Path, script: Any) -> None:
    model = script()
    tight = state(tmp_path)
    tight["spec"] = tight["spec"].model_copy(update={"budgets": Budgets(macs=3)})
    with pytest.raises(Infeasible, match="no network fits") as caught:
        search.propose(tight)
    assert caught.value.evidence["macs"] > 3
    assert model.asked == []


@pytest.mark.parametrize(
    ("trained", "round_", "route"),
    [(3, 1, "propose"), (4, 1, "__end__"), (5, 1, "__end__"), (0, 4, "propose"), (0, 5, "__end__")],
)
def test_the_route_after_pareto(trained: int, round_: int, route: str) -> None:
    settled = [candidate(f"n{i}", status="trained") for i in range(trained)] + [candidate("d", status="rejected")] * 9
    facts: Any = {"config": CONFIG, "candidates": settled, "round": round_}
    assert search.after_pareto(facts) == route
