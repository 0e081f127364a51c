"""Progress events: every stage reports here, whoever listens (terminal, chat, API) shows them.

One schema for all: an Event, or its JSON `{"stage", "text", "done", "total", "data"}`. The command line and the chat
hear them through `listening`; over LangGraph's API the same JSON comes as the stream mode `custom` (graph/hop.py).
`text` is for people. `done` of `total` count what the stage counts; both are null where nothing is counted, and work
that stops early never reaches its total. `data` holds figures for machines. In the order of a run:

    plan        what was understood, a sentence per event
    model       the local model is being loaded
    data        files read (counted), samples, shape of the inputs
    propose     a round of the search begins
    validate    networks that are new and within budget
    select      how many of the architect's networks are trained, and how many calculated ones
    mini-train  networks (counted); candidate, epoch, accuracy
    pareto      the front after the round; accuracy
    choose      the network that is trained in full
    train       epochs (counted); accuracy
    distil      epochs of teacher and student (counted); accuracy
    convert     quantising, C; golden vectors (counted)
    firmware    a draft is written, or what was wrong with it
    compile     the sketch, then its sizes; flash_bytes, ram_bytes
    emulate     what the emulated board is shown
    report      where the page is

`flash` adds upload, connect and golden (vectors, counted), `setup` its own. Accuracies are on the validation part,
0 to 1.

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
