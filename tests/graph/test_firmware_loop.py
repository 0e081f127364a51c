"""The firmware's loop on the emulated board: disagreement, budgets, and what is in the folder when it breaks off."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evals.sg_case import Case, See, Step
from evals.sg_network import trained_run
from graph import firmware as nodes
from graph import firmware_steps as steps_
from graph.again import rerun
from graph.config import RunConfig
from graph.run import execute
from hw.board import boards
from tests.conftest import SCRIPTED
from tests.fakes import FRUIT_CODE, FRUIT_PLAN, FRUIT_REQUEST, Reply, led_plan
from tools.artifacts import Firmware
from tools.compile import compile_sketch
from tools.errors import BadInput
from tools.store import read_model

pytestmark = pytest.mark.toolchain

FRUIT = Case(
    id="fruit", request=FRUIT_REQUEST, labels=("apple", "banana", "orange"), tags=("leds",), level="simple",
    scene=(Step(show="apple", see=See()),),
)  # fmt: skip
LADDERS = SCRIPTED.model_copy(update={"firmware": ("scripted:small", "scripted:large")})
SILENT = FRUIT_CODE.replace("result.label == LABEL_BANANA", "false && result.label == LABEL_BANANA")
"""The green LED stays off."""
UNDECLARED = FRUIT_CODE.replace("setLed(RED_LED", "setLight(RED_LED")


def respaced(code: str) -> str:
    return code.replace("  setLed", "\tsetLed")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loop")
    (folder / "build").mkdir()
    return trained_run(FRUIT, folder / "runs", RunConfig(ladders=SCRIPTED))


@pytest.fixture
def scenes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the minute and the look at memory, for what does not depend on them."""
    whole = steps_.scenario
    monkeypatch.setattr(steps_, "scenario", lambda *given: replace(whole(*given), minute=None))


