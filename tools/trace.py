"""Tracing of every hop: a span per node, model call, tool and outside program.

Always to trace.jsonl of the run folder; to LangSmith as well when LANGSMITH_TRACING is set. Without
it no packet leaves: langsmith's own context manager is not even entered.
"""

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from tools.store import append_line

Kind = Literal["run", "node", "model", "tool", "process"]
_LANGSMITH_TYPES: dict[str, Any] = {"run": "chain", "node": "chain", "model": "llm", "tool": "tool", "process": "tool"}


class Span(BaseModel):
    """One hop as it stands in trace.jsonl, a line each, written when the hop ends."""

    id: str
    parent: str | None
    name: str
    kind: Kind
    started: float
    """Seconds since the epoch."""
    seconds: float = 0.0
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    usage: dict[str, Any] = Field(default_factory=dict)
    """Of a model call: role, model, prompt_tokens, completion_tokens, cost_usd."""
    error: str | None = None


_current: ContextVar[str | None] = ContextVar("tinysmith_span", default=None)
_file: ContextVar[Path | None] = ContextVar("tinysmith_trace_file", default=None)


@contextmanager
def tracing_to(path: Path) -> Iterator[None]:
    """Append the spans of this context to `path` (trace.jsonl of a run)."""
    token = _file.set(path)
    try:
        yield
    finally:
        _file.reset(token)


@contextmanager
def span(name: str, kind: Kind, inputs: dict[str, Any] | None = None) -> Iterator[Span]:
    """Record one hop; the caller fills `outputs` and `usage` of the span it is given."""
    hop = Span(
        id=uuid.uuid4().hex[:16], parent=_current.get(), name=name, kind=kind, started=time.time(), inputs=inputs or {}
    )
    token = _current.set(hop.id)
    clock = time.monotonic()
    try:
        with _langsmith(hop) as remote:
            yield hop
            if remote is not None:
                remote.end(outputs=hop.outputs, metadata=hop.usage)
    except BaseException as error:
        hop.error = f"{type(error).__name__}: {error}"[:2000]
        raise
    finally:
        hop.seconds = round(time.monotonic() - clock, 4)
        _current.reset(token)
        path = _file.get()
        if path is not None:
            append_line(path, hop.model_dump_json(exclude_defaults=True))


def _langsmith(hop: Span) -> Any:
    # Nodes and model calls are traced by LangGraph's and LangChain's own callbacks; sending them here
    # again would show every one of them twice.
    if os.environ.get("LANGSMITH_TRACING", "").lower() != "true" or hop.kind in ("node", "model"):
        return nullcontext()
    from langsmith.run_helpers import trace

    return trace(hop.name, run_type=_LANGSMITH_TYPES[hop.kind], inputs=hop.inputs)


def read_trace(path: Path) -> list[Span]:
    """The spans of a run, in the order in which they started."""
    if not path.exists():
        return []
    spans = []
    for line in path.read_text().splitlines():
        # A line that a full disk or a kill cut off hides no other.
        with suppress(ValidationError):
            spans.append(Span.model_validate_json(line))
    return sorted(spans, key=lambda s: s.started)
