"""What a draft must not hold is refused with a sentence that says what to do instead."""

import re
from typing import Any

import pytest

from agents import firmware
from agents.llm import LanguageModels
from hw.board import boards
from tests.conftest import SCRIPTED
from tests.fakes import FRUIT_CODE
from tools.artifacts import Condition, Count, Led, Print, Rule, TaskSpec
from tools.errors import Fixable

GOOD = "void onResult(const Result &result) {\n  setLed(RED_LED, result.label == LABEL_APPLE);\n}"


def with_line(line: str) -> str:
    return GOOD.replace("{\n", "{\n" + line + "\n", 1)


@pytest.mark.parametrize(
    "code",
    [
        GOOD,
        with_line("  // no delay() here, and no while (true)"),
        with_line("  /* pinMode(5, OUTPUT);\n#include <x.h> */"),
        with_line("  for (int i = 0; i < 3; i++) toggleLed(RED_LED);"),
        with_line('  Serial.println("a");'),
        GOOD.replace("&result)", "& r)").replace("const Result", "const  Result"),
    ],
)
def test_good_code_passes_unchanged(code: str) -> None:
    assert firmware.lint(code) == code


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (with_line("  delay(100);"), "calls delay(), which stops the sampling: use blinkLed or pulseLed"),
        (with_line("  while (true) {}"), "loops by itself: onResult is called again"),
        (GOOD + "\nvoid loop() {\n}", "defines setup, loop or main"),
        (GOOD + "\nvoid setup( ) { }", "defines setup, loop or main"),
        (with_line("  pinMode(5, OUTPUT);"), "drives pins directly: use setLed and setPin"),
        (with_line("  digitalWrite (5, HIGH);"), "drives pins directly: use setLed and setPin"),
        (with_line("  Serial.begin(9600);"), "Serial is begun already"),
        ("#include <Arduino.h>\n" + GOOD, "it has preprocessor lines"),
        (with_line("  noInterrupts();"), "blocks the interrupts"),
        (with_line("  cli();"), "blocks the interrupts"),
        ("void onresult(const Result &result) {}", "there is no function void onResult(const Result &result)"),
        ("void onResult(Result result) {}", "there is no function void onResult(const Result &result)"),
        ("// " + GOOD.replace("\n", " "), "there is no function void onResult(const Result &result)"),
        ("", "there is no function void onResult(const Result &result)"),
    ],
)
def test_what_must_not_be_in_it_is_said(code: str, words: str) -> None:
    with pytest.raises(Fixable, match=re.escape(words)) as caught:
        firmware.lint(code)
    assert caught.value.evidence == {"text": code}


def test_the_prompt_has_the_facts_the_rules_and_the_evidence(script: Any) -> None:
    model = script(firmware=FRUIT_CODE)
    rules = (
        Rule(trigger="while", condition=Condition(labels=("apple",)), actions=(Led(name="red"),)),
        Rule(trigger="start", actions=(Print(template="hello"),)),
    )
    spec = TaskSpec(
        request="red for apple", name="x", board="nano33ble", sensor="color", classes=("apple", "pear"), behaviour=rules
    )
    board = boards()["nano33ble"]
    answer = firmware.draft(
        LanguageModels(SCRIPTED), spec, board, problem="'setLight' was not declared", sample=0, rung=0
    )
    assert answer.value.startswith("void onResult")
    [(_, prompt)] = model.asked
    for words in ("LABEL_APPLE", "LABEL_PEAR", "RED_LED", "'setLight' was not declared", "switch the red LED on"):
        assert words in prompt
    assert "hello" not in prompt, "start-up is generated, not drafted"


def test_only_what_the_rules_use_is_told(script: Any) -> None:
    model = script(firmware=FRUIT_CODE)
    plain = Rule(trigger="while", condition=Condition(labels=("apple",)), actions=(Led(name="red"),))
    gated = Rule(
        trigger="becomes",
        condition=Condition(labels=("apple",), flag="armed", held_ms_min=500),
        actions=(Count(), Count(counter="far away"), Print(template="{name} {count}")),
    )
    live = Rule(trigger="while", condition=Condition(button_pressed=2), actions=(Led(name="green"),))
    board = boards()["nano33ble"]
    prompts = []
    for rules in ((plain,), (plain, gated, live)):
        spec = TaskSpec(
            request="x", name="x", board="nano33ble", sensor="color", classes=("apple", "pear"), behaviour=rules
        )
        firmware.draft(LanguageModels(SCRIPTED), spec, board, problem="", sample=0, rung=0)
        prompts.append(model.asked[-1][1])
    for words in ("counts[result.label]", "farAwayCount", "isArmed", "heldFor(", "NAMES[", "buttonIsDown("):
        assert words not in prompts[0]
        assert words in prompts[1]
    assert "green LED on" not in prompts[1], "what is watched between results is generated, not drafted"
