"""What is learned from the worked examples of what requests ask for."""

from typing import Any

import pytest

from agents.likely import HARDLY_MEANT, WORTH_OFFERING, likely, often, rare, traits, unlikely

DOOR = ("ajar", "closed", "open")
EVERY = {label: 1 for label in DOOR}


def test_the_traits_of_a_plan_are_what_it_asks_for() -> None:
    plan: dict[str, list[dict[str, Any]]] = {
        "switches": [{"when": "received go", "turns": "on", "what": "serial"}],
        "red LED": [{"when": "becomes", "labels": {"open": 1}, "if": ["held 3000 ms"], "set": "blink 3 times"}],
        "pin 5": [{"when": "while", "labels": {"open": 1}, "set": "high and 5000 ms after"}],
        "green LED": [{"when": "button 4 pressed", "labels": EVERY, "set": "on"}],
        "serial": [{"when": "change", "labels": EVERY, "print": "{previous} {label}"}],
    }
    assert traits(plan) == {
        "switches", "when received", "when becomes", "if held", "set times", "when while", "set linger", "when button",
        "set latch", "serial", "print change", "field previous", "field label",
    }  # fmt: skip
    assert traits({"serial": []}) == frozenset()


@pytest.mark.parametrize(
    ("request_text", "trait"),
    [
        ("the relay on D5 swaps its state each time somebody opens the fridge", "set toggle"),
        ("give me the state in steps of 20 seconds, every 20 s one line", "print every"),
        ("once it was ajar for more than a minute without a break, red comes on", "if held"),
        ("as long as it is ajar the lamp winks at a pace of 300 ms", "set blink"),
    ],
)
def test_a_way_of_saying_is_recognised_from_its_parts(request_text: str, trait: str) -> None:
    chances = likely(request_text, DOOR)
    assert all(0 <= p <= 1 for p in chances.values())
    assert trait in often(chances)
    assert likely("blue LED for open", DOOR)[trait] < WORTH_OFFERING


def test_what_such_words_hardly_ever_mean_is_told() -> None:
    request_text = "blue LED for open, red LED for closed"
    plan = {"blue LED": [{"when": "while", "labels": {"open": 1}, "set": "on"}]}
    chances = likely(request_text, DOOR)
    assert unlikely(plan, chances) == []
    odd = plan | {"serial": [{"when": "start", "print": "hello"}]}
    assert "print start" in rare(odd, chances, HARDLY_MEANT)
    assert "a line at start-up is hardly meant" in unlikely(odd, chances)


def test_a_trait_that_was_never_learned_is_no_doubt() -> None:
    assert unlikely({"red LED": [{"when": "becomes", "set": "on"}]}, {}) == []
