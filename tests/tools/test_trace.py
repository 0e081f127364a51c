"""Spans: who is whose parent, errors pass through, LangSmith only when asked for."""

import sys
from pathlib import Path

import pytest

from tools.trace import read_trace, span, tracing_to


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


def test_langsmith_is_not_even_imported_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # None in sys.modules makes every import of the name fail.
    monkeypatch.setitem(sys.modules, "langsmith.run_helpers", None)
    for value in (None, "", "false"):
        if value is None:
            monkeypatch.delenv("LANGSMITH_TRACING", raising=False)
        else:
            monkeypatch.setenv("LANGSMITH_TRACING", value)
        with span("quiet", "tool"):
            pass
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    with pytest.raises(ImportError), span("told", "tool"):
        pass
    with span("told by LangGraph itself", "node"):
        pass
