"""The validator's word: one question for all, and changes that are applied as they are named."""

import json
from typing import Any

import pytest

from agents.llm import LanguageModels
from agents.validator import CHANGES, apply_change, judge
from tests.conftest import SCRIPTED
from tools.artifacts import Candidate, Estimate
from tools.errors import Fixable
from tools.notation import compact, expand


def candidate(name: str, *violations: str) -> Candidate:
    figures = {"macs": 700, "params": 9, "arena_bytes": 500, "model_flash_bytes": 90, "ram_bytes": 1, "flash_bytes": 1}
    cost = Estimate(**figures, violations=violations)
    return Candidate(
        id=name, round=1, author="llm", architecture=expand(["fc16"], "mlp"), estimate=cost, status="proposed"
    )


def test_all_networks_are_judged_by_one_question(script: Any) -> None:
    words = {"n1": {"fits": True, "change": "none"}, "n2": {"fits": False, "change": "fewer_channels"}}
    model = script(validator=json.dumps(words))
    broken = candidate("n2", "arena 500 bytes over 400")
    verdicts = judge(LanguageModels(SCRIPTED), "sort fruit", [candidate("n1"), broken])
    [(role, prompt)] = model.asked
    assert role == "validator"
    assert "n1: fc16; 700 MACs, arena 500 bytes, flash 90 bytes" in prompt
    assert "OVER BUDGET: arena 500 bytes over 400" in prompt
    assert (verdicts["n1"].feasible, verdicts["n1"].fits, verdicts["n1"].hint) == (True, True, "none")
    assert (verdicts["n2"].feasible, verdicts["n2"].fits, verdicts["n2"].hint) == (False, False, "fewer_channels")


def test_the_model_cannot_make_a_violating_network_feasible(script: Any) -> None:
    script(validator='{"n1": {"fits": true, "change": "none"}}')
    assert not judge(LanguageModels(SCRIPTED), "x", [candidate("n1", "too large")])["n1"].feasible


def test_without_networks_nothing_is_asked(script: Any) -> None:
    model = script()
    assert judge(LanguageModels(SCRIPTED), "x", []) == {}
    assert model.asked == []


def test_a_network_the_answer_leaves_out_has_no_verdict(script: Any) -> None:
    script(validator='{"n1": {"fits": true, "change": "none"}}')
    assert set(judge(LanguageModels(SCRIPTED), "x", [candidate("n1"), candidate("n2")])) == {"n1"}


@pytest.mark.parametrize("answer", ["yes", '{"n1": {"fits": true}}', '{"n1": 1}', "[]"])
def test_a_broken_answer_is_fixable(script: Any, answer: str) -> None:
    script(validator=answer)
    with pytest.raises(Fixable):
        judge(LanguageModels(SCRIPTED), "x", [candidate("n1")])


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        ("fewer_channels", "cv3s1c16d1 ds3s1c4d1", "cv3s1c12d1 ds3s1c4d1"),
        ("more_channels", "cv3s1c16d1 ds3s1c64d1", "cv3s1c24d1 ds3s1c64d1"),
        ("more_stride", "cv3s2c16d1 ds3s1c8d1 ds3s1c8d1", "cv3s2c16d1 ds3s2c8d1 ds3s1c8d1"),
        ("more_stride", "cv3s2c16d1", "cv3s2c16d1"),
        ("less_depth", "cv3s1c16d3 ds3s1c8d1", "cv3s1c16d2 ds3s1c8d1"),
        ("drop_stage", "cv3s1c16d1 ds3s1c8d1", "cv3s1c16d1"),
        ("drop_stage", "cv3s1c16d1", "cv3s1c16d1"),
        ("add_stage", "cv3s2c16d1", "cv3s2c16d1 cv3s1c16d1"),
        ("add_stage", " ".join(["cv3s1c8d1"] * 7), " ".join(["cv3s1c8d1"] * 7)),
        ("none", "cv3s1c16d1", "cv3s1c16d1"),
        ("fewer_channels", "fc20 fc8", "fc12 fc6"),
        ("more_stride", "fc16", "fc16"),
    ],
)
def test_a_change_does_what_its_name_says(change: str, before: str, after: str) -> None:
    assert change in CHANGES
    form = "mlp" if before.startswith("fc") else "conv1d"
    assert compact(apply_change(expand(before.split(), form), change)) == after