class Person:
    """Says yes to the plan, and answers which of both is meant."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), list[dict[str, Any]]()

    def __call__(self, question: dict[str, Any]) -> str:
        if question["kind"] != "disagreement":
            return str(question["default"])
        self.asked.append(question)
        if not self.answers:
            raise KeyboardInterrupt
        return self.answers.pop(0)


def nobody(question: dict[str, Any]) -> str:
    raise AssertionError(f"nobody should be asked: {question}")


def make(
    source: Path,
    run_dir: Path,
    script: Any,
    drafts: list[Reply] | Reply,
    ask: Any = nobody,
    plans: list[Reply] | Reply | None = None,
    **settings: Any,
) -> dict[str, Any]:
    confirm = isinstance(ask, Person)
    script(firmware=drafts, **({"planner": plans} if plans else {}))
    run_dir.mkdir()
    (run_dir / "build").symlink_to(source.parents[1] / "build")  # one build of the core and the network for all
    return rerun(
        source, run_dir, ask, stage="firmware", request=FRUIT_REQUEST, settings=settings or None, confirm=confirm
    )


def compiles(run_dir: Path, board: str = "nano33ble") -> bool:
    [sketch] = [p.parent for p in (run_dir / "firmware").glob("*/*.ino")]
    return compile_sketch(sketch, boards()[board], run_dir / "build").ok


@pytest.mark.usefixtures("scenes_only")
def test_with_nobody_there_the_rules_are_taken_and_it_is_told(source: Path, tmp_path: Path, script: Any) -> None:
    state = make(source, tmp_path / "run", script, SILENT)
    firmware: Firmware = state["firmware"]
    assert firmware.author == "rules"
    assert all(check.passed for check in firmware.checks)
    told = firmware.disagreement
    assert told.startswith("the drafts did something else than the rules: at ")
    assert "after 'banana' appears: with the rules the green LED goes on; with the draft it stays off" in told
    assert told.endswith("different: green LED); the rules were taken, because nobody was asked")
    assert read_model(tmp_path / "run" / "firmware" / "firmware.json", Firmware) == firmware
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Not of one mind" in page
    assert "with the draft it stays off" in page
    assert state["result"]["firmware"]["disagreement"] == told


@pytest.mark.usefixtures("scenes_only")
def test_with_nobody_there_a_request_that_has_another_reading_is_not_guessed(
    source: Path, tmp_path: Path, script: Any
) -> None:
    steady = "While the result is 'banana': switch the green LED on"
    other = led_plan(red="apple", green="orange", blue="banana")
    with pytest.raises(BadInput, match="can be understood in two ways") as told:
        make(source, tmp_path / "run", script, SILENT, plans=[FRUIT_PLAN, other])
    assert steady in str(told.value)
    assert compiles(tmp_path / "run"), "the rules' sketch is kept"


@pytest.mark.usefixtures("scenes_only")
def test_the_same_code_is_not_built_again_and_ends_the_drafting(source: Path, tmp_path: Path, script: Any) -> None:
    state = make(source, tmp_path / "run", script, [SILENT, respaced(SILENT), SILENT])
    history = state["firmware"].history
    assert [entry["stage"] for entry in history] == ["emulate", "emulate", "emulate", "draft"]
    assert history[-1]["problem"] == "a fresh sample brought the same problem again"
    assert state["firmware"].tries == 1, "what is known is not compiled again"
    assert "(3 of 3 drafts do this;" in state["firmware"].disagreement
    assert json.loads((tmp_path / "run" / "firmware" / "history.json").read_text()) == list(history)


@pytest.mark.usefixtures("scenes_only")
def test_a_larger_model_is_asked_before_the_rules_are_taken(source: Path, tmp_path: Path, script: Any) -> None:
    state = make(source, tmp_path / "run", script, SILENT, ladders=LADDERS)
    rungs = [entry.get("rung") for entry in state["firmware"].history]
    assert rungs == [0, 0, 1, 1, 1, None]


@pytest.mark.usefixtures("scenes_only")
def test_the_person_is_asked_once_with_both_and_may_take_the_rules(source: Path, tmp_path: Path, script: Any) -> None:
    person = Person("rules")
    state = make(source, tmp_path / "run", script, SILENT, person)
    [question] = person.asked
    assert question["default"] == "rules"
    assert [choice["value"] for choice in question["choices"]] == ["rules", "draft"]
    assert "with the rules the green LED goes on; with the draft it stays off" in question["question"]
    assert "While the result is 'banana': switch the green LED on" in question["facts"]["rules"]
    assert "false &&" in question["facts"]["draft"]
    assert state["firmware"].author == "rules"
    assert state["firmware"].disagreement.endswith("the rules were taken, as the person said")


def test_the_person_may_take_the_draft_whose_failed_checks_are_told(source: Path, tmp_path: Path, script: Any) -> None:
    person = Person("draft")
    state = make(source, tmp_path / "run", script, SILENT, person)
    firmware: Firmware = state["firmware"]
    assert firmware.author == "drafted"
    assert firmware.disagreement.endswith("the draft was taken, as the person said")
    failed = [check.check for check in firmware.checks if not check.passed]
    assert any("green LED is on while the result is 'banana'" in check for check in failed)
    assert any(check.passed and "memory" in check.check for check in firmware.checks), (
        "the rest is checked all the same"
    )
    assert firmware.parity.mismatches == 0
    assert "false &&" in (tmp_path / "run" / firmware.sketch / "app.h").read_text()
    assert state["result"]["behaviour"]["passed"] == len(firmware.checks) - len(failed)
    assert compiles(tmp_path / "run")


@pytest.mark.usefixtures("scenes_only")
def test_the_question_stands_over_a_restart(source: Path, tmp_path: Path, script: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(source, tmp_path / "run", script, SILENT, Person())
    person = Person("draft")
    state = execute(tmp_path / "run", None, person)
    assert len(person.asked) == 1
    assert state["firmware"].author == "drafted"


@pytest.mark.usefixtures("scenes_only")
def test_where_no_draft_ever_ran_nothing_is_asked(source: Path, tmp_path: Path, script: Any) -> None:
    state = make(source, tmp_path / "run", script, [UNDECLARED, "no code at all"], Person(), tries=2)
    assert state["firmware"].author == "rules"
    assert state["firmware"].disagreement == ""
    stages = [entry["stage"] for entry in state["firmware"].history]
    assert stages[:2] == ["compile", "lint"]
    assert stages[-1] == "draft"


# --- budgets and broken-off loops -------------------------------------------------------------------


@pytest.mark.usefixtures("scenes_only")
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"firmware_tokens": 50}, "tokens are spent, the budget is 50"),
        ({"firmware_seconds": 0.001}, "s are spent, the budget is 0.001 s"),
        ({"tries": 1}, "the 1 tries are used up"),
    ],
)
def test_beyond_a_budget_the_rules_write_it_and_the_history_says_why(
    source: Path, tmp_path: Path, script: Any, settings: dict[str, Any], why: str
) -> None:
    state = make(source, tmp_path / "run", script, [UNDECLARED, SILENT, FRUIT_CODE], **settings)
    assert state["firmware"].author == "rules"
    first, last = state["firmware"].history
    assert "setLight" in first["problem"]
    assert why in last["problem"]
    assert compiles(tmp_path / "run")


@pytest.mark.usefixtures("scenes_only")
@pytest.mark.parametrize("when", ["draft", "compile", "emulate"])
def test_what_is_in_the_folder_after_ctrl_c_compiles(
    source: Path, tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def ctrl_c(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    steps = {"draft": (nodes.agent, "draft", 1), "compile": (steps_, "compiled", 2), "emulate": (steps_, "proved", 0)}
    module, name, before = steps[when]
    real, calls = getattr(module, name), []

    def second(*given: Any, **named: Any) -> Any:
        calls.append(name)
        return ctrl_c() if len(calls) > before else real(*given, **named)

    drafts = [UNDECLARED, SILENT.replace("setLed(RED_LED", "setLight(RED_LED"), FRUIT_CODE]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, second)
        with pytest.raises(KeyboardInterrupt):
            make(source, tmp_path / "run", script, drafts)
    assert compiles(tmp_path / "run")
    state = execute(tmp_path / "run", None, nobody)
    assert state["firmware"].author == "drafted"
