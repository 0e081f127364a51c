"""A board is named by words of its own, not by letters that happen to stand together."""

import pytest

from agents.planner import _choose_board


@pytest.mark.parametrize(
    ("request_text", "board"),
    [
        ("blink when you notice an apple", "nano33ble"),  # "you notice" holds the letters u, n, o
        ("show omega on the serial line", "nano33ble"),
        ("on an Arduino Uno, please", "uno"),
        ("use the mega", "mega"),
        ("for a Nano 33 BLE Sense", "nano33ble"),
        ("for the Nano 33 BLE Sense Rev2", "nano33ble_rev2"),
        ("a Netduino Plus 2", "netduinoplus2"),
        ("nucleo-h743zi", "nucleo_h743zi"),
    ],
)
def test_board_of_a_request(request_text: str, board: str) -> None:
    assert _choose_board(request_text, None)[0].id == board
