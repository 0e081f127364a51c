"""The validator's word: one question for all, and changes that are applied as they are named."""

from typing import Any

import pytest

from agents.llm import LanguageModels
from agents.validator import CHANGES, apply_change, judge, repairs
from tests.conftest import SCRIPTED
from tools.artifacts import Architecture, Candidate, Estimate, Verdict
from tools.edits import Cost
from tools.errors import Fixable
from tools.notation import compact, expand


def candidate(name: str, *violations: str, net: str = "fc16") -> Candidate:
    figures = Estimate(
        macs=700, params=9, arena_bytes=500, model_flash_bytes=90, ram_bytes=1, flash_bytes=1, violations=violations
    )
    return Candidate(
        id=name, round=1, author="llm", architecture=expand(net.split(), "mlp"), estimate=figures, status="proposed"
    )


def cost(most_channels: int, most_stages: int = 9) -> Cost:
    """Budgets that a network keeps by few channels and stages."""

    def of(arch: Architecture) -> Estimate | None:
        fits = max(s.channels for s in arch.stages) <= most_channels and len(arch.stages) <= most_stages
        return candidate("n").estimate if fits else None

    return of


def test_only_changes_that_help_are_offered_and_all_networks_are_judged_by_one_question(script: Any) -> None:
    model = script(validator='{"1": "fewer_channels", "2": "drop_stage"}')
    broken = [
        candidate("n2", "arena 500 bytes over 400", net="fc8 fc16"),
        candidate("n3", "MACs 9 over 8", "flash 2 over 1", net="fc8 fc12"),
    ]
    verdicts = judge(LanguageModels(SCRIPTED), [candidate("n1"), *broken], cost(8))
    [(role, prompt)] = model.asked
    assert role == "validator"
    assert prompt.splitlines() == [
        "1: fc8 fc16; arena 500 bytes over 400; changes: fewer_channels, drop_stage",
        "2: fc8 fc12; MACs 9 over 8; flash 2 over 1; changes: fewer_channels, drop_stage",
    ]
    assert verdicts == {
        "n2": Verdict(feasible=False, hint="fewer_channels"),
        "n3": Verdict(feasible=False, hint="drop_stage"),
    }


def test_what_one_change_alone_mends_needs_no_question_and_what_none_mends_has_no_verdict(script: Any) -> None:
    model = script()
    broken = [candidate("n1", "too large", net="fc16"), candidate("n2", "too many", net="fc8 fc8 fc8")]
    assert judge(LanguageModels(SCRIPTED), broken, cost(8, most_stages=2)) == {
        "n1": Verdict(feasible=False, hint="fewer_channels"),
        "n2": Verdict(feasible=False, hint="drop_stage"),
    }
    assert judge(LanguageModels(SCRIPTED), broken, lambda _: None) == {}
    assert model.asked == []


def test_a_change_is_made_as_often_as_it_takes() -> None:
    assert {way: compact(net) for way, net in repairs(expand(["fc32"], "mlp"), cost(12)).items()} == {
        "fewer_channels": "fc12"
    }


def test_without_networks_that_break_a_budget_nothing_is_asked(script: Any) -> None:
    model = script()
    models = LanguageModels(SCRIPTED)
    assert judge(models, [], cost(8)) == judge(models, [candidate("n1")], cost(8)) == {}
    assert model.asked == []


def test_a_network_the_answer_leaves_out_has_no_verdict(script: Any) -> None:
    script(validator='{"1": "fewer_channels", "2": "add_memory"}')
    broken = [candidate(name, "too large", net="fc8 fc16") for name in ("n1", "n2", "n3")]
    assert set(judge(LanguageModels(SCRIPTED), broken, cost(8))) == {"n1"}, (
        "nor has one with a change that there is not"
    )


@pytest.mark.parametrize("answer", ["yes", "1", "null", "[1]"])
def test_a_broken_answer_is_fixable(script: Any, answer: str) -> None:
    script(validator=answer)
    with pytest.raises(Fixable):
        judge(LanguageModels(SCRIPTED), [candidate("n1", "too large", net="fc8 fc16")], cost(8))


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
