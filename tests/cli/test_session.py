"""What a person sees on a terminal: a whole conversation with the real local model, and the live bars of a run."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.scripted_run import STAGES_TOLD
from tests.session import MARKS, hold_session, into_readme, transcript
from tests.terminal import Screen, Terminal
from tools.trace import read_trace

ROOT = Path(__file__).parents[2]
TRAINING = {"propose", "validate", "mini_train", "pareto", "train", "distil", "convert"}


@pytest.mark.model
@pytest.mark.toolchain
@pytest.mark.timeout(900)
def test_a_conversation_from_a_request_to_a_change_of_mind(tmp_path: Path) -> None:
    session = hold_session(tmp_path)
    assert session.exit_code == 0
    assert session.asked[0].startswith("Which data"), "what is missing is asked"
    assert sum(question.startswith("Is this what the device shall do?") for question in session.asked) == 2
    first, second = session.runs
    for run in session.runs:
        assert json.loads((run / "result.json").read_text())["status"] == "done"
    nodes = {span.name for span in read_trace(second / "trace.jsonl") if span.kind == "node"}
    assert "draft" in nodes
    assert not nodes & TRAINING, "only the firmware is made again"
    [sketch], [again] = (list((run / "firmware").glob("*/app.h")) for run in session.runs)
    assert "blinkLed(" not in sketch.read_text()
    assert "blinkLed(GREEN_LED" in again.read_text()
    assert (first / "model" / "model.tflite").samefile(second / "model" / "model.tflite")
    said = session.transcript.splitlines()
    assert {line.split()[0] for line in said if line[:9].strip()} >= STAGES_TOLD | {"model"}, "progress of every stage"
    assert "training: 0 s" in said
    assert any(line.startswith("chosen: r") for line in said)
    assert said[-2:] == ["> /quit", "bye"]
    assert str(tmp_path) not in session.transcript


def test_a_question_under_live_bars_can_be_read_and_answered(tmp_path: Path) -> None:
    """The bars are gone while there is a question, and come back."""
    terminal = Terminal([sys.executable, "-c", ASKING], ROOT, os.environ, columns=60)
    try:
        terminal.wait(lambda screen: screen.line == "? ".rstrip() and screen.x == 2, 30)
        assert "Is it so? [yes]" in terminal.screen.text
        assert "train" not in terminal.screen.text, "no bar stands there"
        terminal.type("blue\r")
        terminal.wait(lambda screen: "train" in screen.text, 30)
        assert terminal.finish(30) == 0
    finally:
        terminal.close()
    assert terminal.screen.text.splitlines()[-2:] == ["? blue", "answer: blue"]


ASKING = """
import time
from cli import render
from tools.progress import report

with render.progress():
    report("train", "epoch", 1, 3)
    time.sleep(0.3)
    answer = render.ask_person({"question": "Is it so?", "default": "yes"})
    report("train", "epoch", 2, 3)
    time.sleep(0.5)
render.out.print(f"answer: {answer}")
"""


def test_a_screen_shows_what_was_drawn_over() -> None:
    screen = Screen(10)
    screen.feed("one\r\ntwo\x1b[1A\x1b[2Cx\x1b[K\r\n\x1b[Jthree\x1b[31m four five\x1b")
    screen.feed("[2D!\x1b[6n")
    assert screen.text == "one  x\nthree four\n fi!e"
    assert screen.asked == 1
    with pytest.raises(ValueError, match="unknown control sequence"):
        screen.feed("\x1b[2;3Z")


def test_a_transcript_says_how_many_checks_it_leaves_out() -> None:
    checks = "\n".join(f"  to be checked: {n}" for n in range(5))
    assert transcript(f"a\n{checks}\nb\n  to be checked: x\nc\n") == (
        "a\n  to be checked: 0\n  to be checked: 1\n  … and 3 more\nb\n  to be checked: x\nc"
    )


def test_the_readme_holds_a_session() -> None:
    readme = (ROOT / "README.md").read_text()
    session = readme.split(MARKS[0])[1].split(MARKS[1])[0]
    for words in ("$ tinysmith chat", "? fruit", "training: 0 s", "> /quit"):
        assert words in session
    assert into_readme(into_readme(readme, "x"), session) != readme
    assert into_readme(into_readme(readme, "x"), "x") == into_readme(readme, "x")
    with pytest.raises(ValueError, match=r"README\.md has no lines"):
        into_readme("nothing", "x")
