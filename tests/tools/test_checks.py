"""The checks as sentences, before any run: complete, the same every time, and each one's own."""

from hw.board import boards
from tools.artifacts import Condition, Led, Pin, Print, Rule
from tools.checks import checks_of

BOARD = boards()["nano33ble"]
CLASSES = ("apple", "banana")


def of(*rules: Rule) -> tuple[str, ...]:
    return checks_of(rules, CLASSES, BOARD)


def held(condition: Condition, *actions: Led | Pin) -> Rule:
    return Rule(trigger="while", condition=condition, actions=actions)


def test_a_held_led_is_said_for_every_class() -> None:
    checks = of(held(Condition(labels=("apple",)), Led(name="red")))
    assert "red LED is on while the result is 'apple'" in checks
    assert "red LED is off while the result is 'banana'" in checks
    assert "red LED changes as often and for as long as demanded" in checks
    assert "green LED stays off" in checks
    assert not [check for check in checks if check.startswith("red LED stays")]


def test_thresholds_blinks_and_duties_are_said() -> None:
    checks = of(
        held(Condition(labels=("apple",), confidence_min=0.7), Led(name="red")),
        held(Condition(labels=("banana",)), Led(name="red", state="blink", duration_ms=100)),
        held(Condition(not_labels=("apple",)), Pin(pin=3, state="pwm", duty=90)),
    )
    assert "red LED is on while confidence is at least 0.7, else off while the result is 'apple'" in checks
    assert "red LED is blinking (100 ms) while the result is 'banana'" in checks
    assert "pin 3 is at PWM 90 while the result is 'banana'" in checks
    assert any("each threshold of confidence" in check for check in checks)
    assert not any("each threshold of confidence" in check for check in of())


def test_an_inverse_is_on_where_nothing_holds() -> None:
    checks = of(held(Condition(labels=("apple",)), Led(name="red", state="off")))
    assert "red LED is off while the result is 'apple'" in checks
    assert "red LED is on while the result is 'banana'" in checks


def test_lines_are_said_where_some_may_come() -> None:
    checks = of(
        Rule(trigger="change", condition=Condition(labels=("banana",)), actions=(Print(template="b"),)),
        Rule(trigger="every", period_ms=500, actions=(Print(template="alive"),)),
    )
    assert "serial prints nothing undemanded for 'apple'" in checks
    assert "serial prints the demanded lines for 'banana'" in checks
    assert "lines of start-up, periods and events come in time" in checks


def test_scenes_and_the_minute_are_always_among_them_and_no_sentence_comes_twice() -> None:
    for rules in ((), (held(Condition(labels=("apple",)), Led(name="red")),)):
        checks = of(*rules)
        for words in ("at rest", "noise", "pause", "between", "heap", "rolling over", "every inference", "restart"):
            assert any(words in check for check in checks), words
        assert len(set(checks)) == len(checks) > 15
        assert checks == of(*rules)


def test_one_lamp_under_two_names_is_not_demanded_dark() -> None:
    board = boards()["nucleo_h743zi"]
    twins = [name for name, led in board.leds.items() if led.number == board.leds["green"].number]
    checks = checks_of([held(Condition(labels=("apple",)), Led(name="green"))], CLASSES, board)
    assert len(twins) > 1
    assert not [check for check in checks if any(check == f"{name} LED stays off" for name in twins)]
