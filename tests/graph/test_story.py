"""The story in one test: a sentence becomes firmware that works on the emulated board; scripted model, real tools."""

import json
from pathlib import Path
from typing import Any

import pytest

from graph.again import new_behaviour, rerun
from graph.config import RunConfig
from graph.run import execute, state_of
from tests.conftest import SCRIPTED
from tests.fakes import FRUIT_CODE, FRUIT_PLAN, FRUIT_REQUEST, led_plan
from tests.scripted_run import CONFIG
from tests.watched import Watched
from tools.artifacts import Budgets
from tools.errors import BadInput, Infeasible
from tools.trace import read_trace

QUICK = RunConfig(
    ladders=SCRIPTED, candidates=4, epochs_mini=10, epochs_full=40, epochs_distil=5, board="nano33ble", seed=1
)


BUILTIN_CODE = """```cpp
void onResult(const Result &result) { setLed(BUILTIN_LED, result.label == LABEL_BANANA); }
```"""


def start(run_dir: Path, data: Path, config: RunConfig = QUICK, **inputs: Any) -> dict[str, Any]:
    given: Any = {"request": FRUIT_REQUEST, "data": str(data), "run_dir": str(run_dir), "config": config, **inputs}
    return execute(run_dir, given, lambda question: str(question["default"]))


def no_answer(question: dict[str, Any]) -> str:
    raise AssertionError(f"nobody should be asked: {question}")


