from tools.artifacts import Condition, Led, Pin, Print, Rule
from tools.rule_table import rule_table


def test_while_rules_say_what_every_label_means_for_the_output() -> None:
    rules = (
        Rule(trigger="while", condition=Condition(labels=("a",)), actions=(Led(name="red"),)),
        Rule(trigger="while", condition=Condition(not_labels=("c",)), actions=(Pin(pin=4, state="pwm", duty=99),)),
    )
    table = rule_table(rules, ("a", "b", "c"))
    assert table.outputs == ("red LED", "pin 4")
    assert dict(table.rows) == {"a": ("on", "PWM 99"), "b": ("off", "PWM 99"), "c": ("off", "off")}


def test_events_say_when_and_how_sure() -> None:
    rules = (
        Rule(
            trigger="becomes",
            condition=Condition(labels=("a",), confidence_min=0.8),
            actions=(Led(name="blue", state="blink", times=3), Print(template="hi {label}")),
        ),
    )
    rows = dict(rule_table(rules, ("a", "b")).rows)
    assert rows["a"] == (
        "blinks 3 × 200 ms when it begins, confidence ≥ 0.8",
        '"hi {label}" when it begins, confidence ≥ 0.8',
    )
    assert rows["b"] == ("–", "–")


def test_moments_that_no_label_decides_have_rows_of_their_own() -> None:
    rules = (
        Rule(trigger="start", actions=(Print(template="ready"),)),
        Rule(trigger="every", period_ms=500, actions=(Pin(pin=2, state="toggle"),)),
    )
    table = rule_table(rules, ("a",))
    assert table.rows == (
        ("a", ("–", "–")),
        ("at start-up", ('"ready"', "–")),
        ("every 500 ms", ("–", "toggles")),
    )
