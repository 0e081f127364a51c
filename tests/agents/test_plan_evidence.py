"""Rules held against the words that speak of their output alone."""

import pytest

from agents.plan_evidence import parts_of, unevidenced
from hw.board import boards
from tools.artifacts import Condition, Led, Pin, Print, Rule

BOARD = boards()["nano33ble"]
FARM = ("cow", "pig", "hen")


def led(name: str, *labels: str, trigger: str = "while", state: str = "on", **more: object) -> Rule:
    condition = Condition.model_validate({"labels": labels, **more})
    return Rule.model_validate(
        {"trigger": trigger, "condition": condition, "actions": (Led.model_validate({"name": name, "state": state}),)}
    )


def test_each_part_goes_to_the_output_that_it_speaks_of() -> None:
    request = "Tell cows from pigs. When it sees a cow, red on and pin 4 high, but green for pigs; print the label."
    parts = parts_of(request, ("red LED", "pin 4", "green LED", "serial"), BOARD)
    assert parts == {
        "red LED": ["When it sees a cow, red on"],
        "pin 4": ["and pin 4 high"],
        "green LED": ["but green for pigs"],
        "serial": ["print the label"],
    }


def test_what_is_to_be_recognised_is_no_part_of_the_first_output() -> None:
    request = "classify cow, pig and hen, red LED for cow, green for pig"
    assert unevidenced([led("red", "cow"), led("green", "pig")], request, FARM, BOARD) == []


@pytest.mark.parametrize(
    ("request_text", "rules", "doubt"),
    [
        ("Red LED for a cow. Blue LED for the hens.", [led("red", "cow"), led("blue", "pig")], "'hen'"),
        ("Red LED for a cow.", [led("red", "cow", "pig")], "'pig' is not said of the red LED"),
        ("The red LED blinks for a cow.", [led("red", "cow")], "the red LED does not flash"),
        ("A cow toggles the red LED.", [led("red", "cow")], "the red LED does not toggle"),
        ("The red LED comes on for a cow and stays on.", [led("red", "cow")], "the red LED does not stay on"),
        ("Red LED for a cow.", [led("red", "cow", previous=("pig",))], "nothing is said of the label before"),
        ("Red LED for a cow, print each change.", [led("red", "cow")], "nothing is done with the serial"),
    ],
)
def test_what_the_words_and_the_rules_do_not_share_is_a_doubt(request_text: str, rules: list[Rule], doubt: str) -> None:
    found = unevidenced(rules, request_text, FARM, BOARD)
    assert any(doubt in text for text in found), found


@pytest.mark.parametrize(
    ("request_text", "rules"),
    [
        ("The red LED is on for every animal but the hen.", [led("red", "cow", "pig")]),
        ("The red LED stays on while there is a cow.", [led("red", "cow")]),
        ("The red LED toggles for a cow.", [led("red", "cow", trigger="becomes", state="toggle")]),
        ("When a cow comes after a pig, red LED on.", [led("red", "cow", previous=("pig",))]),
        (
            "Pin 5 high for pigs.",
            [Rule(trigger="while", condition=Condition(labels=("pig",)), actions=(Pin(pin=5, state="high"),))],
        ),
    ],
)
def test_rules_that_say_the_same_raise_none(request_text: str, rules: list[Rule]) -> None:
    assert unevidenced(rules, request_text, FARM, BOARD) == []


def test_a_separator_that_is_named_must_be_in_the_line() -> None:
    request = "print label and confidence with a semicolon between them"
    line = Rule(trigger="result", actions=(Print(template="{label},{confidence}"),))
    assert unevidenced([line], request, FARM, BOARD) == ["no line has a semicolon"]
    right = Rule(trigger="result", actions=(Print(template="{label};{confidence}"),))
    assert unevidenced([right], request, FARM, BOARD) == []
