"""A change of mind touches what it names and nothing else."""

from tools.amend import amend, amended
from tools.artifacts import Condition, Decision, Led, Pin, Print, Rule, TaskSpec

FRUIT = ("apple", "banana", "orange")


def while_(led: str, *labels: str, state: str = "on") -> Rule:
    action = Led.model_validate({"name": led, "state": state})
    return Rule(trigger="while", condition=Condition(labels=labels), actions=(action,))


GREET = Rule(trigger="start", actions=(Print(template="hello"),))
TELL = Rule(trigger="result", actions=(Print(template="{label}"),))
RED, GREEN = while_("red", "apple"), while_("green", "banana")


def test_another_output_is_added_and_the_rest_kept() -> None:
    assert amend([RED, TELL], [GREEN], FRUIT) == (RED, TELL, GREEN)


def test_the_same_output_for_the_same_label_is_replaced() -> None:
    blink = Rule(
        trigger="becomes", condition=Condition(labels=("banana",)), actions=(Led(name="green", state="blink", times=2),)
    )
    assert amend([RED, GREEN, TELL], [blink], FRUIT) == (RED, TELL, blink)


def test_the_other_labels_of_a_rule_stay() -> None:
    both = while_("red", "apple", "orange")
    change = while_("red", "orange", state="blink")
    assert amend([both], [change], FRUIT) == (while_("red", "apple"), change)
    for_all = Rule(trigger="while", actions=(Pin(pin=5),))
    off = Rule(trigger="while", condition=Condition(labels=("banana",)), actions=(Pin(pin=5, state="low"),))
    left, new = amend([for_all], [off], FRUIT)
    assert (left.condition.labels, new) == (("apple", "orange"), off)


def test_lines_at_results_and_at_start_do_not_replace_each_other() -> None:
    changed = Rule(trigger="change", actions=(Print(template="now {label}"),))
    assert amend([GREET, TELL], [changed], FRUIT) == (GREET, changed)
    hi = Rule(trigger="start", actions=(Print(template="hi"),))
    assert amend([GREET, TELL], [hi], FRUIT) == (TELL, hi)


def test_only_the_named_output_of_a_rule_with_several_is_replaced() -> None:
    two = Rule(trigger="while", condition=Condition(labels=("apple",)), actions=(Led(name="red"), Led(name="blue")))
    change = while_("blue", "apple", state="off")
    assert amend([two], [change], FRUIT) == (while_("red", "apple"), change)


def test_commands_and_buttons_replace_only_their_own() -> None:
    stop = Rule(trigger="serial", text="stop", actions=(Led(name="red", state="off"),))
    go = Rule(trigger="serial", text="go", actions=(Led(name="red"),))
    halt = Rule(trigger="serial", text="stop", actions=(Led(name="red", state="blink"),))
    assert amend([RED, stop, go], [halt], FRUIT) == (RED, go, halt)


def test_a_plan_keeps_what_the_change_does_not_speak_of() -> None:
    old = TaskSpec(
        request="sort",
        name="fruit",
        board="uno",
        sensor="serial",
        classes=FRUIT,
        behaviour=(RED, TELL),
        decision=Decision(majority=3),
        names={"apple": "Apfel"},
    )
    change = old.model_copy(
        update={
            "request": "green for bananas",
            "name": "other",
            "behaviour": (GREEN,),
            "decision": Decision(),
            "names": {},
        }
    )
    new = amended(old, change)
    assert new.request == "sort; then: green for bananas"
    assert (new.name, new.behaviour, new.decision, new.names) == (
        "fruit",
        (RED, TELL, GREEN),
        old.decision,
        old.names,
    )
