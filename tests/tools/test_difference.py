"""The first difference of two runs in plain words; what only code's own time makes different is none."""

from typing import Any

import pytest

from hw.board import boards
from tools.artifacts import Emulation, PinEvent, SerialLine
from tools.difference import first_difference
from tools.shown import Event, Expected

BOARD = boards()["nano33ble"]
RESULTS = tuple(
    Expected(t_ms, label, index, 0.9)
    for t_ms, (label, index) in zip(range(20, 1020, 100), [("apple", 0)] * 5 + [("banana", 1)] * 5, strict=True)
)
RED = BOARD.leds["red"].number


def run(lit: tuple[tuple[int, int], ...] = (), said: tuple[tuple[int, str], ...] = (), pin: int = RED) -> Emulation:
    """`lit`: (time, 1 or 0) of the red LED, which is active low; of a pin its level."""
    inverted = pin == RED
    pins = [(0, 0), *lit]
    return Emulation(
        status="done", virtual_ms=1000, instructions=1,
        pins=tuple(
            PinEvent(t_ms=t, pin=pin, name="x", mode="digital" if v < 2 else "pwm", value=1 - v if inverted else v)
            for t, v in pins
        ),
        serial=tuple(SerialLine(t_ms=t, text=text) for t, text in said),
    )  # fmt: skip


def words(one: Emulation, other: Emulation, **shown: Any) -> str:
    found = first_difference(one, other, BOARD, RESULTS, **shown)
    return found.text if found else ""


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (run(((521, 1),)), run(), "after 'banana' appears: with the rules the red LED goes on; with the draft it "),
        (run(((21, 1),)), run(((21, 1), (521, 0))), "with the rules the red LED stays on; with the draft it goes off"),
        (run(), run(((650, 1),)), "at 0.7 s, while 'banana' is shown: with the rules the red LED stays off; "),
        (run(((5, 1),)), run(), "at 0.0 s, before the first result: with the rules the red LED goes on"),
        (run(((21, 128),), pin=3), run(((21, 64),), pin=3), "rules pin 3 is at 128 of 255; with the draft it is at 64"),
        (run(said=((521, "a"),)), run(said=((521, "b"),)), "with the rules it prints 'a'; with the draft 'b'"),
        (run(said=((521, "a"), (622, "b"))), run(said=((622, "b"),)), "prints 'a'; with the draft nothing"),
        (run(), run(said=((221, "b"),)), "while 'apple' is shown: with the rules it prints nothing; with the draft '"),
        (run(said=((21, "count 3"),)), run(said=((21, "count 4"),)), "prints 'count 3'; with the draft 'count 4'"),
        (run(((521, 1),), said=((421, "a"),)), run(), "at 0.4 s, while 'apple' is shown: with the rules it prints 'a'"),
    ],
)  # fmt: skip
def test_the_first_difference(one: Emulation, other: Emulation, told: str) -> None:
    assert told in words(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (run(), run()),
        (run(((521, 1),)), run(((523, 1),))),
        (run(((21, 1), (30, 0))), run(((21, 1), (33, 0)))),
        (run(((21, 128),), pin=3), run(((21, 131),), pin=3)),
        (run(said=((521, "t 1520"),)), run(said=((522, "t 1522"),))),
        (run(said=((521, "a"), (600, "~=levels"))), run(said=((521, "a"),))),
    ],
)
def test_what_is_no_difference(one: Emulation, other: Emulation) -> None:
    assert first_difference(one, other, BOARD, RESULTS) is None


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Event(550, "pressed", 2), "at 0.6 s, after the button at pin 2 is pressed: "),
        (Event(550, "serial", "reset"), 'at 0.6 s, after "reset" comes on serial: '),
        (Event(550, "proximity", 20), "at 0.6 s, after the proximity becomes 20: "),
        (Event(150, "pressed", 2), "at 0.6 s, after 'banana' appears: "),
    ],
)
def test_what_happened_just_before(event: Event, told: str) -> None:
    assert words(run(((560, 1),)), run(), events=(event,)).startswith(told)


def test_where_else_they_differ() -> None:
    one = run(((521, 1),), said=((421, "a"),))
    found = first_difference(one, run(), BOARD, RESULTS)
    assert found is not None
    assert found.where == ("serial", "red LED")
