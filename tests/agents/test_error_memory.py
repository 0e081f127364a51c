"""What went wrong and what mended it: classes without names and numbers, pairs of lines, hints where they fit."""

import json
from pathlib import Path

import pytest

from agents import error_memory
from agents.error_memory import Lesson, class_of, kind_of, learn, lessons, lessons_of, merged, recall, warnings
from evals.errors_develop import requests
from evals.harness import in_split
from evals.sg_case import load_cases
from tests.tools.behaviours import say, when
from tools.artifacts import Led, Pin, Rule
from tools.behaviour import sentence

CORE = "tinysmith:arm"
NAMES = when("result", say("banane"), labels="bay")
RELAY = when("while", Pin(pin=7), labels="cob")
_SAID = "serial prints the demanded lines for {}; seen on the board: at {} ms it printed {}, demanded {}"
MISSING = "demanded: " + _SAID.format("'bay'", 1622, "[]", "'banane'")


@pytest.mark.parametrize(
    ("stage", "problem", "name", "about"),
    [
        ("compile", "'setLight' was not declared in this scope; did you mean 'setPin'? in the line `setLight(3);`",
         "<x> was not declared in this scope; did you mean <x>?", "setLight"),
        ("compile", "fadeLed(int) is used but defined nowhere", "fadeLed(int) is used but defined nowhere", ""),
        ("emulate", MISSING, "demanded: " + _SAID.format("<x>", "<n>", "<x>", "<x>"), ""),
        ("emulate", "demanded: red LED is on while the result is 'a'; seen: red LED is off; demanded: x",
         "demanded: <output> is on while the result is <x>; seen: <output> is off", ""),
        ("lint", "the text 'alarm', 'fire' of the rule \"At start-up: x\" is not in it",
         "the text <x> of the rule <x> is not in it", ""),
        ("lint", "pin 7 of the rule \"x\" is not in it", "<output> of the rule <x> is not in it", ""),
    ],
)  # fmt: skip
def test_classes_are_without_names_numbers_and_texts(stage: str, problem: str, name: str, about: str) -> None:
    assert class_of(stage, problem) == (name, about)
    for here, there in (("1622", "99"), ("'bay'", "'cob'"), ("red LED", "blue LED"), ("pin 7", "pin 8")):
        problem = problem.replace(here, there)
    assert class_of(stage, problem)[0] == name


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (NAMES, "result print"),
        (RELAY, "while set"),
        (when("change", Led(name="red", state="toggle")), "change toggle"),
        (when("becomes", Led(name="red", state="blink", times=3), labels="ash"), "becomes blink"),
        (when("becomes", Led(name="red", duration_ms=300), labels="ash"), "becomes pulse"),
        (when("while", Pin(pin=3, state="pwm", duty=9), labels="ash"), "while pwm"),
        (when("start", say("hello")), ""),
    ],
)
def test_kinds_of_rules_are_read_from_their_sentences(rule: Rule, kind: str) -> None:
    assert kind_of(sentence(rule)) == kind
    assert kind_of(f" {sentence(rule)}.") == kind, "as it stands in a draft's comment"


def draft(rule: Rule, *lines: str) -> str:
    return "\n".join(
        ["void onResult(const Result &result) {", f"  // {sentence(rule)}.", *(f"  {x}" for x in lines), "}"]
    )


FAILED = draft(NAMES, 'if (result.changed && result.label == LABEL_BAY) Serial.println("banane");')
PASSED = 'void onResult(const Result &result) {\n  if (result.label == LABEL_BAY) Serial.println("banane");\n}'
ENTRY = {"stage": "emulate", "problem": MISSING, "code": "x"}


def test_the_line_that_took_the_wrong_ones_place_is_what_mended_it() -> None:
    [lesson] = lessons_of([ENTRY], [FAILED], PASSED, CORE, "Arduino_APDS9960")
    assert lesson.wrong == 'if (result.changed && result.label == LABEL_A) Serial.println("...");'
    assert lesson.right == 'if (result.label == LABEL_A) Serial.println("...");'
    assert (lesson.kind, lesson.core, lesson.library, lesson.mended) == ("result print", CORE, "Arduino_APDS9960", 1)


def test_how_it_is_laid_out_makes_no_difference() -> None:
    blocks = draft(NAMES, "if (result.changed && result.label == LABEL_BAY)", "{", '  Serial.println("banane");', "}")
    braces = draft(NAMES, 'if (result.changed && result.label == LABEL_BAY) { Serial.println("banane"); }')
    for failed in (blocks.replace(")\n  {", ") {"), braces):
        [lesson] = lessons_of([ENTRY], [failed], PASSED.replace("{\n  ", "{ ").replace("\n}", " }"), CORE, "")
        assert lesson.wrong == 'if (result.changed && result.label == LABEL_A) Serial.println("...");'
        assert lesson.right == 'if (result.label == LABEL_A) Serial.println("...");'


def test_braces_in_texts_are_no_blocks() -> None:
    failed = draft(NAMES, 'Serial.print("{ \\"label\\": ");', "Serial.prinln(result.name);")
    passed = failed.replace("prinln", "println")
    entry = {"stage": "compile", "problem": "'class Uart' has no member named 'prinln'", "code": "x"}
    [lesson] = lessons_of([entry], [failed], passed, CORE, "")
    assert (lesson.wrong, lesson.right) == ("Serial.prinln(result.name);", "Serial.println(result.name);")


