"""Request to rules: grounded in the words of the request, sampled again where the plan is hardly meant."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agents import plan_doubts, plan_reading, plan_review, plan_rules, planner, wording, wording_outputs
from agents.llm import LanguageModels
from agents.plan_schema import Said, plan_schema
from hw.board import boards
from tests.conftest import SCRIPTED
from tests.fakes import FRUIT_PLAN, FRUIT_REQUEST, led_plan
from tools.artifacts import Budgets, Condition, Led, Pin, Print, Rule, TaskSpec
from tools.data import load
from tools.errors import BadInput, Fixable, Infeasible

BOARD = boards()["nano33ble"]
CLASSES = ("resting", "running", "falling")
FRUIT = ("apple", "banana", "orange")


def entry(when: str = "while", labels: str = "", quote: str = "something", **what: Any) -> dict[str, Any]:
    meant = {name: int(name in labels.split()) for name in CLASSES}
    return {"quote": quote, "when": when, "labels": meant, **what}


def parsed(output: str, *entries: dict[str, Any]) -> tuple[Rule, ...]:
    return plan_reading.parse_plan(json.dumps({output: entries}), CLASSES)


def led(name: str, *labels: str, state: str = "on", trigger: str = "while") -> Rule:
    action = {"kind": "led", "name": name, "state": state}
    return Rule.model_validate({"trigger": trigger, "condition": {"labels": labels}, "actions": [action]})


# --- grounding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_text", "outputs"),
    [
        ("red LED for a, green for b", ["red LED", "green LED"]),
        ("switch the built-in LED on", ["builtin LED"]),
        ("blink when it falls", ["builtin LED"]),
        ("a light when it falls", ["builtin LED"]),
        ("D5 high and gpio 6 low, pin 99 too", ["pin 5", "pin 6"]),
        ("blue LED and print the label", ["blue LED", "serial"]),
        ("tell rest from run", ["serial"]),
        ("a pair of scarred fruit", ["serial"]),
    ],
)
def test_outputs_are_those_the_request_names(request_text: str, outputs: list[str]) -> None:
    assert wording_outputs.outputs(request_text, BOARD) == outputs
    assert list(plan_schema(Said(request_text), CLASSES, BOARD)["properties"]) == outputs


def choices(request: str, output: str, key: str) -> set[str]:
    """All that the schema allows for `key` of `output`."""
    variants = plan_schema(Said(request), CLASSES, BOARD)["properties"][output]["items"]["anyOf"]
    found = [v["properties"][key] for v in variants if key in v["properties"]]
    return {word for enum in found for word in enum.get("items", enum).get("enum", ())}


def test_the_schema_offers_the_requests_times_thresholds_and_counts_only() -> None:
    request = "red LED for 2 seconds when running above 80%, blink it three times when falling, every 500 ms"
    assert choices(request, "red LED", "if") == {"confidence below 0.8", "confidence at least 0.8"}
    assert choices(request, "red LED", "when") == {"while", "becomes", "change", "every 500 ms"}
    ways = choices(request, "red LED", "set")
    assert {"on", "off", "blink", "on for 2000 ms", "on for 500 ms", "blink 3 times"} <= ways
    assert not [way for way in ways if re.search(r"\d", way) and not re.search(r"\b(?:2000|500|1|3)\b", way)]


def test_the_schema_offers_nothing_that_the_request_does_not_name() -> None:
    request = "red LED for running, print the label"
    assert choices(request, "red LED", "if") == set()
    assert choices(request, "red LED", "set") == {"on", "off"}
    assert choices(request, "red LED", "when") == {"while"}
    variants = plan_schema(Said(request), CLASSES, BOARD)["properties"]["red LED"]["items"]["anyOf"]
    labels = [v["properties"]["labels"]["required"] for v in variants if "labels" in v["properties"]]
    assert labels
    assert all(tuple(names) == CLASSES for names in labels)


@pytest.mark.parametrize(
    ("request_text", "output", "key", "offered"),
    [
        ("red LED when running for more than 3 s", "red LED", "if", {"held 3000 ms"}),
        ("red LED after 4 running in a row", "red LED", "if", {"4 in a row"}),
        ("red LED at every third fall; count them", "red LED", "if", {"every 3. time"}),
        ("red LED while the button on pin 2 is down", "red LED", "if", {"button 2 down", "button 2 up"}),
        ("red LED when it goes from resting to falling", "red LED", "if", {"before: resting"}),
        ("red LED while something is near", "red LED", "if", {"near", "far"}),
        ("press the button at D4: print the label", "serial", "when", {"button 4 pressed"}),
        ('when I send "go" print the label', "serial", "when", {"received go"}),
        ("on receiving STOP switch the red LED off", "red LED", "when", {"received STOP"}),
        ("pin 3 at 40% for running", "pin 3", "set", {"pwm 102"}),
        ("the brightness of pin 3 shows how sure it is", "pin 3", "set", {"pwm by confidence"}),
        ("red LED on for running and 5 s after", "red LED", "set", {"on and 5000 ms after"}),
        ("red LED: as many flashes as the number of the label", "red LED", "set", {"blink by index"}),
        ("json with percent and the previous label", "serial", "json", {"label", "percent", "previous"}),
    ],
)
def test_the_schema_offers_what_the_request_names(request_text: str, output: str, key: str, offered: set[str]) -> None:
    assert offered <= choices(request_text, output, key)
    assert not offered & choices("red LED and pin 3 for running, print it", output, key)


@pytest.mark.parametrize(
    ("request_text", "durations"),
    [
        ("for 300 ms", [300]),
        ("for 1.5 s, then 2 minutes", [1500, 120_000]),
        ("half a second or ten seconds", [500, 10_000]),
        ("once per second", [1000]),
        ("5 apples and 3 simple pears", []),
    ],
)
def test_durations(request_text: str, durations: list[int]) -> None:
    assert wording.durations(request_text) == durations


@pytest.mark.parametrize(
    ("request_text", "thresholds"),
    [("above 80%, below 25 percent", [0.8, 0.25]), ("0.75 at least", [0.75]), ("when unsure", [0.6]), ("at once", [])],
)
def test_thresholds(request_text: str, thresholds: list[float]) -> None:
    assert wording.thresholds(request_text) == thresholds


@pytest.mark.parametrize(
    ("quote", "labels"),
    [
        ("LED while I run", ("running",)),
        ("when I am resting or falling", ("resting", "falling")),
        ("unless it is resting", ("running", "falling")),
        ("when it is not running", ("resting", "falling")),
        ("when running, not when falling", ("running",)),
        ("anything but falling", ("resting", "running")),
        ("otherwise, when not falling", ()),
        ("nothing else", ()),
        ("the rest of the day on a runway", ("resting",)),
        ("a ru of it", ()),
    ],
)
def test_labels_of_the_quoted_words(quote: str, labels: tuple[str, ...]) -> None:
    assert plan_reading.mentioned_labels(quote, CLASSES) == labels


def test_a_label_of_two_words_needs_both() -> None:
    assert plan_reading.mentioned_labels("the red apple", ("red apple", "green apple")) == ("red apple",)


# --- rules ------------------------------------------------------------------------------------------


def test_entries_become_rules() -> None:
    assert parsed("red LED", entry(labels="running", set="on")) == (led("red", "running"),)
    [pulse] = parsed("pin 5", entry("becomes", "falling", set="high for 50 ms"))
    assert pulse.actions == (Pin(pin=5, state="high", duration_ms=50),)
    assert (pulse.trigger, pulse.condition.labels) == ("becomes", ("falling",))
    [blink] = parsed("blue LED", entry("change", "falling", set="blink 3 times") | {"if": ["confidence at least 0.8"]})
    assert blink.actions == (Led(name="blue", state="blink", times=3),)
    assert blink.condition.confidence_min == 0.8
    [line] = parsed("serial", {"quote": "q", "when": "every 500 ms", "print": " {label} "})
    assert (line.actions, line.period_ms) == ((Print(template="{label}"),), 500)


def test_the_quoted_words_outweigh_the_models_labels() -> None:
    assert parsed("red LED", entry(labels="falling", quote="red LED while I run", set="on")) == (led("red", "running"),)
    assert parsed("red LED", entry(labels="falling", quote="otherwise", set="on")) == (led("red", "falling"),)


def test_all_labels_and_a_line_with_the_label_have_no_condition() -> None:
    assert parsed("red LED", entry(labels=" ".join(CLASSES), set="on"))[0].condition == Condition()
    assert parsed("serial", entry("result", "running", print="it is {label}"))[0].condition == Condition()


@pytest.mark.parametrize("text", ["{", "[]", '{"red LED": [{"when": "while"}]}', '{"pin x": [{"set": "high"}]}', "1"])
def test_what_is_no_plan_is_fixable(text: str) -> None:
    with pytest.raises(Fixable):
        plan_reading.parse_plan(text, CLASSES)


def test_tidy_drops_repetitions_and_an_off_that_reverts_by_itself() -> None:
    on, off, other = led("red", "running"), led("red", "resting", state="off"), led("blue", "resting", state="off")
    assert plan_review.tidy([on, on, off, other]) == (on, other)
    event = led("red", "resting", state="off", trigger="becomes")
    assert plan_review.tidy([on, event]) == (on, event), "an event's off is no reverting"


def test_what_is_hardly_meant_is_told() -> None:
    everything = led("red")
    assert plan_doubts.clashes([everything], CLASSES, "red LED") == ["the red LED would be on for every label"]
    assert plan_doubts.clashes([everything], CLASSES, "red LED always") == []
    line = Rule(trigger="result", actions=(Print(template="running"),))
    assert plan_doubts.monotonous([line], "") == ['the same line "running" at every result']
    twice = [led("red", "running"), led("red", "running", "falling", state="off")]
    assert plan_doubts.clashes(twice, CLASSES, "") == ["two rules say something about the red LED for the same label"]
    assert (
        plan_doubts.clashes([led("red", "running"), led("red", "falling"), led("blue", "falling")], CLASSES, "") == []
    )


# --- the whole plan ---------------------------------------------------------------------------------


def plan(data: Path, request: str = FRUIT_REQUEST) -> TaskSpec:
    models = LanguageModels(SCRIPTED)
    card = load(str(data)).card
    return planner.plan(models, request, board=None, card=card, data=str(data), budgets=Budgets(macs=5))


def test_a_plan_with_a_remark_is_asked_again_and_the_best_is_taken(fruit_data: Path, script: Any) -> None:
    vague = json.dumps({"red LED": [{"quote": "x", "when": "while", "labels": dict.fromkeys(FRUIT, 1), "set": "on"}]})
    model = script(planner=[vague, "{", FRUIT_PLAN])
    spec = plan(fruit_data)
    assert len(model.asked) == 3
    assert len(spec.behaviour) == 3
    assert not [a for a in spec.assumptions if "please check" in a]


def test_remarks_that_stay_are_told(fruit_data: Path, script: Any) -> None:
    vague = json.dumps({"red LED": [{"quote": "x", "when": "while", "labels": dict.fromkeys(FRUIT, 1), "set": "on"}]})
    model = script(planner=vague)
    assert "please check: the red LED would be on for every label" in plan(fruit_data).assumptions
    assert len(model.asked) == plan_rules.SAMPLES


BLINK = ("blink the red LED 3 times when an apple comes", "becomes", "blink 3 times")


def red(labels: dict[str, int], way: str = BLINK[2], when: str = BLINK[1]) -> str:
    """A plan in which the red LED does something."""
    return json.dumps({"red LED": [{"quote": BLINK[0], "when": when, "labels": labels, "set": way}]})


APPLE = {"apple": 1, "banana": 0, "orange": 0}


def test_a_plan_that_is_more_than_simple_is_asked_for_twice_after_other_examples(fruit_data: Path, script: Any) -> None:
    model = script(planner=red(APPLE))
    spec = plan(fruit_data, BLINK[0])
    assert spec.doubts == ()
    [first, second] = [prompt for _, prompt in model.asked]
    assert first.splitlines()[-1] == second.splitlines()[-1]
    assert first != second


def test_what_two_of_three_answers_say_is_taken(fruit_data: Path, script: Any) -> None:
    model = script(planner=[red(APPLE, "blink 1 times"), red(APPLE), red(APPLE)])
    made = plan_rules.ask_rules(
        LanguageModels(SCRIPTED), "blink the red LED when an apple comes, 3 times", FRUIT, BOARD
    )
    assert len(model.asked) == 3
    assert [a.times for r in made.rules for a in r.actions if isinstance(a, Led)] == [3]


def test_answers_that_all_differ_are_a_doubt(fruit_data: Path, script: Any) -> None:
    flashing = "the red LED blinks 3 times or toggles when an apple comes, or is on for 3 seconds"
    script(planner=[red(APPLE), red(APPLE, "toggle"), red(APPLE, "on for 3000 ms")])
    made = plan_rules.ask_rules(LanguageModels(SCRIPTED), flashing, FRUIT, BOARD, samples=1)
    assert made.doubts
    assert len(made.rules) == 1


def test_a_plan_that_never_parses_is_fixable(fruit_data: Path, script: Any) -> None:
    script(planner="no plan")
    with pytest.raises(Fixable, match="no usable plan"):
        plan(fruit_data)


def test_without_an_output_each_result_is_printed_and_said_so(fruit_data: Path, script: Any) -> None:
    script(planner='{"serial": []}')
    spec = plan(fruit_data, "sort apple, banana and orange by colour")
    assert spec.behaviour == (Rule(trigger="result", actions=(Print(template="{label}"),)),)
    assert "the request names no output: each result is printed on serial" in spec.assumptions
    assert spec.budgets.macs == 5
    assert spec.questions == ()


def test_what_no_rule_speaks_of_is_told_and_holds_nothing_up(fruit_data: Path, script: Any) -> None:
    script(planner=FRUIT_PLAN)
    spec = plan(fruit_data, FRUIT_REQUEST + " Then water the garden.")
    assert "please check: no rule speaks of: water, garden" in spec.assumptions
    assert spec.questions == ()


def test_rules_that_contradict_are_bad_input(fruit_data: Path, script: Any) -> None:
    both = [{"quote": "x", "when": "while", "labels": {"apple": 1}, "set": s} for s in ("high", "low")]
    script(planner=json.dumps({"pin 5": both}))
    with pytest.raises(BadInput, match="contradicts itself: pin 5 cannot be on and off for apple"):
        plan(fruit_data, "colour: pin 5 high for apple, pin 5 low for apple")


def test_a_pin_that_is_not_there_is_infeasible(fruit_data: Path, script: Any) -> None:
    script(planner=json.dumps({"pin 99": [{"quote": "x", "when": "while", "labels": {"apple": 1}, "set": "high"}]}))
    with pytest.raises(Infeasible, match="no free digital pin 99"):
        plan(fruit_data, "colour: pin 99 high for apple")


def test_an_empty_request_and_a_led_that_is_not_there(fruit_data: Path, script: Any) -> None:
    model = script(planner=led_plan(pink="apple"))
    with pytest.raises(BadInput, match="the request is empty"):
        plan(fruit_data, " \n")
    assert model.asked == []
    with pytest.raises(BadInput, match="has no pink LED"):
        plan(fruit_data)
