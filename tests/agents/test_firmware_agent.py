"""What the firmware agent is told: the facts that the rules at hand use, and the evidence."""

from typing import Any

from agents import firmware
from agents.llm import LanguageModels
from hw.board import boards
from tests.conftest import SCRIPTED
from tests.fakes import FRUIT_CODE
from tools.artifacts import Condition, Count, Led, Print, Rule, TaskSpec


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
    model = script(firmware=FRUIT_CODE.replace("}\n```", "  if (heldFor(result, 500)) farAwayCount++;\n}\n```"))
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