def test_of_several_changed_lines_the_one_that_the_problem_is_about_counts() -> None:
    failed = draft(RELAY, "setLed(RED_LED, result.label == LABEL_ASH);", "setPinn(7, result.label == LABEL_COB);")
    passed = failed.replace("setPinn", "setPin").replace("LABEL_ASH", "LABEL_BAY")
    entry = {"stage": "compile", "problem": "'setPinn' was not declared in this scope", "code": "x"}
    [lesson] = lessons_of([entry], [failed], passed, CORE, "")
    assert (lesson.about, lesson.wrong, lesson.right) == (
        "setPinn", "setPinn(7, result.label == LABEL_A);", "setPin(7, result.label == LABEL_A);"
    )  # fmt: skip


@pytest.mark.parametrize(
    "passed",
    [
        'void onResult(const Result &result) {\n  else Serial.println("banane");\n}',
        'void onResult(const Result &result) {\n  if (is1 && result.label == LABEL_BAY) Serial.println("banane");\n}',
        "void onResult(const Result &result) {\n  if (result.changed && result.label != LABEL_BAY) {\n  }\n}",
    ],
)
def test_half_a_thought_is_no_lesson(passed: str) -> None:
    [lesson] = lessons_of([ENTRY], [FAILED], passed, CORE, "")
    assert lesson.right == ""


def test_where_nothing_alike_came_nothing_is_claimed() -> None:
    [lesson] = lessons_of([ENTRY], ["no code at all"], PASSED, CORE, "")
    assert (lesson.wrong, lesson.right, lesson.mended) == ("", "", 0)
    assert recall([lesson], "emulate", MISSING, [NAMES], CORE) == ""


def test_equal_lessons_are_counted_together_and_survive_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    found = lessons_of([ENTRY, ENTRY], [FAILED, FAILED], PASSED, CORE, "")
    assert len(found) == 1, "a firmware teaches it once"
    learn(found * 2, path)
    with path.open("a") as file:
        file.write('{"stage": "emu')
    learn(found[:1], path)
    read = merged(error_memory._read(path))
    assert [(lesson.seen, lesson.mended) for lesson in read] == [(3, 3)]


def test_a_repair_is_told_what_mended_its_class_for_its_core_and_kind_of_rule() -> None:
    known = lessons_of([ENTRY], [FAILED], PASSED, CORE, "")
    problem = MISSING.replace("'bay'", "'ash'").replace("1622", "40")
    line = recall(known, "emulate", problem, [NAMES], CORE)
    assert line == (
        'under "At every result ..." not `if (result.changed && result.label == LABEL_A) Serial.println("...");` '
        'but `if (result.label == LABEL_A) Serial.println("...");`'
    )
    assert recall(known, "emulate", problem, [NAMES], "arduino:avr") == ""
    assert recall(known, "emulate", problem, [RELAY], CORE) == ""
    assert recall(known, "compile", problem, [NAMES], CORE) == ""
    assert recall(known, "emulate", "demanded: x; seen on the board: y", [NAMES], CORE) == ""


def test_the_lesson_about_the_same_name_goes_first() -> None:
    lesson = Lesson(stage="compile", problem="<x> was not declared in this scope", core=CORE, right="b", mended=9)
    known = [
        lesson.model_copy(update={"about": "D7", "wrong": "setPin(D7);", "right": "setPin(7);", "mended": 1}),
        lesson.model_copy(update={"about": "other", "wrong": "other();"}),
    ]
    assert (
        recall(known, "compile", "'D7' was not declared in this scope", [NAMES], CORE)
        == "not `setPin(D7);` but `setPin(7);`"
    )


def test_a_first_draft_is_warned_of_two_frequent_slips_with_its_kinds_of_rule() -> None:
    def of(kind: str, seen: int, core: str = CORE) -> Lesson:
        return Lesson(stage="emulate", problem="p", core=core, kind=kind, wrong=f"{kind} {seen}", right="r", seen=seen)

    known = merged(
        [
            of("result print", 2),
            of("result print", 5),
            of("while set", 3),
            of("change print", 9),
            of("while set", 8, "x:y"),
        ]
    )
    assert warnings(known, [NAMES, RELAY], CORE) == [
        'under "At every result ..." not `result print 5` but `r`', 'under "While ..." not `while set 3` but `r`'
    ]  # fmt: skip
    assert warnings([of("result print", 1)], [NAMES], CORE) == [], "once is no habit"


def test_own_lessons_go_beside_the_shipped_ones_unless_they_are_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    shipped = lessons("shipped")
    learn([Lesson(stage="lint", problem="mine", core=CORE)])
    assert (tmp_path / "tinysmith" / "firmware_errors.jsonl").is_file()
    assert lessons("none") == []
    assert lessons("shipped") == shipped
    assert len(lessons("own")) == len(shipped) + 1


def test_what_is_shipped_holds_nothing_of_any_suites_case() -> None:
    texts = error_memory.SHIPPED.read_text()
    for line in texts.splitlines():
        lesson = Lesson.model_validate(json.loads(line))
        assert lesson.right, "a class that nothing mended says nothing"
    develop = {entry["request"] for half in ("a", "b") for _, entry in requests(half)}
    for case in [*load_cases("sg"), *load_cases("fruit")]:
        if in_split(case.id, "test"):
            assert case.request not in texts
            assert case.request not in develop
