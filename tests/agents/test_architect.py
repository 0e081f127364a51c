"""Networks in few tokens: the compact form and back, the schema's lengths, what the prompt tells."""

import json
from typing import Any

import pytest

from agents import architect
from agents.llm import LanguageModels
from tests.conftest import SCRIPTED
from tests.fakes import networks
from tools.artifacts import Architecture, Budgets, Candidate, Stage
from tools.errors import Fixable
from tools.notation import compact, expand


@pytest.mark.parametrize("form", ["mlp", "conv1d", "conv2d"])
def test_the_schema_fixes_the_length_of_each_network_and_its_words_expand(form: str) -> None:
    schema = architect.schema(form, [1, 3])
    assert schema["required"] == ["net1", "net2"]
    lists = [net["properties"]["net"] for net in schema["properties"].values()]
    assert [(n["minItems"], n["maxItems"]) for n in lists] == [(1, 1), (3, 3)]
    if form == "mlp":
        for word in lists[0]["items"]["enum"]:
            expand([word], form)


def test_numbers_of_stages_are_repeatable_and_ascending() -> None:
    counts = architect.stage_counts("conv1d", 8, 5)
    assert counts == architect.stage_counts("conv1d", 8, 5) == sorted(counts)
    assert set(counts) <= {2, 3, 4, 5}
    assert set(architect.stage_counts("mlp", 8, 5)) <= {1, 2, 3}
    assert len({tuple(architect.stage_counts("conv1d", 8, seed)) for seed in range(9)}) > 1


def propose(script: Any, answer: str, **options: Any) -> tuple[list[Candidate], str]:
    model = script(architect=answer)
    asked: dict[str, Any] = {"input_shape": (3,), "classes": 3, "budgets": Budgets(), "candidates": [], "feedback": ""}
    asked |= {"count": 2, "round_": 2, "seed": 1, **options}
    return architect.propose(LanguageModels(SCRIPTED), **asked), model.asked[0][1]


def tried(name: str, *units: int) -> Candidate:
    stages = tuple(Stage(block="dense", channels=n) for n in units)
    return Candidate(
        id=name, round=1, author="llm", architecture=Architecture(form="mlp", stages=stages), status="trained"
    )


def test_the_prompt_tells_budgets_feedback_and_what_was_tried(script: Any) -> None:
    found, prompt = propose(
        script,
        networks(["fc8"], ["fc16", "fc8"]),
        budgets=Budgets(arena_bytes=4096),
        feedback="The front misses small networks.",
        candidates=[tried("r1n1", 16, 8), tried("r1n2", 48)],
    )
    for words in ("Budgets: arena 4,096.", "The front misses small networks.", "Do not repeat: fc16 fc8; fc48."):
        assert words in prompt
    assert "Propose 2 networks" in prompt
    assert [(c.id, compact(c.architecture)) for c in found] == [("r2n0", "fc8"), ("r2n1", "fc16 fc8")]
    assert all((c.author, c.status, c.round) == ("llm", "proposed", 2) for c in found)
    assert found[0].rationale == "a network of the script"


def test_without_budgets_and_history_the_prompt_is_silent_about_them(script: Any) -> None:
    _, prompt = propose(script, networks(["fc8"]))
    assert "Budgets" not in prompt
    assert "Do not repeat" not in prompt


@pytest.mark.parametrize(
    "answer", ["no networks", networks(["cv3s1c8d1"]), networks(["fc9999"]), networks([]), "{", "[]"]
)
def test_a_broken_answer_is_fixable(script: Any, answer: str) -> None:
    with pytest.raises(Fixable):
        propose(script, answer)


@pytest.mark.parametrize("answer", ['{"net1": {"why": "x"}}', json.dumps({"net1": 5})])
def test_an_answer_with_missing_parts_is_fixable(script: Any, answer: str) -> None:
    with pytest.raises(Fixable):
        propose(script, answer)
