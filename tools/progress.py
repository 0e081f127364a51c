"""Progress events: every stage reports here, whoever listens (terminal, chat, API) shows them.

One schema for all: an Event, or its JSON `{"stage", "text", "done", "total", "data"}`. The command line and the chat
hear them through `listening`; over LangGraph's API the same JSON comes as the stream mode `custom`. `done` and `total`
count what the stage counts (epochs, networks, rows); `data` holds figures for machines, e.g. `accuracy`, `candidate`.

A sink is held in a context variable, so tools need no callback argument and a library user who
sets none hears nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """One step of visible progress."""

    model_config = ConfigDict(frozen=True)

    stage: str
    """Word of the stage as in graph/build.py: plan, data, propose, train, ..."""
    text: str
    done: int | None = None
    total: int | None = None
    data: dict[str, Any] = {}


Sink = Callable[[Event], None]
_sink: ContextVar[Sink | None] = ContextVar("tinysmith_progress", default=None)


def report(stage: str, text: str, done: int | None = None, total: int | None = None, **data: Any) -> None:
    """Tell the listener, if there is one, what `stage` is doing (`done` of `total` units)."""
    sink = _sink.get()
    if sink is not None:
        sink(Event(stage=stage, text=text, done=done, total=total, data=data))


@contextmanager
def listening(sink: Sink) -> Iterator[None]:
    """Send the events of this context to `sink`."""
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)


@contextmanager
def also_listening(sink: Sink) -> Iterator[None]:
    """Send the events of this context to `sink`, besides whoever listens already."""
    before = _sink.get()

    def both(event: Event) -> None:
        if before is not None:
            before(event)
        sink(event)

    with listening(both):
        yield
