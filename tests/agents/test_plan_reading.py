"""Plans become rules: events from outside, gates, counters, durations; and what no rule covers is told."""

import json
from typing import Any

import pytest

from agents.plan_decision import decision_of
from agents.plan_doubts import clashes, unused
from agents.plan_reading import NEAR, parse_plan, quotes_of
from agents.plan_review import assumed, tidy, uncovered
from agents.wording import amounts, durations, periods
from agents.wording_events import mentioned_buttons, mentioned_commands
from agents.wording_outputs import mentioned_pins
from hw.board import boards
from tools.artifacts import Condition, Count, Decision, Flag, Led, Pin, Print, Rule

BOARD = boards()["nano33ble"]
CLASSES = ("rest", "jump", "fall")


def entry(when: str, labels: str = "rest jump fall", quote: str = "so", **what: Any) -> dict[str, Any]:
    what = {("if" if k == "asks" else k): v for k, v in what.items()}
    return {"quote": quote, "when": when, "labels": {c: int(c in labels.split()) for c in CLASSES}, **what}


def rules(plan: dict[str, Any], request: str = "") -> tuple[Rule, ...]:
    return parse_plan(json.dumps(plan), CLASSES, request)


@pytest.mark.parametrize(
    ("when", "trigger", "facts"),
    [
        ("every 500 ms", "every", {"period_ms": 500}),
        ("button 2 pressed", "pressed", {"pin": 2}),
        ("button 12 released", "released", {"pin": 12}),
        ("received stop now", "serial", {"text": "stop now"}),
        ("change", "change", {}),
        ("becomes", "change", {}),
    ],
)
def test_moments(when: str, trigger: str, facts: dict[str, Any]) -> None:
    [rule] = rules({"serial": [entry(when, print="x")]})
    assert rule.trigger == trigger
    assert {k: getattr(rule, k) for k in facts} == facts


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("confidence below 0.8", Condition(confidence_below=0.8)),
        ("confidence at least 0.75", Condition(confidence_min=0.75)),
        ("held 3000 ms", Condition(held_ms_min=3000)),
        ("3 in a row", Condition(streak_min=3)),
        ("button 2 down", Condition(button_pressed=2)),
        ("button 2 up", Condition(button_released=2)),
        ("before: rest", Condition(previous=("rest",))),
        ("near", Condition(proximity_below=NEAR)),
        ("far", Condition(proximity_min=NEAR)),
    ],
)
def test_conditions(said: str, condition: Condition) -> None:
    [rule] = rules({"serial": [entry("result", asks=[said], print="x")]})
    assert rule.condition == condition


@pytest.mark.parametrize(
    ("output", "way", "action"),
    [
        ("red LED", "blink 3 times", Led(name="red", state="blink", times=3)),
        ("red LED", "blink 3 times 100 ms", Led(name="red", state="blink", times=3, duration_ms=100)),
        ("red LED", "blink by index", Led(name="red", state="blink", by_index=True)),
        ("red LED", "on for 700 ms", Led(name="red", duration_ms=700)),
        ("red LED", "only", Led(name="red", state="only")),
        ("pin 5", "high for 50 ms", Pin(pin=5, duration_ms=50)),
        ("pin 5", "blink 2 times", Pin(pin=5, state="blink", times=2)),
        ("pin 3", "pwm 128", Pin(pin=3, state="pwm", duty=128)),
        ("pin 3", "pwm by confidence", Pin(pin=3, state="pwm", by_confidence=True)),
    ],
)
def test_actions(output: str, way: str, action: Led | Pin) -> None:
    [rule] = rules({output: [entry("becomes", "jump", set=way)]})
    assert rule.actions == (action,)


def test_what_stays_on_for_a_while_after() -> None:
    [rule] = rules({"pin 7": [entry("while", "jump", set="high and 5000 ms after")]})
    assert (rule.actions, rule.linger_ms) == ((Pin(pin=7),), 5000)


