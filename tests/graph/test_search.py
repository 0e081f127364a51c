"""The search loop's nodes without training: what is new, what fits, what is repaired, when it ends."""

from pathlib import Path
from typing import Any

import pytest

from graph import search
from graph.config import RunConfig
from graph.pool import select
from tests.conftest import SCRIPTED
from tools.artifacts import Budgets, Candidate, Estimate, Front, Prepared, Recipe, TaskSpec, Verdict
from tools.errors import Infeasible
from tools.notation import compact, expand

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
    model = script(validator='{"1": "fewer_channels"}')
    proposed = [candidate("n1", "fc8"), candidate("n2", "fc8", "fc48")]
    checked = search.validate(state(tmp_path, proposed=proposed))
    assert statuses(checked) == {"n1": "proposed", "n2": "rejected", "n2v": "proposed"}
    assert len(model.asked) == 1
    assert "1: fc8;" not in model.asked[0][1], "asked only about what breaks a budget"
    good, broken, repair = checked["proposed"]
    assert good.verdict == Verdict(feasible=True)
    assert broken.verdict == Verdict(feasible=False, hint="fewer_channels")
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


@pytest.mark.parametrize("hint", ["", "more_stride", "less_depth"])
def test_a_change_that_does_not_help_repairs_nothing(tmp_path: Path, hint: str) -> None:
    wide = candidate("n1", "fc48", verdict=Verdict(feasible=False, hint=hint))
    assert search._repair(state(tmp_path), wide, set()) == []


def test_without_the_validators_word_the_figures_decide(tmp_path: Path, script: Any) -> None:
    script(validator="I like them all")
    proposed = [candidate("n1", "fc8"), candidate("n2", "fc8", "fc48")]
    assert statuses(search.validate(state(tmp_path, proposed=proposed))) == {"n1": "proposed", "n2": "rejected"}


def test_a_broken_answer_costs_a_round_and_does_not_end_the_search(tmp_path: Path, script: Any) -> None:
    script(architect="no networks today")
    assert search.propose(state(tmp_path)) == {"round": 1, "proposed": []}


COST = Estimate(macs=48, params=50, arena_bytes=8, model_flash_bytes=90, ram_bytes=900, flash_bytes=9000)


def trained(name: str, *words: str, **more: Any) -> Candidate:
    return candidate(name, *words, **{"status": "trained", "accuracy": 0.9, "estimate": COST, **more})


FOUR = [trained(f"r1n{i}", f"fc{units}", accuracy=0.5 + 0.1 * i) for i, units in enumerate((4, 8, 12, 16))]


def test_arithmetic_fills_up_when_the_calls_are_used_up(tmp_path: Path, script: Any) -> None:
    model = script()
    for strategy in ("llm", "mixed"):
        config = CONFIG.model_copy(update={"candidates": 7, "strategy": strategy})
        late = state(tmp_path, round=2, config=config, candidates=FOUR, front=Front(members=("r1n1",), hypervolume=0.5))
        late |= search.propose(late)
        assert model.asked == []
        assert late["proposed"] == []
        update = select(late)
        assert [(c.author, c.round) for c in update["proposed"]] == [("guided", 3)] * 3, "as many as are missing"
        assert update == select(late), "the same seed, the same networks"
        assert all(c.architecture not in [k.architecture for k in FOUR] for c in update["proposed"])
    alone = select(state(tmp_path, round=3, proposed=[]))
    assert {c.author for c in alone["proposed"]} == {"random"}, "nothing to guess from yet"


@pytest.mark.parametrize("strategy", ["random", "evolution", "guided"])
def test_strategies_without_a_model_ask_none(tmp_path: Path, script: Any, strategy: str) -> None:
    model = script()
    first = state(tmp_path, config=CONFIG.model_copy(update={"strategy": strategy}))
    first |= search.propose(first)
    assert [c.author for c in select(first)["proposed"]] == ["random"] * 4
    later = first | {"candidates": FOUR[:3], "round": 2}
    [last] = select(later)["proposed"]
    assert last.author == "random", "still fewer than it breeds or guesses from"
    assert model.asked == []


def test_the_first_networks_of_the_pool_are_the_architects_and_what_is_missing_is_drawn(tmp_path: Path) -> None:
    ready = [candidate("r1n0", "fc8", estimate=COST), candidate("r1n1", "fc48", status="rejected")]
    chosen = select(state(tmp_path, round=1, proposed=ready))["proposed"]
    assert {c.id: c.status for c in chosen if c.author == "llm"} == {"r1n0": "proposed", "r1n1": "rejected"}
    assert [c.author for c in chosen if c.author != "llm"] == ["random"] * 3


def test_of_the_pool_what_promises_most_is_trained_and_the_rest_may_be_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, poor = (candidate(f"r2n{i}", f"fc{n}", "fc4", estimate=COST) for i, n in enumerate((8, 12)))

    def best(count: int, pool: Any, able: Any) -> list[Any]:
        return [pool[0][0], *(arch for arch, _ in pool[-(count - 1) :])]  # the first offered, the last bred

    monkeypatch.setattr("tools.surrogate._best", best)
    config = CONFIG.model_copy(update={"candidates": 8, "per_round": 2})
    now = state(tmp_path, round=2, config=config, candidates=FOUR, proposed=[good, poor])
    chosen = select(now)["proposed"]
    assert [(c.author, c.status) for c in chosen] == [("llm", "proposed"), ("llm", "skipped"), ("guided", "proposed")]
    settled = [*FOUR, trained("r2n0", "fc8", "fc4"), chosen[1]]
    again = select(now | {"round": 3, "candidates": settled, "proposed": []})["proposed"]
    assert (again[0].id, again[0].status, again[0].reason) == ("r2n1", "proposed", "")
    ended = search.pareto(now | {"candidates": settled, "proposed": [trained("r2n1", "fc12", "fc4")], "round": 3})[
        "candidates"
    ]
    assert [(c.id, c.status) for c in ended].count(("r2n1", "trained")) == 1, "one candidate, with its last fate"
    assert len(ended) == len(settled)


def test_the_architect_is_asked_to_change_the_front(tmp_path: Path, script: Any) -> None:
    model = script(architect='{"nets": "A less flash: 1fc6; A more accurate: 2fc6"}')
    settled = [trained("n0"), *(trained(f"n{i}", f"fc{i}", accuracy=0.1) for i in (9, 10))]
    proposed = search.propose(state(tmp_path, round=1, candidates=settled))["proposed"]
    [(_, prompt)] = model.asked
    assert "A 90 24 8 9.0 k: fc8" in prompt.replace("9 k", "9.0 k")
    assert "Change A, A: one change each" in prompt
    assert [compact(c.architecture) for c in proposed] == ["fc6", "fc8 fc6"]
    assert [c.rationale for c in proposed] == ["less flash than n0", "more accurate than n0"]


def test_a_promise_of_accuracy_is_judged_when_both_are_trained(tmp_path: Path) -> None:
    worse = trained("r2n0", "fc12", "fc4", accuracy=0.4, rationale="more accurate than r1n0")
    ended = search.pareto(state(tmp_path, round=2, candidates=FOUR, proposed=[worse]))["candidates"]
    assert ended[-1].flags == ("'more accurate than r1n0': it reached 0.400, r1n0 0.500",)


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
