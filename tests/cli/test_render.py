"""The faces for people: the facts are in them, and text that looks like markup stays as it is."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cli import render
from graph.questions import Question
from hw.board import boards
from tools.artifacts import Budgets, Emulation, Led, PinEvent, Rule, SerialLine, TaskSpec
from tools.checks import checks_of
from tools.data import load
from tools.errors import BadInput
from tools.progress import report
from tools.result import failed
from tools.trace import Span

# Rich would take these for markup: the first vanishes, the second is an error.
ODD = "[red]x[/red] [/nothing]"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    text = StringIO()
    monkeypatch.setattr(render, "out", Console(file=text, width=200, no_color=True))
    monkeypatch.setattr(render, "err", Console(file=text, width=200, no_color=True))
    return text


def test_a_plan(shown: StringIO) -> None:
    spec = TaskSpec(
        request="x",
        name="x",
        board="uno",
        sensor="serial",
        classes=("a", ODD),
        budgets=Budgets(ram_bytes=2048),
        behaviour=(Rule(trigger="while", actions=(Led(name="builtin"),)),),
        assumptions=(ODD,),
    )
    render.show_plan(spec)
    assert "ram_bytes 2,048" in shown.getvalue()
    assert "switch the builtin LED on" in shown.getvalue()
    checks = checks_of(spec.behaviour, spec.classes, boards()[spec.board])
    assert shown.getvalue().count(ODD) == 2 + sum(ODD in check for check in checks)


def test_a_failure_before_and_after_the_run_began(shown: StringIO, tmp_path: Path) -> None:
    render.show_result(failed(None, 2, f"bad {ODD}", {}))
    render.show_result(failed(tmp_path, 3, "too small", {}))
    assert f"bad {ODD}" in shown.getvalue()
    assert "infeasible" in shown.getvalue()
    assert "too small" in shown.getvalue()


def test_a_trace_as_a_tree(shown: StringIO) -> None:
    used = {"prompt_tokens": 10, "completion_tokens": 5}
    render.show_trace(
        [
            Span(id="1", parent=None, name="plan", kind="node", started=0, seconds=1.5),
            Span(id="2", parent="1", name=f"ask {ODD}", kind="model", started=1, usage=used, error=f"bad {ODD}"),
        ]
    )
    lines = shown.getvalue().splitlines()
    assert "plan node, 1.50 s" in lines[1]
    assert f"ask {ODD} model, 0.00 s, 15 tokens bad {ODD}" in lines[2]
    assert lines[2].index("ask") > lines[1].index("plan")


def test_an_emulation_in_the_order_of_time(shown: StringIO) -> None:
    pin = PinEvent(t_ms=5, pin=22, name="LEDR", mode="digital", value=1)
    run = Emulation(
        status="done", virtual_ms=1000, instructions=5000, serial=(SerialLine(t_ms=9, text=ODD),), pins=(pin,)
    )
    render.show_emulation(run)
    lines = shown.getvalue().splitlines()
    assert "LEDR" in lines[0]
    assert lines[1].endswith(f"serial  {ODD}")
    assert "1,000 virtual ms, 5,000 instructions" in lines[-1]


def test_boards_runs_and_a_card(shown: StringIO, fruit_data: Path) -> None:
    render.show_boards(boards())
    render.show_runs([{"run": "runs/1", "status": "done", "board": None, "request": ODD}])
    render.show_card(load(str(fruit_data)).card)
    for words in (*boards(), "runs/1", ODD, "apple"):
        assert words in shown.getvalue()


def test_counted_work_is_told_at_its_end_only(shown: StringIO) -> None:
    with render.progress():
        report("train", "epoch 1", 1, 2)
        report("train", f"epoch 2 {ODD}", 2, 2)
        report("data", "reading")
    assert [line.strip() for line in shown.getvalue().splitlines()] == [f"train  epoch 2 {ODD}", "data  reading"]


def test_counted_work_that_ends_early_is_told_too(shown: StringIO) -> None:
    with render.progress():
        for stage, done in (("train", 1), ("train", 2), ("train", 1), ("data", None), ("distil", 1), ("distil", 2)):
            report(stage, f"{stage} {done}", done, 9 if done else None)
    lines = [line.split(maxsplit=1)[1] for line in shown.getvalue().splitlines()]
    assert lines == ["train 2", "train 1", "data None", "distil 2"]


def test_an_empty_line_takes_the_default(shown: StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(kind="confirm", question="Is it so?", facts={"rules": [ODD]}, default="yes").model_dump()
    for typed, answer in (("\n", "yes"), ("no \n", "no")):
        monkeypatch.setattr("sys.stdin", StringIO(typed))
        assert render.ask_person(question) == answer
    monkeypatch.setattr("sys.stdin", StringIO(""))
    assert render.ask_person(question) == "yes"
    with pytest.raises(BadInput, match="Nobody is there to answer"):
        render.ask_person({**question, "default": ""})
    assert "Is it so? [yes]" in shown.getvalue()
    assert f"- {ODD}" in shown.getvalue()
