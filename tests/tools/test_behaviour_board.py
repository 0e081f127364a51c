"""The generated C++ on the emulated board does what the interpreter demands: for behaviours by hand and at random."""

import pytest

from tests.tools.behaviours import BEHAVIOURS
from tests.tools.bench import Bench, Proof
from tests.tools.random_rules import behaviour
from tools.artifacts import Led, Rule
from tools.behaviour import sentence

pytestmark = pytest.mark.toolchain

SEEDS = range(8)
# Every fourth behaviour, and all of them in the slow run: a compile and an emulation each.
SAMPLED = [name if k % 4 == 0 else pytest.param(name, marks=pytest.mark.slow) for k, name in enumerate(BEHAVIOURS)]
ROLLING = (
    "every",
    "heartbeat",
    "held",
    "stays on",
    "slow",
    "debounced by time",
    "button",
    "blinks all the while",
    "near",
)
ON_AVR = ("mute", "button gate", "held", "majority", "debounced by time", "slow", "count all", "json")
"""Other processor, other sizes of int, and readings and commands on the same serial line."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="module")
def avr(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("avr"), "mega", "serial")


def with_builtin_led(rule: Rule) -> Rule:
    """The rule for a board that has no other LED."""
    actions = [a.model_copy(update={"name": "builtin"}) if isinstance(a, Led) else a for a in rule.actions]
    return rule.model_copy(update={"actions": tuple(actions)})


def does_something(proof: Proof) -> bool:
    return bool(proof.demanded.lines) or any(t.changes for t in proof.demanded.outputs.values())


@pytest.mark.parametrize("name", SAMPLED)
def test_the_board_does_what_the_rules_demand(bench: Bench, name: str) -> None:
    b = BEHAVIOURS[name]
    proof = bench.prove(b.rules, b.shown, b.events, b.decision, b.names)
    assert does_something(proof)
    assert proof.failed == []


@pytest.mark.parametrize("name", ON_AVR)
def test_another_processor_and_one_serial_line_for_all(avr: Bench, name: str) -> None:
    b = BEHAVIOURS[name]
    proof = avr.prove([with_builtin_led(rule) for rule in b.rules], b.shown, b.events, b.decision, b.names)
    assert does_something(proof)
    assert proof.failed == []


@pytest.mark.parametrize("name", ROLLING)
def test_nothing_changes_when_millis_rolls_over(bench: Bench, name: str) -> None:
    b = BEHAVIOURS[name]
    proof = bench.prove(b.rules, b.shown, b.events, b.decision, b.names, rollover_ms=len(b.shown) * 50 + 5)
    assert does_something(proof)
    assert proof.failed == []


@pytest.mark.parametrize("seed", SEEDS)
def test_random_rules_too(bench: Bench, seed: int) -> None:
    b = behaviour(seed)
    proof = bench.prove(b.rules, b.shown, b.events, b.decision, b.names)
    assert proof.failed == [], [sentence(rule) for rule in b.rules]


def test_the_comparison_tells_each_behaviour_from_the_others(bench: Bench) -> None:
    """A board that does something else is not let through: the demand of one, the sketch of another."""
    names = ("mute", "button gate", "counting", "held", "stays on", "majority")
    for one, other in zip(names, (*names[1:], names[0]), strict=True):
        b, wrong = BEHAVIOURS[one], BEHAVIOURS[other]
        assert bench.prove(b.rules, b.shown, b.events, b.decision, b.names, sketch=wrong).failed, (one, other)
