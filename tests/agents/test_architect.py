"""Networks in few tokens: the compact form and back, the schema's lengths, what the prompt tells."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import architect
from agents.llm import LanguageModels
from tests.conftest import SCRIPTED
from tests.fakes import networks
from tools.artifacts import Architecture, Budgets, Candidate, Stage
from tools.errors import Fixable

CHANNELS = st.integers(1, 512)
CONVOLUTION = st.builds(
    Stage,
    block=st.sampled_from(["conv", "dsconv", "mbconv"]),
    channels=CHANNELS,
    kernel=st.sampled_from([1, 3, 5, 7]),
    stride=st.sampled_from([1, 2]),
    depth=st.integers(1, 4),
    skip=st.booleans(),
)
DENSE = st.builds(Stage, block=st.just("dense"), channels=CHANNELS)


def nets(form: str, stage: st.SearchStrategy[Stage]) -> st.SearchStrategy[Architecture]:
    listed = st.lists(stage, min_size=1, max_size=7).map(tuple)
    return st.builds(Architecture, form=st.just(form), stages=listed)


@given(st.one_of(nets("mlp", DENSE), nets("conv1d", CONVOLUTION), nets("conv2d", CONVOLUTION)))
def test_the_compact_form_says_all(arch: Architecture) -> None:
    assert architect.expand(architect.compact(arch).split(), arch.form) == arch


def test_the_compact_form_is_what_the_prompt_shows() -> None:
    stages = (
        Stage(block="conv", channels=8, kernel=5, stride=2),
        Stage(block="dsconv", channels=16, depth=2, skip=True),
    )
    assert architect.compact(Architecture(form="conv1d", stages=stages)) == "cv5s2c8d1 +ds3s1c16d2"
    assert architect.expand(["fc16", "fc8"], "mlp").stages[1] == Stage(block="dense", channels=8)


@pytest.mark.parametrize(
    ("words", "form", "problem"),
    [
        (["fc16", "ds3s1c8d1"], "mlp", "'ds3s1c8d1' is not a layer: write fc"),
        (["fc16"], "conv1d", "'fc16' is not a stage: write e.g. ds3s2c16d1"),
        (["cv4s1c8d1"], "conv2d", "'cv4s1c8d1' is not a stage"),
        (["cv3s1c8d9"], "conv2d", "'cv3s1c8d9' is not a stage"),
        (["cv3s1c8d1 "], "conv2d", "is not a stage"),
    ],
)
def test_a_word_that_is_not_in_the_vocabulary_is_named(words: list[str], form: str, problem: str) -> None:
    with pytest.raises(Fixable, match=problem):
        architect.expand(words, form)


@pytest.mark.parametrize("form", ["mlp", "conv1d", "conv2d"])
def test_the_schema_fixes_the_length_of_each_network_and_its_words_expand(form: str) -> None:
    schema = architect.schema(form, [1, 3])
    assert schema["required"] == ["net1", "net2"]
    lists = [net["properties"]["net"] for net in schema["properties"].values()]
    assert [(n["minItems"], n["maxItems"]) for n in lists] == [(1, 1), (3, 3)]
    if form == "mlp":
        for word in lists[0]["items"]["enum"]:
            architect.expand([word], form)


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
    assert [(c.id, architect.compact(c.architecture)) for c in found] == [("r2n0", "fc8"), ("r2n1", "fc16 fc8")]
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
