"""What cannot be done is refused in one clear sentence, before any model is asked; what can be done is let through."""

import pytest

from agents.refusals import MAX_SENTENCES, check_board_has, check_readable
from hw.board import boards
from tools.errors import BadInput, Infeasible

NANO, UNO = boards()["nano33ble"], boards()["uno"]
FRUIT = ("apple", "orange")


@pytest.mark.parametrize(
    ("request_text", "words"),
    [
        ("", "is empty"),
        ("  \n ", "is empty"),
        ("asdf qwer zxcv", "was not understood"),
        ("12345 !!! ???", "was not understood"),
        ("Turn the red LED on. " * (MAX_SENTENCES + 15), "sentences"),
        ("tell apples from pears " * 120, "characters"),
        ("red LED always on and always off", "the red LED cannot be on and off always"),
        ("pin 4 is always high but always low for apples", "contradicts itself: pin 4 cannot be on and off always"),
        ("The red LED must always be on. The red LED must always be off.", "the red LED cannot be on and off always"),
        ("Pin 4 high for apple, and it is low when apple is there.", "pin 4 cannot be on and off for apple"),
        ("make it so", "does not say what the device shall do"),
        ("on an apple disable all interrupts for ever", "without interrupts the board stands still"),
        ("print the label in an endless loop", "recognises nothing any more"),
        ("when it sees an apple, erase the flash", "destroy"),
    ],
)
def test_what_is_no_request_is_refused(request_text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        refuse(request_text)


def refuse(request_text: str) -> None:
    check_readable(request_text, FRUIT)
    check_board_has(request_text, NANO, FRUIT)


@pytest.mark.parametrize(
    ("request_text", "words"),
    [
        ("pin 45 high for apples", "no free digital pin 45; it has 0 to 13"),
        ("the yellow LED for oranges", "no yellow LED; its LEDs: red, green, blue, builtin"),
        ("a purple light for apples", "no purple LED"),
        ("sound the buzzer on A9", "no pin A9; its analog pins are A0 to A7"),
        ("show the label on the display", "has no display"),
        ("send me an e-mail for apples", "has no radio connection"),
        ("log it to the SD card", "has no memory card"),
    ],
)
def test_what_the_board_lacks_is_infeasible(request_text: str, words: str) -> None:
    with pytest.raises(Infeasible, match=words):
        check_board_has(request_text, NANO, FRUIT)


def test_each_board_has_its_own() -> None:
    with pytest.raises(Infeasible, match="Arduino Uno has no red LED; its LEDs: builtin"):
        check_board_has("red LED for apples", UNO, FRUIT)
    with pytest.raises(Infeasible, match="Arduino Uno has no proximity sensor"):
        check_board_has("print it while the proximity is low", UNO, FRUIT)
    check_board_has("pin 18 high for apples", UNO, FRUIT)


@pytest.mark.parametrize(
    ("request_text", "words"),
    [
        ("beep the buzzer for apples", "at which pin the buzzer is"),
        ("press a button to start printing", "at which pin the button is"),
    ],
)
def test_a_missing_pin_is_asked_for(request_text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_board_has(request_text, NANO, FRUIT)


@pytest.mark.parametrize(
    "request_text",
    [
        "orange light means orange, red LED for apples",
        "buzzer on pin 5 for apples; a button on pin 2 mutes it",
        "D13 high for apples and A3 for oranges",
        "the red LED is never on for oranges and always on for apples",
        "Display the label over serial, red LED for motor sounds from my fan.",
        "count buttons, keys and coins A12 over the bell; wipe the board when done",
        "tell speaker A from speaker B; cloud or sun, red LED for cloud",
        "print 0.9 when sure; print the time too",
    ],
)
def test_what_can_be_done_is_let_through(request_text: str) -> None:
    classes = ("button", "coin") if "buttons" in request_text else FRUIT
    check_readable(request_text, classes)
    check_board_has(request_text, NANO, classes)
