"""The validator's word: one question for all, and changes that are applied as they are named."""

from typing import Any

import pytest

from agents.llm import LanguageModels
from agents.validator import CHANGES, apply_change, judge
from tests.conftest import SCRIPTED
from tools.artifacts import Candidate, Estimate, Verdict
from tools.errors import Fixable
from tools.notation import compact, expand


def candidate(name: str, *violations: str) -> Candidate:
    figures = {"macs": 700, "params": 9, "arena_bytes": 500, "model_flash_bytes": 90, "ram_bytes": 1, "flash_bytes": 1}
    cost = Estimate(**figures, violations=violations)
    return Candidate(
        id=name, round=1, author="llm", architecture=expand(["fc16"], "mlp"), estimate=cost, status="proposed"
    )


def test_all_networks_are_judged_by_one_question(script: Any) -> None:
    model = script(validator='{"1": "fewer_channels", "2": "drop_stage"}')
    broken = [candidate("n2", "arena 500 bytes over 400"), candidate("n3", "MACs 9 over 8", "flash 2 over 1")]
    verdicts = judge(LanguageModels(SCRIPTED), [candidate("n1"), *broken])
    [(role, prompt)] = model.asked
    assert role == "validator"
    assert prompt.splitlines() == ["1: fc16; arena 500 bytes over 400", "2: fc16; MACs 9 over 8; flash 2 over 1"]
    assert verdicts == {
        "n2": Verdict(feasible=False, hint="fewer_channels"),
        "n3": Verdict(feasible=False, hint="drop_stage"),
    }


def test_without_networks_that_break_a_budget_nothing_is_asked(script: Any) -> None:
    model = script()
    assert judge(LanguageModels(SCRIPTED), []) == judge(LanguageModels(SCRIPTED), [candidate("n1")]) == {}
    assert model.asked == []


def test_a_network_the_answer_leaves_out_has_no_verdict(script: Any) -> None:
    script(validator='{"1": "more_stride", "2": "add_memory"}')
    broken = [candidate(name, "too large") for name in ("n1", "n2", "n3")]
    assert set(judge(LanguageModels(SCRIPTED), broken)) == {"n1"}, "nor has one with a change that there is not"


@pytest.mark.parametrize("answer", ["yes", "1", "null", "[1]"])
def test_a_broken_answer_is_fixable(script: Any, answer: str) -> None:
    script(validator=answer)
    with pytest.raises(Fixable):
        judge(LanguageModels(SCRIPTED), [candidate("n1", "too large")])


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        ("fewer_channels", "cv3c16 ds3c4", "cv3c12 ds3c4"),
        ("more_stride", "cv3s2c16 ds3c8 ds3c8", "cv3s2c16 ds3s2c8 ds3c8"),
        ("more_stride", "cv3s2c16", "cv3s2c16"),
        ("less_depth", "cv3c16d3 ds3c8", "cv3c16d2 ds3c8"),
        ("drop_stage", "cv3c16 ds3c8", "cv3c16"),
        ("drop_stage", "cv3c16", "cv3c16"),
        ("none", "cv3c16", "cv3c16"),
        ("fewer_channels", "fc20 fc8", "fc12 fc6"),
        ("more_stride", "fc16", "fc16"),
    ],
)
def test_a_change_does_what_its_name_says(change: str, before: str, after: str) -> None:
    assert change in (*CHANGES, "none")
    form = "mlp" if before.startswith("fc") else "conv1d"
    assert compact(apply_change(expand(before.split(), form), change)) == after
