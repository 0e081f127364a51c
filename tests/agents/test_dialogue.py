"""What a line of the conversation asks for: words decide where they can, the model where they cannot."""

from typing import Any

import pytest

from agents.dialogue import understand
from agents.llm import LanguageModels
from tests.conftest import SCRIPTED

FRUIT = ("apple", "banana", "orange")


@pytest.mark.parametrize(
    ("line", "classes", "kind"),
    [
        ("recognise gestures with the IMU", (), "new"),
        ("blue light when it hears glass", (), "new"),
        ("could it use less memory?", FRUIT, "smaller"),
        ("answer faster", FRUIT, "faster"),
        ("it makes too many mistakes", FRUIT, "accurate"),
        ("take the Mega", FRUIT, "board"),
        ("toggle pin 7 for apples", FRUIT, "behaviour"),
        ("why not a convolution?", FRUIT, "why"),
        ("what did you spend?", FRUIT, "cost"),
        ("is it finished?", FRUIT, "state"),
        ("why did that cost so much memory?", FRUIT, "why"),
        ("tell me a story about a fox", FRUIT, "other"),
        ("чай или кофе", FRUIT, "other"),
    ],
)
def test_words_decide_without_a_model(line: str, classes: tuple[str, ...], kind: str, script: Any) -> None:
    model = script()
    assert understand(LanguageModels(SCRIPTED), line, classes) == kind
    assert model.asked == []


def test_where_words_speak_for_several_kinds_the_model_chooses_among_them(script: Any) -> None:
    model = script(dialogue='{"kind": "new"}')
    line = "now build one that detects rain and lights the LED"
    assert understand(LanguageModels(SCRIPTED), line, FRUIT) == "new"
    assert "Offered: new, behaviour." in model.asked[0][1]


def test_a_first_line_that_says_nothing_of_sensing_is_put_to_the_model(script: Any) -> None:
    script(dialogue='{"kind": "other"}')
    assert understand(LanguageModels(SCRIPTED), "good evening", ()) == "other"


@pytest.mark.parametrize("answer", ['{"kind": "smaller"}', "no idea", "[]"])
def test_an_answer_that_was_not_offered_is_none(answer: str, script: Any) -> None:
    script(dialogue=answer)
    assert understand(LanguageModels(SCRIPTED), "good evening", ()) == "other"


def test_a_long_line_is_cut_before_the_model_reads_it(script: Any) -> None:
    model = script(dialogue='{"kind": "other"}')
    assert understand(LanguageModels(SCRIPTED), "la " * 20_000, ()) == "other"
    assert len(model.asked[0][1]) < 3_000
