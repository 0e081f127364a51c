"""Run the graph over a run folder: SQLite checkpoints, interrupts answered by a callback, resume where it stopped."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from graph.build import build_graph
from graph.state import RunInput
from tools import artifacts
from tools.errors import BadInput

Ask = Callable[[dict[str, Any]], str]
"""Shows an interrupt's question to the person and returns the answer."""

# Only our own artefacts are made from a checkpoint's bytes.
_ALLOWED = [
    *((artifacts.__name__, name) for name in vars(artifacts) if isinstance(getattr(artifacts, name), type)),
    ("graph.config", "RunConfig"),
    ("agents.llm", "Ladders"),
]


@contextmanager
def opened(run_dir: Path) -> Iterator[Any]:
    """The graph with the run folder's checkpoints."""
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(run_dir / "checkpoints.sqlite", check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise BadInput(f"cannot use {run_dir} as run folder: {error}; choose another one with --out") from error
    try:
        saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=_ALLOWED))
        yield build_graph(saver)
    except sqlite3.OperationalError as error:
        if "full" not in str(error):
            raise
        raise BadInput(
            f"no space left on the device that holds {run_dir}: free some, then resume; what was finished is kept"
        ) from error
    finally:
        connection.close()


def _thread() -> dict[str, Any]:
    return {"configurable": {"thread_id": "run"}, "recursion_limit": 200}


def branch(run_dir: Path, values: dict[str, Any], after: str, ask: Ask) -> dict[str, Any]:
    """Start a new run in `run_dir` behind the stage `after`, with `values` as if the stages before had left them."""
    with opened(run_dir) as graph:
        graph.update_state(_thread(), values, as_node=after)
    return execute(run_dir, None, ask)


def execute(run_dir: Path, inputs: RunInput | None, ask: Ask) -> dict[str, Any]:
    """Run to the end and return the final state; `inputs` None resumes at the stage where the run stopped.

    Raises BadInput when there is nothing to resume.
    """
    with opened(run_dir) as graph:
        value: Any = inputs
        if inputs is None:
            snapshot = graph.get_state(_thread())
            if not snapshot.created_at:
                raise BadInput(f"{run_dir} has no checkpoint to resume from: start it with `tinysmith run`")
            if not snapshot.next:
                return dict(snapshot.values)
            if pending := _questions(snapshot):
                value = Command(resume=ask(pending[0]))
        while True:
            state = graph.invoke(value, _thread(), durability="sync")
            questions = state.get("__interrupt__", ())
            if not questions:
                return dict(state)
            value = Command(resume=ask(questions[0].value))


def _questions(snapshot: Any) -> list[dict[str, Any]]:
    return [interrupt.value for task in snapshot.tasks for interrupt in task.interrupts]


def state_of(run_dir: Path) -> dict[str, Any]:
    """The last saved state of a run, empty when there is none."""
    if not (run_dir / "checkpoints.sqlite").exists():
        return {}
    with opened(run_dir) as graph:
        return dict(graph.get_state(_thread()).values)
