"""Two sets of rules demand the same exactly where a board could not be told apart."""

import pytest

from tools.artifacts import Condition, Decision, Led, Print, Rule
from tools.same_demand import same_demand

LABELS = ("rest", "walk", "fall")
USUAL = (Decision(), Decision())
RED = (Led(name="red", state="on"),)


def rule(trigger: str, *labels: str, actions: tuple[Led | Print, ...] = RED, **more: object) -> Rule:
    limits = {key: more.pop(key) for key in ("held_ms_min", "confidence_min", "count_every") if key in more}
    condition = Condition.model_validate({"labels": labels, **limits})
    return Rule.model_validate({"trigger": trigger, "condition": condition, "actions": actions, **more})


def test_the_order_of_rules_and_a_rule_split_by_label_are_no_difference() -> None:
    both, apart = [rule("while", "walk", "fall")], [rule("while", "fall"), rule("while", "walk")]
    assert same_demand(both, apart, LABELS, USUAL)
    assert same_demand(apart, apart[::-1], LABELS, USUAL)


@pytest.mark.parametrize(
    "other",
    [
        rule("while", "walk"),
        rule("becomes", "fall"),
        rule("while", "fall", held_ms_min=2000),
        rule("while", "fall", confidence_min=0.8),
        rule("while", "fall", linger_ms=1000),
        rule("while", "fall", actions=(Led(name="blue", state="on"),)),
        rule("change", actions=(Print(template="{label}"),)),
    ],
)
def test_what_a_board_would_do_otherwise_is_a_difference(other: Rule) -> None:
    assert not same_demand([rule("while", "fall")], [other], LABELS, USUAL)


def test_which_results_count_is_a_part_of_it() -> None:
    rules = [rule("change", actions=(Print(template="{label}"),))]
    assert not same_demand(rules, rules, LABELS, (Decision(), Decision(stable_results=3)))


def test_a_count_of_a_million_does_not_take_for_ever() -> None:
    rules = [rule("becomes", "fall", count_every=1_000_000)]
    assert same_demand(rules, rules, LABELS, USUAL)
