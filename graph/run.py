"""Run the graph over a run folder: SQLite checkpoints, interrupts answered by a callback, resume where it stopped."""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph.types import Command

from graph.build import build_graph
from graph.checkpoints import RunSaver
from graph.config import RunConfig
from graph.state import RunInput
from tools.errors import BadInput
from tools.langsmith_export import exporting
from tools.trace import span, tracing_to

Ask = Callable[[dict[str, Any]], str]
"""Shows an interrupt's payload (the JSON of graph.questions.Question) to the person and returns the answer."""


@contextmanager
def opened(run_dir: Path) -> Iterator[Any]:
    """The graph with the run folder's checkpoints."""
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(run_dir / "checkpoints.sqlite", check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise BadInput(f"cannot use {run_dir} as run folder: {error}; choose another one with --out") from error
    try:
        yield build_graph(RunSaver(connection))
    except sqlite3.OperationalError as error:
        if "full" not in str(error):
            raise
        raise BadInput(
            f"no space left on the device that holds {run_dir}: free some, then resume; what was finished is kept"
        ) from error
    finally:
        connection.close()


@contextmanager
def _alone(run_dir: Path) -> Iterator[None]:
    """Refuse to work where another process works; the lock ends with the process, however it ends."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInput(f"another process works on {run_dir}: wait for its end, or stop it first") from error
        yield


def thread() -> dict[str, Any]:
    """Names the run in its checkpoints: one run a file."""
    return {"configurable": {"thread_id": "run"}, "recursion_limit": 1000}


def branch(run_dir: Path, values: Mapping[str, Any], after: str, ask: Ask) -> dict[str, Any]:
    """Start a new run in `run_dir` behind the node `after`, with `values` as if the nodes before had left them."""
    with opened(run_dir) as graph:
        graph.update_state(thread(), dict(values), as_node=after)
    return execute(run_dir, None, ask)


def execute(run_dir: Path, inputs: RunInput | None, ask: Ask, ceiling_usd: float | None = None) -> dict[str, Any]:
    """Run to the end and return the final state; `inputs` None resumes at the stage where the run stopped.

    `ceiling_usd`: the cost ceiling from now on, of a run that is resumed. Raises BadInput when there is nothing to
    resume, or another process works on this run.
    """
    with opened(run_dir) as graph, _alone(run_dir):
        value: Any = inputs
        if inputs is None:
            snapshot = graph.get_state(thread())
            if not snapshot.created_at:
                raise BadInput(f"{run_dir} has no checkpoint to resume from: start it with `tinysmith run`")
            if not snapshot.next:
                return dict(snapshot.values)
            inputs = snapshot.values
            if ceiling_usd is not None:
                graph.update_state(thread(), {"ceiling_usd": ceiling_usd})
                snapshot = graph.get_state(thread())
            if pending := _questions(snapshot):
                value = Command(resume=ask(pending[0]))
        return _traced(run_dir, graph, value, inputs, ask)


def _traced(run_dir: Path, graph: Any, value: Any, facts: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    tags, metadata = _labels(run_dir, facts)
    with (
        exporting(tags, metadata),
        tracing_to(run_dir / "trace.jsonl"),
        span("run", "run", {"request": facts.get("request"), "board": metadata["board"]}) as whole,
    ):
        while True:
            config = {**thread(), "tags": tags, "metadata": metadata}
            state = graph.invoke(value, config, durability="sync")
            questions = state.get("__interrupt__", ())
            if not questions:
                whole.outputs = {"status": state["result"]["status"]} if "result" in state else {}
                return dict(state)
            value = Command(resume=ask(questions[0].value))


def _labels(run_dir: Path, facts: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Tags and metadata of everything that is traced in this run."""
    config = facts.get("config") or RunConfig()
    board = facts["spec"].board if "spec" in facts else facts.get("board") or config.board
    labels = {"board": board, "profile": config.profile, "suite": config.suite}
    tags = [f"{name}:{label}" for name, label in labels.items() if label]
    return ["tinysmith", *tags], {**labels, "run": run_dir.name, "thread_id": run_dir.name}


def _questions(snapshot: Any) -> list[dict[str, Any]]:
    return [interrupt.value for task in snapshot.tasks for interrupt in task.interrupts]


def state_of(run_dir: Path) -> dict[str, Any]:
    """The last saved state of a run, empty when there is none."""
    if not (run_dir / "checkpoints.sqlite").exists():
        return {}
    with opened(run_dir) as graph:
        return dict(graph.get_state(thread()).values)


def state_before(run_dir: Path, stage: str) -> dict[str, Any]:
    """The state as the stage found it when it last began, empty when it has not been reached."""
    if not (run_dir / "checkpoints.sqlite").exists():
        return {}
    with opened(run_dir) as graph:
        history = graph.get_state_history(thread())
        return next((dict(snapshot.values) for snapshot in history if stage in snapshot.next), {})


def next_of(run_dir: Path) -> str:
    """The node that the run will go on with, empty when it ended."""
    with opened(run_dir) as graph:
        return next(iter(graph.get_state(thread()).next), "")
