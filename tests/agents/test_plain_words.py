"""Short forms of a request written out, and nothing else touched."""

import pytest

from agents.plain_words import written_out
from hw.board import boards

BOARD = boards()["nano33ble"]


@pytest.mark.parametrize(
    ("short", "plain"),
    [
        ("Got a buzzer on 9.", "Got a buzzer on pin 9."),
        ("a clap flips the relay on 5", "a clap flips the relay on pin 5"),
        ("the horn (digital 6) sounds", "the horn (pin 6) sounds"),
        ("btn on 7 stops it", "button on pin 7 stops it"),
        ("A press on button 2 starts it", "A press on button pin 2 starts it"),
        ("lids on 2 (glass), 3 (metal) go high", "lids on pin 2 (glass), pin 3 (metal) go high"),
        ("blink 3x when it falls", "blink 3 times when it falls"),
        ("red if confidence is below .85", "red if confidence is below 0.85"),
        ("held for 10 secs", "held for 10 seconds"),
        ("red w/ drums", "red with drums"),
    ],
)
def test_short_forms_are_written_out(short: str, plain: str) -> None:
    assert written_out(short, ("rest", "fall"), BOARD) == plain


@pytest.mark.parametrize(
    "request_text",
    [
        'print "relay on 5" and "3x" when it falls',
        "the fan on pin 5 at 60 percent",
        "beep on 3 results in a row",
        "the motor at 80% duty",
        "the pump on 99",
        "majority out of 9 decides",
        "the lamp is on 5 seconds later",
        "lane 2 and lane 3 are labels",
    ],
)
def test_numbers_that_are_no_pins_and_quoted_texts_stay(request_text: str) -> None:
    assert written_out(request_text, ("rest", "lane 2", "lane 3"), BOARD) == request_text
