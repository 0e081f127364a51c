"""The graph that flashes: it asks first, uploads nothing without a yes, and rehearses on the emulated board."""

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from graph import flash as flash_module
from graph.flash import flash_graph
from graph.questions import Question
from tests.graph.conftest import Watched
from tools.errors import BadInput

pytestmark = pytest.mark.toolchain
THREAD: Any = {"configurable": {"thread_id": "1"}}


@pytest.fixture
def uploads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whatever would be compiled for the board; none is there."""
    tried: list[Any] = []

    def record(target: Any) -> Any:
        tried.append(target)
        raise KeyboardInterrupt

    monkeypatch.setattr(flash_module, "compile_real", record)
    return tried


def test_the_person_is_asked_before_a_board_is_overwritten(watched: Watched, uploads: list[Any]) -> None:
    graph = flash_graph(InMemorySaver())
    paused = graph.invoke({"run_dir": str(watched.run_dir), "port": "/dev/ttyX9", "confirm": True}, THREAD)
    question = Question.model_validate(paused["__interrupt__"][0].value)
    assert (question.kind, question.default) == ("flash", "no")
    assert "on the Arduino Nano 33 BLE Sense on /dev/ttyX9, over what is there?" in question.question
    assert uploads == []
    with pytest.raises(KeyboardInterrupt):
        graph.invoke(Command(resume="yes"), THREAD)
    assert len(uploads) == 1


@pytest.mark.parametrize("confirm", [True, False])
def test_without_a_yes_nothing_is_uploaded(watched: Watched, uploads: list[Any], confirm: bool) -> None:
    graph = flash_graph(InMemorySaver())
    inputs = {"run_dir": str(watched.run_dir), "port": "/dev/ttyX9", "confirm": confirm}
    if confirm:
        graph.invoke(inputs, THREAD)
    with pytest.raises(BadInput, match="nothing was uploaded"):
        graph.invoke(Command(resume="") if confirm else inputs, THREAD)
    assert uploads == []


def test_a_rehearsal_on_the_emulated_board(watched: Watched) -> None:
    done = flash_graph(InMemorySaver()).invoke({"run_dir": str(watched.run_dir), "port": "emulated"}, THREAD)
    assert done["flashed"].parity.mismatches == 0
    assert done["flashed"].parity.vectors >= 50
    assert not done["flashed"].uploaded
