"""What is read from the words of a request beside the model's plan: labels, shown lines, names, leading conditions."""

import json
from typing import Any

import pytest

from agents import plan_leading, plan_lines, plan_names, wording
from agents.plan_doubts import clashes, overlooked, strangers, unused
from agents.plan_labels import about, mentioned_labels
from agents.plan_reading import parse_plan
from agents.plan_review import tidy
from agents.plan_schema import Said, plan_schema, spans
from agents.plan_whole import latched
from hw.board import boards
from tools.artifacts import Condition, Decision, Led, Print, Rule

BOARD = boards()["nano33ble"]
FARM = ("cow", "pig", "hen")
DOOR = ("open", "closed")


def led(name: str, *labels: str, trigger: str = "while", **condition: Any) -> Rule:
    facts = {"labels": labels, **condition}
    return Rule.model_validate(
        {"trigger": trigger, "condition": facts, "actions": [{"kind": "led", "name": name, "state": "on"}]}
    )


def line(template: str, *labels: str, trigger: str = "change") -> Rule:
    return Rule.model_validate(
        {"trigger": trigger, "condition": {"labels": labels}, "actions": [{"kind": "print", "template": template}]}
    )


# --- labels ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("print it, but don't print anything for hens", ("cow", "pig")),
        ("any state other than cow", ("pig", "hen")),
        ("everything, ignoring the pig", ("cow", "hen")),
        ("otherwise", ()),
    ],
)
def test_words_that_deny_name_the_other_labels(words: str, labels: tuple[str, ...]) -> None:
    assert mentioned_labels(words, FARM) == labels


def test_a_common_word_names_all_labels_that_end_in_it_and_colours_of_lamps_name_none() -> None:
    peppers = ("red pepper", "green pepper", "carrot")
    assert mentioned_labels("the blue LED for either sort of pepper", peppers) == ("red pepper", "green pepper")
    assert mentioned_labels("the green LED for a red pepper", peppers) == ("red pepper",)


@pytest.mark.parametrize(("name", "label"), [("red", ("cow",)), ("green", ("pig",)), ("blue", ("hen",))])
def test_of_several_outputs_each_has_its_own_part_of_the_words(name: str, label: tuple[str, ...]) -> None:
    quote = "red lamp for a cow, the green one for pigs and the blue one for the hens"
    assert mentioned_labels(about(Led(name=name, state="on"), quote, quote, FARM), FARM) == label
    turned = "for a cow red, for pigs green, and for the hens the blue one"
    assert mentioned_labels(about(Led(name=name, state="on"), turned, turned, FARM), FARM) == label


# --- lines and names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_text", "template"),
    [
        ('print it like "door: open (97%)"', "door: {label} ({percent}%)"),
        ("on each change print the old and the new state, like: closed -> open", "{previous} -> {label}"),
        ('print {"door":"<state>","t":<time>} at each change', '{"door":"{label}","t":{ms}}'),
        ("lines of the form <time>;<label>;<confidence>", "{ms};{label};{confidence}"),
    ],
)
def test_a_line_that_is_shown_becomes_its_template(request_text: str, template: str) -> None:
    shown = plan_lines.shown_lines(request_text, DOOR)
    assert [s.template for s in shown] == [template]
    assert plan_lines.with_shown([line("{label}")], shown) == (line(template),)
    assert plan_lines.missing_lines([line("{label}")], shown)


def test_numbered_lines_show_a_count() -> None:
    request = 'Print "visit 1", "visit 2" and so on each time it opens.'
    assert {s.template for s in plan_lines.shown_lines(request, DOOR)} == {"visit {count}"}
    assert plan_lines.shown_lines('Print "version 2" at the start.', DOOR) == []


def test_a_label_that_sounds_like_a_denial_denies_nothing() -> None:
    signs = ("no sign", "stop sign", "yield")
    assert mentioned_labels("pwm 180 if no sign", signs) == ("no sign",)
    assert mentioned_labels("all but a stop sign", signs) == ("no sign", "yield")
    assert mentioned_labels('"no" sets it low', ("no", "yes")) == ("no",)


def test_parts_of_a_name_count_only_side_by_side() -> None:
    animals = ("no animal", "wolf")
    assert mentioned_labels("I herd animals, so that it is no mistake", animals) == ()
    assert mentioned_labels("a dog that barks", ("dog bark", "cat")) == ("dog bark",)


@pytest.mark.parametrize("request_text", ['say "open wide" when it is open', "print the state, like open or closed"])
def test_a_fixed_text_is_no_example(request_text: str) -> None:
    assert plan_lines.shown_lines(request_text, DOOR) == []