def test_a_json_line_has_the_keys_of_the_request() -> None:
    plan = {"serial": [entry("result", json=["label", "confidence"])]}
    assert rules(plan)[0].actions == (Print(template='{"label":"{label}","confidence":{confidence}}'),)
    named = rules(plan, 'lines like {"what": "jump", "p": 0.93}')
    assert named[0].actions == (Print(template='{"what":"{label}","p":{confidence}}'),)


def test_switches_gate_their_output_only() -> None:
    switches = [
        {"quote": "q", "when": "received quiet", "turns": "off", "what": "serial"},
        {"quote": "q", "when": "received talk", "turns": "on", "what": "serial"},
    ]
    plan = {
        "switches": switches,
        "serial": [entry("result", print="{label}")],
        "red LED": [entry("while", "jump", set="on")],
    }
    off, on, line, led = rules(plan)
    assert (off.trigger, off.text, off.actions) == ("serial", "quiet", (Flag(name="serial off"),))
    assert (on.text, on.actions) == ("talk", (Flag(name="serial off", state="clear"),))
    assert line.condition == Condition(not_flag="serial off")
    assert led.condition == Condition(labels=("jump",))


def test_what_is_only_ever_switched_on_is_off_before() -> None:
    switches = [{"quote": "q", "when": "button 2 pressed", "turns": "on", "what": "all"}]
    on, line = rules({"switches": switches, "serial": [entry("result", print="{label}")]})
    assert on.actions == (Flag(name="everything on"),)
    assert line.condition == Condition(flag="everything on")


def test_what_the_same_event_switches_on_and_off_it_toggles() -> None:
    both = [{"quote": "q", "when": "button 2 pressed", "turns": way, "what": "serial"} for way in ("off", "on")]
    toggle, line = rules({"switches": both, "serial": [entry("result", print="{label}")]})
    assert toggle.actions == (Flag(name="serial off", state="toggle"),)
    assert line.condition == Condition(not_flag="serial off")


def test_a_shown_count_is_counted_for_its_label_before_it_is_shown() -> None:
    counting, line = rules({"serial": [entry("becomes", "jump", print="jumps: {count}")]})
    assert (counting.trigger, counting.condition.labels, counting.actions) == ("change", ("jump",), (Count(),))
    assert line.actions == (Print(template="jumps: {count}"),)
    assert len(rules({"serial": [entry("becomes", "jump", print="jump")]})) == 1


def test_quotes_are_all_of_them() -> None:
    plan = {"switches": [{"quote": "a"}], "serial": [{"quote": "b"}, {"quote": "c"}]}
    assert quotes_of(json.dumps(plan)) == ("a", "b", "c")


# --- what the words say -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_text", "decision"),
    [
        ("take the majority of the last five results", Decision(majority=5)),
        ("of the last 7 results the label that most agree on", Decision(majority=7)),
        ("accept a label only when 3 results in a row agree", Decision(stable_results=3)),
        ("ignore glitches shorter than 300 ms", Decision(stable_ms=300)),
        ("only decide every 2 seconds and sleep between", Decision(pace_ms=2000)),
        ("print the label every 2 seconds", Decision()),
        ("a sound has to last 2000 ms before it counts", Decision(stable_ms=2000)),
        ("needs 4 equal results in a row before it believes anything", Decision(stable_results=4)),
        ("blink when it was seen 3 times in a row", Decision()),
    ],
)
def test_which_results_count(request_text: str, decision: Decision) -> None:
    assert decision_of(request_text)[0] == decision


def test_what_no_rule_quotes_is_told() -> None:
    request = "Print the label. Water the garden 7 times at dawn."
    assert uncovered(request, ("Print the label",), CLASSES) == ["water", "garden", "7", "dawn"]
    assert uncovered(request, ("Print the label", "water the garden 7 times at dawn"), CLASSES) == []
    assert uncovered("Tell rest from jumps, red LED for jumping.", ("red LED for jumping",), CLASSES) == []


