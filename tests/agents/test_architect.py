"""Networks in few tokens: the schema's patterns, what the prompt tells, and answers that have another form."""

import json
import random
import re
from typing import Any

import pytest

from agents import architect
from agents.llm import Ladders, LanguageModels
from tests.conftest import SCRIPTED
from tests.fakes import networks
from tools.artifacts import Architecture, Budgets, Candidate, Estimate
from tools.claims import false_claims
from tools.errors import Fixable, Setup
from tools.notation import compact, expand
from tools.toolchain import model_path


def cost(arch: Architecture) -> Estimate | None:
    """Made up: as many MACs as channels, over budget from 40 on."""
    macs = sum(stage.channels for stage in arch.stages)
    if macs >= 40:
        return None
    return Estimate(macs=macs, params=macs, arena_bytes=macs, model_flash_bytes=macs, ram_bytes=1, flash_bytes=1)


def trained(name: str, net: str, form: str = "mlp") -> Candidate:
    arch = expand(net.split(), form)
    return Candidate(
        id=name, round=1, author="llm", architecture=arch, status="trained", accuracy=0.9, estimate=cost(arch)
    )


def propose(script: Any, answer: str, **options: Any) -> tuple[list[Candidate], str]:
    model = script(architect=answer)
    asked: dict[str, Any] = {"input_shape": (3,), "classes": 3, "budgets": Budgets(), "parents": {}, "feedback": ""}
    asked |= {"count": 2, "round_": 2, "seed": 1, "known": set(), "cost": cost, **options}
    return architect.propose(LanguageModels(SCRIPTED), **asked), model.asked[0][1]


def test_numbers_of_stages_are_repeatable_and_ascending() -> None:
    counts = architect.stage_counts("conv1d", 8, random.Random(5))
    assert counts == architect.stage_counts("conv1d", 8, random.Random(5)) == sorted(counts)
    assert set(counts) <= {1, 2, 3, 4, 5}
    assert set(architect.stage_counts("mlp", 8, random.Random(5))) <= {1, 2, 3}
    assert len({tuple(architect.stage_counts("conv1d", 8, random.Random(seed))) for seed in range(9)}) > 1
    assert max(architect.stage_counts("conv1d", 50, random.Random(5), stuck=1)) == 7


def test_the_prompt_tells_budgets_feedback_and_what_is_wanted(script: Any) -> None:
    found, prompt = propose(
        script,
        networks(["fc8"], ["fc16", "fc8"]),
        budgets=Budgets(arena_bytes=4096),
        feedback="The front misses small networks.",
    )
    for words in ("Budgets: arena 4,096.", "The front misses small networks.", "Propose 2 new networks"):
        assert words in prompt
    assert [(c.id, compact(c.architecture)) for c in found] == [("r2n0", "fc8"), ("r2n1", "fc16 fc8")]
    assert all((c.author, c.status, c.round) == ("llm", "proposed", 2) for c in found)
    assert found[0].rationale == "a network of the script"
    _, prompt = propose(script, networks(["fc8"]))
    assert "Budgets" not in prompt


def test_parents_are_changed_in_turn_and_claims_name_them_by_their_ids(script: Any) -> None:
    parents = {"A": trained("r1n0", "fc16 fc8"), "B": trained("r1g2", "fc8")}
    known = {"fc16 fc8", "fc8"}
    answer = '{"nets": "A less flash: -2; B more accurate: 1fc12; A more accurate: 3fc4"}'
    found, prompt = propose(script, answer, parents=parents, known=known, count=3)
    assert "Change A, B, A: one change each" in prompt
    assert [compact(c.architecture) for c in found] == ["fc16", "fc12", "fc16 fc8 fc4"]
    assert [c.rationale for c in found] == [
        "less flash than r1n0", "more accurate than r1g2", "more accurate than r1n0",
    ]  # fmt: skip


def test_a_front_that_stays_stuck_is_left_for_new_networks_with_its_best_first_stage(script: Any) -> None:
    parents = {"A": trained("r1n0", "fc16 fc8")}
    _, once = propose(script, networks(["fc8"]), parents=parents, stuck=1)
    _, twice = propose(script, networks(["fc8"]), parents=parents, stuck=2)
    assert "Change A" in once
    assert "Propose 2 new networks" in twice
    assert 'Keep "fc16" as the first stage' in twice


