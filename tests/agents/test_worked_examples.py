"""The pool of worked examples, and which of them a request is shown."""

import json

import pytest

from agents.plan_reading import parse_plan
from agents.worked_examples import LONGEST, MOST, masked, nearest, pool
from hw.board import boards
from tools.behaviour_check import check_rules

REQUEST = "Red LED while the door is open and 5 seconds after. Button on pin 4 stops the printing."
LABELS = ("open", "closed")


def test_every_example_of_the_pool_is_a_usable_plan() -> None:
    board = boards()["nano33ble"]
    for example in (e for e in pool() if e.shown):
        rules = parse_plan(json.dumps(example.plan), example.labels, example.request)
        check_rules(rules, example.labels, board)
        assert rules, example.request


def test_the_nearest_share_the_turns_of_phrase() -> None:
    texts = " ".join(example.request.lower() for example in nearest(REQUEST, LABELS))
    assert "after" in texts
    assert "button" in texts
    assert 1 <= len(nearest(REQUEST, LABELS)) <= MOST
    assert sum(len(example.text) for example in nearest(REQUEST, LABELS)) <= LONGEST


def test_what_is_named_does_not_count() -> None:
    assert masked('blue LED on pin 5 says "hi" 3 times', ("on",)) == 'COLOUR LED LABEL PIN says "TEXT" # times'
    other = REQUEST.replace("Red", "Green").replace("5 sec", "9 sec").replace("pin 4", "pin 7").replace("open", "ajar")
    assert nearest(other, ("ajar", "closed")) == nearest(REQUEST, LABELS)


def test_a_request_of_the_pool_is_not_its_own_example() -> None:
    for example in pool()[::40]:
        assert example not in nearest(example.request, example.labels)


@pytest.mark.parametrize("skip", [1, 2])
def test_another_choice_has_other_examples(skip: int) -> None:
    first, other = nearest(REQUEST, LABELS), nearest(REQUEST, LABELS, skip)
    assert other
    assert not set(map(id, first)) & set(map(id, other))
