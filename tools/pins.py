"""Names of a board's pins, as its sketches call them."""

from collections.abc import Callable

from hw.board import Board


def pin_namer(board: Board) -> Callable[[int], str]:
    """A function from pin number to name: the LED's (LEDR, LED_BUILTIN), else A0.., else D5."""
    names = {pin: f"A{i}" for i, pin in enumerate(board.analog_pins)}
    names |= {led.number: led.pin for led in board.leds.values()}
    return lambda pin: names.get(pin, f"D{pin}")
