"""Tracing of every hop: a span per run, node, model call, tool and outside program, each with its parent.

Always to trace.jsonl of the run folder; to LangSmith as well where tools/langsmith_export.py says so. Secrets are
taken out of both (tools/redact.py).
"""

import functools
import inspect
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from pydantic import BaseModel, Field, ValidationError

from tools.langsmith_export import exported
from tools.redact import redact
from tools.store import append_line

Kind = Literal["run", "node", "model", "tool", "process"]
P = ParamSpec("P")
R = TypeVar("R")


class Span(BaseModel):
    """One hop as it stands in trace.jsonl, a line each, written when the hop ends."""

    id: str
    parent: str | None
    name: str
    kind: Kind
    started: float
    """Seconds since the epoch."""
    seconds: float = 0.0
    tries: int = 1
    """Which one of this name it is below its parent; of a node: which visit of the run, over interruptions."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    usage: dict[str, Any] = Field(default_factory=dict)
    """Of a model call: role, model, prompt_tokens, completion_tokens, cost_usd."""
    error: str | None = None


_current: ContextVar[tuple[str, "Counter[str]"] | None] = ContextVar("tinysmith_span", default=None)
"""Id of the span that is open, and how many children of each name it has had."""
_file: ContextVar[Path | None] = ContextVar("tinysmith_trace_file", default=None)
_visits: dict[Path, "Counter[str]"] = {}
"""Visits of each node per trace file."""


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
    above = _current.get()
    hop = Span(
        id=uuid.uuid4().hex[:16],
        parent=above[0] if above else None,
        name=name,
        kind=kind,
        started=time.time(),
        tries=_counted(name, kind, above[1] if above else None),
        inputs=inputs or {},
    )
    token = _current.set((hop.id, Counter()))
    clock = time.monotonic()
    try:
        with exported(hop):
            yield hop
    except BaseException as error:
        hop.error = f"{type(error).__name__}: {error}"[:2000]
        raise
    finally:
        hop.seconds = round(time.monotonic() - clock, 4)
        _current.reset(token)
        _write(hop)


def _counted(name: str, kind: Kind, siblings: "Counter[str] | None") -> int:
    path = _file.get()
    counter = siblings
    if kind == "node" and path is not None:
        if path not in _visits or not path.exists():
            _visits[path] = Counter(s.name for s in read_trace(path) if s.kind == "node")
        counter = _visits[path]
    if counter is None:
        return 1
    counter[name] += 1
    return counter[name]


def _write(hop: Span) -> None:
    path = _file.get()
    if path is not None:
        append_line(
            path, Span.model_validate(redact(hop.model_dump(mode="json"))).model_dump_json(exclude_defaults=True)
        )


def traced_tool(function: Callable[P, R]) -> Callable[P, R]:
    """The function as a span of kind `tool`: what it was given and what it returned, in brief."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def traced(*args: P.args, **kwargs: P.kwargs) -> R:
        with span(function.__name__, "tool", brief(signature.bind(*args, **kwargs).arguments)) as hop:
            result = function(*args, **kwargs)
            hop.outputs = {"result": brief(result)}
            return result

    return traced


_LONGEST = 2000
"""Characters of one value in a span; the artefacts in the run folder hold the whole."""


def brief(value: Any) -> Any:
    """A value as short JSON: artefacts by their fields, arrays by shape, other objects by type, long ones cut off."""
    if isinstance(value, BaseModel):
        text = value.model_dump_json(exclude_defaults=True)
        return value.model_dump(mode="json", exclude_defaults=True) if len(text) <= _LONGEST else _cut(text)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | Path):
        return _cut(str(value))
    if isinstance(value, Mapping):
        return {str(key): brief(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [brief(item) for item in value[:20]] + ([f"… {len(value) - 20} more"] if len(value) > 20 else [])
    shape = getattr(value, "shape", None)
    return f"{type(value).__name__}{list(shape)}" if isinstance(shape, tuple) else type(value).__name__


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


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