def test_two_ways_of_one_output_are_no_quarrel_when_they_ask_for_different_things() -> None:
    sure = Rule(trigger="while", condition=Condition(labels=("jump",), confidence_min=0.8), actions=(Led(name="red"),))
    doubt = Rule(
        trigger="while",
        condition=Condition(labels=("jump",), confidence_below=0.8),
        actions=(Led(name="red", state="blink"),),
    )
    assert clashes([sure, doubt], CLASSES, "") == []
    assert clashes([sure, sure.model_copy(update={"actions": (Led(name="red", state="off"),)})], CLASSES, "")


def test_pins_of_buttons_are_no_outputs() -> None:
    request = "A button on pin 2 toggles pin 5. Relay at D7, button at pin 8."
    assert mentioned_buttons(request, BOARD) == [2, 8]
    assert mentioned_pins(request, BOARD) == [2, 5, 8, 7] or set(mentioned_pins(request, BOARD)) == {2, 5, 7, 8}


@pytest.mark.parametrize(
    ("request_text", "commands"),
    [
        ('when I send "stop" it stops, on "go" it goes', ["stop", "go"]),
        ("on the command quiet stop printing", ["quiet"]),
        ("if STATUS is received print the label, when it receives RESET", ["RESET", "STATUS"]),
        ('print "hello" when it starts', []),
        ('when I send "hi" print "hello"', ["hi"]),
        ("send the label over serial when it changes", []),
        ('when it falls, send "help me" and light the red LED', []),
        ("the word reset received on serial drops it low", ["reset"]),
        ("Type report and it answers with the label", ["report"]),
        ('number them on the console: "bark 1", "bark 2", and start from zero if I type reset', ["reset"]),
        ('Send "log" to start the output', ["log"]),
        ('when asked with "log" it replies "here I am"', ["log"]),
    ],
)
def test_commands_are_what_somebody_sends(request_text: str, commands: list[str]) -> None:
    assert mentioned_commands(request_text) == commands


def test_amounts_and_periods() -> None:
    assert amounts("pin 3, blink 4 times for 200 ms above 80%, every 5th") == [4, 5]
    assert periods("every 2 s, for 300 ms, once a minute") == [2000, 60_000]


# --- the quoted words outweigh the model's guess --------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "quote", "trigger"),
    [
        ("result", "print it every 2 seconds", "every"),
        ("result", "print it whenever it changes", "change"),
        ("result", "say so at each jump", "change"),
        ("result", "print it at each result", "result"),
        ("change", "print it at every result", "result"),
        ("every 500 ms", "every 500 ms", "every"),
    ],
)
def test_moments_that_the_words_name(when: str, quote: str, trigger: str) -> None:
    [rule] = rules({"serial": [entry(when, quote=quote, print="x")]})
    assert rule.trigger == trigger or (rule.trigger, rule.condition.labels) == ("becomes", ("jump",))


def test_on_for_a_time_is_a_pulse_and_a_flash_has_the_length_that_is_said() -> None:
    [pulse] = rules({"red LED": [entry("while", "jump", quote="red for 2 seconds on a jump", set="on")]})
    assert (pulse.trigger, pulse.actions) == ("becomes", (Led(name="red", duration_ms=2000),))
    [held] = rules({"red LED": [entry("while", "jump", quote="red when jumping for more than 2 seconds", set="on")]})
    assert (held.trigger, held.actions) == ("while", (Led(name="red"),))
    [flash] = rules({"red LED": [entry("becomes", "jump", quote="flash for 300 ms", set="blink 1 times")]})
    assert flash.actions == (Led(name="red", state="blink", duration_ms=300),)


def test_from_one_to_another_is_taken_literally() -> None:
    [rule] = rules({"serial": [entry("becomes", "rest fall", quote="when it goes from rest to fall", print="x")]})
    assert rule.condition == Condition(labels=("fall",), previous=("rest",))