@pytest.mark.toolchain
def test_a_sentence_becomes_verified_firmware(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    script()
    run_dir = tmp_path / "run"
    state = start(run_dir, fruit_data)
    result = json.loads((run_dir / "result.json").read_text())
    assert result == state["result"]
    assert result["status"] == "done"
    assert result["metrics"]["accuracy_int8"] >= 0.9
    assert result["metrics"]["arena_bytes"] <= 4096
    assert result["metrics"]["flash_bytes"] <= 64 * 1024
    assert result["parity"]["vectors"] >= 100
    assert result["parity"]["mismatches"] == 0
    assert result["behaviour"]["checks"] == result["behaviour"]["passed"] > 10
    assert result["firmware"]["author"] == "drafted"
    assert result["firmware"]["tries"] == 1
    for role in ("planner", "data", "architect", "firmware"):
        assert result["usage"][role]["calls"] >= 1
    assert "validator" not in result["usage"], "no network broke a budget"
    for path in result["artifacts"].values():
        assert Path(path).exists()
    names = [span.name for span in read_trace(run_dir / "trace.jsonl") if span.kind == "node"]
    order = ["plan", "data", "propose", "validate", "mini_train", "pareto", "train", "distil", "convert", "draft"]
    assert [name for name in names if name in order][: len(order)] == order
    assert (run_dir / "report.html").stat().st_size > 10_000
    check_new_behaviour(run_dir, tmp_path / "again", script)


def check_new_behaviour(source: Path, run_dir: Path, script: Any) -> None:
    """On the run that the story made: another request redoes the firmware and nothing else."""
    model = script(planner=led_plan(builtin="banana"), firmware=BUILTIN_CODE)
    state = new_behaviour(source, run_dir, "built-in LED for banana", None, None, no_answer)
    assert state["result"]["status"] == "done"
    assert state["result"]["behaviour"]["passed"] == state["result"]["behaviour"]["checks"]
    assert "BUILTIN_LED" in (run_dir / state["firmware"].sketch / "app.h").read_text()
    assert {role for role, _ in model.asked} == {"planner", "firmware"}
    nodes = {span.name for span in read_trace(run_dir / "trace.jsonl") if span.kind == "node"}
    assert nodes == {"plan", "clarify", "confirm", "draft", "compile", "emulate", "report"}
    uno = new_behaviour(source, run_dir.parent / "uno", "built-in LED for banana", "uno", None, no_answer)
    assert uno["result"]["status"] == "done"
    assert uno["spec"].sensor == "serial", "what the Uno cannot sense is sent to it"
    nodes = {span.name for span in read_trace(run_dir.parent / "uno" / "trace.jsonl") if span.kind == "node"}
    assert nodes == {"plan", "clarify", "confirm", "convert", "draft", "compile", "emulate", "report"}


@pytest.mark.toolchain
def test_a_draft_that_compiles_but_does_the_wrong_thing_is_sent_back(
    tmp_path: Path, watched: Watched, script: Any
) -> None:
    swapped = FRUIT_CODE.replace("LABEL_APPLE", "X").replace("LABEL_BANANA", "LABEL_APPLE").replace("X", "LABEL_BANANA")
    broken = FRUIT_CODE.replace("setLed(RED_LED", "setLight(RED_LED")
    model = script(firmware=["no code at all", broken, swapped, FRUIT_CODE])
    state = rerun(watched.forgetful(tmp_path / "old"), tmp_path / "run", no_answer, stage="firmware")
    history = state["firmware"].history
    assert [entry["stage"] for entry in history] == ["lint", "compile", "emulate"]
    assert "setLight" in history[1]["problem"]
    assert "LED" in history[2]["problem"]
    assert state["firmware"].author == "drafted"
    assert state["firmware"].tries == 3
    asked = [user for role, user in model.asked if role == "firmware"]
    assert "setLight" in asked[2], "the compiler's evidence goes into the next prompt"


@pytest.mark.toolchain
def test_when_the_drafts_run_out_the_rules_write_the_application(tmp_path: Path, watched: Watched, script: Any) -> None:
    wrong = "".join(f"  setLed({led}_LED, true);\n" for led in ("RED", "GREEN", "BLUE"))
    script(firmware=f"```cpp\nvoid onResult(const Result &result) {{\n{wrong}}}\n```")
    source = watched.forgetful(tmp_path / "old")
    state = rerun(source, tmp_path / "run", no_answer, stage="firmware", settings={"tries": 2})
    assert state["firmware"].author == "rules"
    assert state["firmware"].tries == 1, "the same code is not tried again"
    assert state["firmware"].model_lines == 0
    assert all(check.passed for check in state["firmware"].checks)


def test_an_impossible_budget_ends_with_the_nearest_feasible_one(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    model = script()
    config = QUICK.model_copy(update={"budgets": Budgets(ram_bytes=100)})
    with pytest.raises(Infeasible, match=r"nearest feasible budget on .* is [\d,]+ bytes of RAM"):
        start(tmp_path / "run", fruit_data, config)
    assert not [role for role, _ in model.asked if role == "architect"], "known before the architect is asked"


@pytest.mark.parametrize(
    ("board", "words"),
    [
        ("uno", r"Arduino Uno.* has no MP34DT05 PDM microphone; .*Boards that have one: nano33ble"),
        ("nucleo_h743zi", r"ST Nucleo H743ZI has no MP34DT05 PDM microphone"),
    ],
)
def test_what_the_board_cannot_sense_is_infeasible(
    tmp_path: Path, fruit_data: Path, script: Any, board: str, words: str
) -> None:
    from graph.nodes import plan

    script()
    request = "tell knocks from speech with the microphone, red LED for a knock"
    state: Any = {
        "request": request,
        "data": str(fruit_data),
        "board": board,
        "run_dir": str(tmp_path),
        "config": QUICK,
    }
    with pytest.raises(Infeasible, match=words):
        plan(state)


def test_the_person_can_refuse_the_plan(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    script()
    questions = []

    def refuse(question: dict[str, Any]) -> str:
        questions.append(question)
        return "no"

    given: Any = {"request": FRUIT_REQUEST, "data": str(fruit_data), "run_dir": str(tmp_path / "run"), "config": QUICK}
    with pytest.raises(BadInput, match="not confirmed"):
        execute(tmp_path / "run", {**given, "confirm": True}, refuse)
    assert "While the result is 'apple': switch the red LED on" in questions[0]["facts"]["rules"]


@pytest.mark.toolchain
def test_an_interrupted_run_goes_on_where_it_stopped(
    tmp_path: Path, fruit_data: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = script()
    run_dir = tmp_path / "run"

    def ctrl_c(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("graph.nodes.convert_network", ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            start(run_dir, fruit_data, CONFIG)
    assert state_of(run_dir)["trained"].epochs >= 1
    before = len(model.asked)
    state = execute(run_dir, None, no_answer)
    assert state["result"]["status"] == "done"
    assert {role for role, _ in model.asked[before:]} == {"firmware"}, "no finished model call is repeated"
    nodes = [span.name for span in read_trace(run_dir / "trace.jsonl") if span.kind == "node"]
    assert nodes.count("train") == 1


def test_plans_of_the_script_are_what_the_person_asked_for(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    from graph.nodes import plan

    script(planner=FRUIT_PLAN)
    state: Any = {"request": FRUIT_REQUEST, "data": str(fruit_data), "run_dir": str(tmp_path), "config": QUICK}
    spec = plan(state)["spec"]
    assert spec.board == "nano33ble"
    assert spec.sensor == "color"
    assert spec.classes == ("apple", "banana", "orange")
    assert len(spec.behaviour) == 3