def schema_of(monkeypatch: pytest.MonkeyPatch, script: Any, **options: Any) -> str:
    """The pattern that the model is held to."""
    kept: list[Any] = []
    ask = LanguageModels.ask

    def watched(self: Any, *args: Any, **more: Any) -> Any:
        kept.append(more["schema"])
        return ask(self, *args, **more)

    monkeypatch.setattr(LanguageModels, "ask", watched)
    net = ["fc8"] if len(options.get("input_shape", (3,))) == 1 else ["cv3c8"]
    propose(script, networks(net), **options)
    return str(kept[0]["properties"]["nets"]["pattern"])


def test_the_schema_holds_the_model_to_new_networks_within_budget(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parents = {"A": trained("r1n0", "fc16 fc8")}
    known = {"fc16 fc8", "fc12 fc8"}
    patterns = [schema_of(monkeypatch, script, parents=parents, known=known, count=1, seed=n) for n in range(8)]
    for offered in ("A less arena: 1fc8", "A more accurate: 3fc12", "A fewer MACs: -2"):
        assert any(re.fullmatch(pattern, offered) for pattern in patterns), offered
    for refused in (
        "A less arena: 1fc12",  # known
        "A more accurate: 3fc16",  # over budget
        "A less arena: 1fc24",  # untrue
        "A less arena: -3",
        "B less arena: 1fc8",
        "one layer: fc8",
    ):
        assert not any(re.fullmatch(pattern, refused) for pattern in patterns), refused


def test_new_networks_differ_in_size_and_claim(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = schema_of(monkeypatch, script, input_shape=(8, 8, 1), count=4)
    parts = pattern.strip("^$").split("; ")
    assert len(parts) == 4
    assert len({re.match(r"\(([a-z ]+):", part)[1] for part in parts}) == 4  # type: ignore[index]


@pytest.mark.parametrize(
    "answer", ["no networks", networks(["cv3s1c8d1"]), networks(["fc9999"]), networks([]), "{", "[]",
               '{"nets": "A less flash: 1fc8"}', '{"nets": ""}'],
)  # fmt: skip
def test_a_broken_answer_is_fixable(script: Any, answer: str) -> None:
    with pytest.raises(Fixable):
        propose(script, answer)


@pytest.mark.parametrize("answer", ['{"net1": "few units: fc8"}', json.dumps({"nets": 5})])
def test_an_answer_with_missing_parts_is_fixable(script: Any, answer: str) -> None:
    with pytest.raises(Fixable):
        propose(script, answer)


@pytest.mark.model
def test_the_local_model_writes_new_networks_and_true_edits_within_budget() -> None:
    try:
        model_path()
    except Setup as error:
        pytest.skip(str(error))
    asked: dict[str, Any] = {"input_shape": (8, 8, 1), "classes": 10, "budgets": Budgets(macs=39), "seed": 1}
    models = LanguageModels(Ladders())
    first = architect.propose(models, parents={}, known=set(), cost=cost, feedback="", count=3, round_=1, **asked)
    assert len(first) == 3
    flags = {flag for c in first for flag in false_claims(c, {})}
    assert flags == set()
    parents = {"A": trained("r1n0", "cv3s2c8 ds3c12", "conv2d"), "B": trained("r1n1", "ds3s2c16", "conv2d")}
    known = {compact(c.architecture) for c in parents.values()}
    told = "A 95: cv3s2c8 ds3c12\nB 90: ds3s2c16"
    second = architect.propose(
        models, parents=parents, known=known, cost=cost, feedback=told, count=3, round_=2, **asked
    )
    assert len({compact(c.architecture) for c in second} - known) == 3
    for candidate in second:
        priced = candidate.model_copy(update={"estimate": cost(candidate.architecture)})
        assert priced.estimate is not None, "over budget"
        assert false_claims(priced, {c.id: c for c in parents.values()}) == ()


def test_an_answer_of_another_form_is_said_again_by_the_validator(script: Any) -> None:
    model = script(architect="Sure! Take fc8, or fc16 then fc8.", repair=networks(["fc8"], ["fc16", "fc8"]))
    asked: dict[str, Any] = {"input_shape": (3,), "classes": 3, "budgets": Budgets(), "parents": {}, "feedback": ""}
    found = architect.propose(LanguageModels(SCRIPTED), **asked, count=2, round_=1, seed=1, known=set(), cost=cost)
    assert [compact(c.architecture) for c in found] == ["fc8", "fc16 fc8"]
    role, told = model.asked[-1]
    assert role == "repair"
    assert "Sure! Take fc8, or fc16 then fc8." in told


def test_what_cannot_be_repaired_is_fixable(script: Any) -> None:
    with pytest.raises(Fixable):
        propose(script, "Sure!")
