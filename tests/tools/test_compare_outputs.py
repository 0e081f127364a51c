"""What two rules undo in the same moment nobody sees, so it is not demanded."""

from hw.board import boards
from tests.tools.behaviours import when
from tools.artifacts import Emulation, Pin, PinEvent
from tools.compare_outputs import actual, change_deviation, visible
from tools.demand import Demanded, Expected
from tools.variants import Variants

RULES = (when("while", Pin(pin=7), labels="bay"), when("change", Pin(pin=7, state="toggle")))
LABELS = ("ash", "bay", "cob")


def test_changes_that_are_undone_at_once_are_left_out() -> None:
    assert visible([(20, 1), (20, 0), (120, 1), (220, 0), (220, 1), (320, 0)]) == [(120, 1), (320, 0)]
    assert visible([(20, 1), (120, 0)]) == [(20, 1), (120, 0)]
    assert visible([]) == []


def run(*changes: tuple[int, int]) -> Emulation:
    pins = tuple(PinEvent(t_ms=t, pin=7, name="D7", mode="digital", value=v) for t, v in changes)
    return Emulation(status="done", virtual_ms=1000, instructions=1, pins=pins)


def test_a_board_that_does_what_two_such_rules_say_is_right() -> None:
    shown = [
        Expected(20 + 100 * k, label, LABELS.index(label), 0.95) for k, label in enumerate(["ash", "cob", "bay"] * 3)
    ]
    demanded = Demanded(RULES, shown, 1000)
    told = demanded.outputs["pin", 7].changes
    assert len(visible(told)) < len(told), "the rules undo each other"
    board = boards()["nano33ble"]
    key = ("pin", 7)
    right = actual(run(*visible(told)).pins, key, board)
    assert change_deviation(Variants(demanded), key, right) == ""
    stuck = actual(run(*visible(told)[:1]).pins, key, board)
    assert "changes, demanded" in change_deviation(Variants(demanded), key, stuck)