def test_from_one_to_another_is_found_beside_the_printed_text_too() -> None:
    request = 'Print "down" when it goes from rest to fall.'
    [rule] = rules({"serial": [entry("becomes", "rest fall", quote="Print down", print="down")]}, request)
    assert rule.condition == Condition(labels=("fall",), previous=("rest",))


def test_an_example_names_no_labels() -> None:
    quote = "print the previous and the new label, like rest > jump"
    [rule] = rules({"serial": [entry("change", "rest", quote=quote, print="{previous} > {label}")]})
    assert rule.condition == Condition()


def test_each_text_and_each_duty_is_for_the_labels_beside_it() -> None:
    request = 'print "Wolf!" for a rest and "Schaf" for a jump'
    [rule] = rules(
        {"serial": [entry("change", "rest jump", quote="Wolf! for a rest and Schaf for a jump", print="Wolf!")]}
    )
    assert rule.condition.labels == ("rest",)
    whole = entry("change", "rest jump", quote="print for a rest and for a jump", print="Schaf")
    assert rules({"serial": [whole]}, request)[0].condition.labels == ("jump",)
    [duty] = rules({"pin 3": [entry("while", "rest jump", quote="200 for rest, 80 for jump", set="pwm 80")]})
    assert duty.condition.labels == ("jump",)


def test_what_tells_changes_or_confidence_is_for_all_labels() -> None:
    [pulse] = rules({"pin 5": [entry("change", "jump", quote="pulse on every change", set="high for 50 ms")]})
    [duty] = rules({"pin 3": [entry("while", "jump rest", quote="brightness follows it", set="pwm by confidence")]})
    assert pulse.condition == duty.condition == Condition()


def test_doubt_without_a_label_is_doubt_of_any() -> None:
    doubt = entry("while", "jump", quote="blue while it is below 70%", asks=["confidence below 0.7"], set="on")
    assert rules({"blue LED": [doubt]})[0].condition == Condition(confidence_below=0.7)
    named = {**doubt, "quote": "blue while it jumps below 70%"}
    assert rules({"blue LED": [named]})[0].condition.labels == ("jump",)


def test_as_is_no_second() -> None:
    assert durations("as many times as there are, a second later, 2 s, half a second, 3h") == [
        1000,
        2000,
        500,
        10_800_000,
    ]


def test_nothing_is_held_that_an_event_does_and_lines_come_at_changes_only_where_that_is_said() -> None:
    beeps = [entry("while", "jump", set="high"), entry("becomes", "jump", set="blink 3 times")]
    assert [r.trigger for r in tidy(rules({"pin 5": beeps}))] == ["becomes"]
    line = rules({"serial": [entry("result", print="{label}")]})
    assert [r.trigger for r in tidy(line, "print it, only when it changes")] == ["change"]
    assert [r.trigger for r in tidy(line, "print it")] == ["result"]


def test_figures_that_are_left_open_are_told() -> None:
    doubt = Rule(trigger="while", condition=Condition(confidence_below=0.6), actions=(Led(name="red", state="blink"),))
    near = Rule(trigger="result", condition=Condition(proximity_below=NEAR), actions=(Print(template="x"),))
    told = assumed([doubt, near], "blink when unsure, print x when near")
    assert len(told) == 3
    assert "confidence of at least 0.6" in told[1]
    assert assumed([doubt], "blink below 60%") == ["a flash lasts 200 ms"]
    assert assumed([Rule(trigger="while", actions=(Led(name="red"),))], "always red") == []


def test_what_is_named_and_not_used_is_told() -> None:
    request = 'print it every 2 s above 80%, stop when I send "halt", button on pin 4'
    assert unused((), Decision(), request, BOARD) == [
        "nothing takes 2000 ms",
        "nothing depends on a confidence of 0.8",
        "nothing happens on 'halt'",
        "nothing happens with the button at pin 4",
    ]
