"""Spans: who is whose parent, errors pass through, LangSmith only when asked for."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tools import trace
from tools.artifacts import Budgets, TaskSpec
from tools.trace import read_trace, span, traced_tool, tracing_to


def test_spans_know_their_parent_and_stand_in_the_order_of_their_start(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with tracing_to(path):
        with span("outer", "node"):
            with span("first", "tool", inputs={"a": 1}) as first:
                first.outputs = {"b": 2}
            with span("second", "model") as second:
                second.usage = {"role": "planner"}
        with span("next", "node"):
            pass
    spans = {s.name: s for s in read_trace(path)}
    assert list(spans) == ["outer", "first", "second", "next"]
    assert spans["first"].parent == spans["second"].parent == spans["outer"].id
    assert spans["outer"].parent is None
    assert spans["next"].parent is None
    assert (spans["first"].inputs, spans["first"].outputs) == ({"a": 1}, {"b": 2})
    assert spans["second"].usage == {"role": "planner"}


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt()], ids=["error", "ctrl-c"])
def test_an_error_is_written_down_and_passes_through(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "trace.jsonl"
    with tracing_to(path), pytest.raises(type(error)), span("outer", "node"), span("inner", "tool"):
        raise error
    outer, inner = read_trace(path)
    assert outer.error == inner.error == f"{type(error).__name__}: {error}"


def test_after_an_error_the_next_span_has_no_dead_parent(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with tracing_to(path):
        with pytest.raises(ValueError, match="bad"), span("broken", "node"):
            raise ValueError("bad")
        with span("next", "node"):
            pass
    assert [s.parent for s in read_trace(path)] == [None, None]


def test_outside_of_a_run_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with span("alone", "tool"):
        pass
    assert list(tmp_path.iterdir()) == []
    assert read_trace(tmp_path / "trace.jsonl") == []


def test_a_last_line_that_was_cut_off_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with tracing_to(path):
        for name in ("kept", "cut"):
            with span(name, "tool"):
                pass
    path.write_text(path.read_text()[:-9])
    assert [s.name for s in read_trace(path)] == ["kept"]


def test_langsmith_is_not_even_imported_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    # None in sys.modules makes every import of the name fail.
    monkeypatch.setitem(sys.modules, "langsmith", None)
    monkeypatch.setitem(sys.modules, "langsmith.run_helpers", None)
    both = ("LANGSMITH_TRACING", "LANGSMITH_API_KEY")
    for tracing, key in ((None, None), ("false", "key"), (None, "key"), ("true", None)):
        for name, value in zip(both, (tracing, key), strict=True):
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        with span("quiet", "tool"):
            pass
    monkeypatch.setenv("LANGSMITH_API_KEY", "key")
    with pytest.raises(ImportError), span("told", "tool"):
        pass


def test_tries_count_siblings_of_a_name_and_visits_of_a_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trace.jsonl"

    def visit() -> None:
        with span("draft", "node"):
            for name in ("ask", "ask", "gcc"):
                with span(name, "tool"):
                    pass

    with tracing_to(path):
        visit()
        monkeypatch.setattr(trace, "_visits", {})  # another process goes on
        visit()
    counted = [(s.name, s.tries) for s in read_trace(path)]
    assert counted == [
        ("draft", 1),
        ("ask", 1),
        ("ask", 2),
        ("gcc", 1),
        ("draft", 2),
        ("ask", 1),
        ("ask", 2),
        ("gcc", 1),
    ]


def test_a_tool_is_written_down_in_brief(tmp_path: Path) -> None:
    @traced_tool
    def shrink(spec: TaskSpec, rows: np.ndarray, *, limit: int = 3) -> Budgets:
        return Budgets(ram_bytes=limit)

    spec = TaskSpec(request="r" * 5000, name="x", board="uno", sensor="serial", classes=("a",))
    with tracing_to(tmp_path / "t"):
        assert shrink(spec, np.zeros((4, 2)), limit=9).ram_bytes == 9
    [hop] = read_trace(tmp_path / "t")
    assert (hop.name, hop.kind) == ("shrink", "tool")
    assert hop.inputs["rows"] == "ndarray[4, 2]"
    assert hop.inputs["limit"] == 9
    assert len(hop.inputs["spec"]) < 2100
    assert hop.outputs == {"result": {"ram_bytes": 9}}


def test_no_secret_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "correct-horse-battery")
    seen = {
        "argv": ["curl", "-H", "x: correct-horse-battery", "https://me:hunter22@example.org/x"],
        "options": {"api_key": "whatever", "prompt_tokens": 7, "text": "sk-abcdefghijklmnopqrstuv"},
    }
    with tracing_to(tmp_path / "t"), span("call", "process", seen) as hop:
        hop.usage = {"prompt_tokens": 3}
    [written] = read_trace(tmp_path / "t")
    assert written.inputs == {
        "argv": ["curl", "-H", "x: [redacted]", "https://[redacted]@example.org/x"],
        "options": {"api_key": "[redacted]", "prompt_tokens": 7, "text": "[redacted]"},
    }
    assert written.usage == {"prompt_tokens": 3}
    assert "battery" in str(seen), "the caller's own data stay as they are"