def test_names_are_taken_out_of_the_request_and_printed_for_the_labels() -> None:
    names, rest = plan_names.names_of("Say it in German on each change: open is offen, closed is zu.", DOOR)
    assert names == {"open": "offen", "closed": "zu"}
    assert rest == "Say it in German on each change: its name."
    assert plan_names.with_names([line("{label}!")], names, DOOR) == (line("{name}!"),)
    own = [line("offen", "open"), line("zu", "closed")]
    assert plan_names.with_names(own, names, DOOR) == (line("{name}"),)


def test_outputs_are_no_names() -> None:
    assert plan_names.names_of("print it; open: red, closed: green", DOOR)[0] == {}
    assert plan_names.names_of("print 'o' for open", DOOR)[0] == {}


# --- conditions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clause", "condition"),
    [
        ("After 3 cows in a row", {"streak_min": 3}),
        ("If it is open for more than 8 seconds", {"held_ms_min": 8000}),
        ("When it is not at least 70 % sure", {}),
        ("When a cow comes", {}),
    ],
)
def test_the_opening_clause_governs_its_sentence(clause: str, condition: dict[str, Any]) -> None:
    request = f"Print the label. {clause}, print moo and blink the green LED 2 times."
    opening = plan_leading.leading("blink the green LED 2 times", request)
    assert opening == f"{clause}"
    assert plan_leading.conditions_led(opening) == condition
    assert plan_leading.leading("Print the label", request) == ""


def test_a_rule_without_a_condition_of_its_own_takes_the_sentences() -> None:
    request = "After 3 cows in a row, print moo and blink the green LED 2 times."
    entry = {"quote": "blink the green LED 2 times", "when": "becomes", "labels": {"cow": 1}, "set": "blink 2 times"}
    (rule,) = parse_plan(json.dumps({"green LED": [entry]}), FARM, request)
    assert rule.condition == Condition(labels=("cow",), streak_min=3)


def test_what_stays_on_until_a_button_comes_is_switched_by_both() -> None:
    request = "The red LED goes on when it is open and stays on until the button on pin 2 is pressed."
    rules = latched([led("red", "open", button_pressed=2)], request, BOARD)
    assert [(r.trigger, r.pin, r.condition.labels) for r in rules] == [("becomes", None, ("open",)), ("pressed", 2, ())]
    assert [a.state for r in rules for a in r.actions if isinstance(a, Led)] == ["on", "off"]


def test_lasting_times_are_no_lengths_of_flashes() -> None:
    assert wording.held("open for more than 8 seconds, then 2 s without a break") == [8000, 2000]
    request = "Red LED when it has been open for more than 8 seconds."
    ways = json.dumps(plan_schema(Said(request), DOOR, BOARD)["properties"]["red LED"])
    assert "held 8000 ms" in ways
    assert "on for 8000 ms" not in ways


def test_quotes_are_sentences_and_parts_of_the_request() -> None:
    assert spans("Red for a cow, blue for a hen and print it. Quiet else!") == [
        "Red for a cow",
        "blue for a hen",
        "and print it",
        "Red for a cow, blue for a hen and print it",
        "Quiet else",
    ]


# --- doubts ---------------------------------------------------------------------------------------------


def test_a_name_that_is_no_label_is_told() -> None:
    quotes = ("green LED for a horse", "red LED for a cow")
    assert strangers(quotes, FARM) == ["'horse' is none of the labels cow, pig, hen"]
    assert strangers(("red LED in bad weather",), FARM) == []


def test_a_label_that_no_rule_speaks_of_is_told() -> None:
    request = "Red LED for a cow, blue LED for a hen, nothing for pigs."
    assert overlooked([led("red", "cow")], request, FARM) == ["no rule speaks of 'hen'"]
    assert overlooked([led("red", "cow"), led("blue", "hen")], request, FARM) == []


def test_two_states_of_one_output_for_a_label_are_told() -> None:
    assert clashes([led("red", "cow"), led("red", "cow", "pig")], FARM, "") != []
    assert clashes([led("red")], FARM, "red LED for all I know") == ["the red LED would be on for every label"]
    assert clashes([led("red")], FARM, "the red LED is always on") == []


@pytest.mark.parametrize(
    ("request_text", "told"),
    [
        ("ignore the first 10 results", "nothing takes the number 10"),
        ("print it after 4 seconds", "nothing takes 4000 ms"),
    ],
)
def test_a_number_that_no_rule_takes_is_told(request_text: str, told: str) -> None:
    assert unused([line("{label}")], Decision(), request_text, BOARD) == [told]


def test_lines_come_at_changes_where_the_request_says_so() -> None:
    rules = [line("pomme", "cow"), line("banane", "pig", trigger="result")]
    assert [r.trigger for r in tidy(rules, "print it whenever it changes")] == ["change", "change"]
    assert [r.trigger for r in tidy(rules, "print at each result, and more when it changes")] == ["change", "result"]
    assert isinstance(rules[0].actions[0], Print)
