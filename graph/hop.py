"""What every node shares: a span in the run's trace, its progress in the stream, its models, and their cost ceiling."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from langgraph.config import get_stream_writer
from langgraph.errors import GraphBubbleUp

from agents.llm import CostCeiling, LanguageModels
from graph.questions import ask_ceiling
from tools.errors import TinysmithError
from tools.progress import Event, also_listening
from tools.trace import brief, span, tracing_to

_models: dict[str, LanguageModels] = {}


def told(node: Callable[[Any], dict[str, Any]]) -> Any:
    """The node, whose failures are RuntimeErrors as well: of any other kind LangGraph's server hides the words."""

    @functools.wraps(node)
    def telling(state: Any) -> dict[str, Any]:
        try:
            return node(state)
        except TinysmithError as error:
            kind = type(error)
            if not isinstance(error, RuntimeError):
                error.__class__ = type(kind.__name__, (kind, RuntimeError), {"__module__": kind.__module__})
            raise

    return telling


def hop(node: Callable[[Any], dict[str, Any]]) -> Any:
    """The node as one span of kind `node`, its progress also in LangGraph's stream mode `custom`.

    A question to the person (an interrupt) ends the span without an error: the node comes again with the answer.
    """
    name = node.__name__.strip("_")

    @told
    @functools.wraps(node)
    def traced(state: Any) -> dict[str, Any]:
        with (
            tracing_to(Path(state["run_dir"]) / "trace.jsonl"),
            also_listening(_to_stream()),
            span(name, kind="node", inputs={"keys": sorted(state)}) as this,
        ):
            try:
                update = _within_ceiling(node, state)
            except GraphBubbleUp as pause:
                this.outputs, paused = {"waits": "for the person's answer"}, pause
            else:
                this.outputs = brief(update)
                return update
        raise paused

    return traced


def _to_stream() -> Callable[[Event], None]:
    try:
        write = get_stream_writer()
    except RuntimeError:  # called outside of a graph
        return lambda event: None
    return lambda event: write(event.model_dump(mode="json"))


def _within_ceiling(node: Callable[[Any], dict[str, Any]], state: Any) -> dict[str, Any]:
    """The node's update; at the cost ceiling the person may raise it, and the node comes again from its start.

    What it asked before is in the cache of the run, so nothing is paid twice.
    """
    raised: dict[str, float] = {}
    while True:
        try:
            return {**node({**state, **raised}), **raised}
        except CostCeiling as reached:
            if (ceiling := ask_ceiling(state, reached.spent_usd, reached.ceiling_usd)) is None:
                raise
            raised = {"ceiling_usd": ceiling}


def language_models(state: Mapping[str, Any]) -> LanguageModels:
    """The run's models: one instance per run folder, so that the cost ceiling counts all its calls."""
    run_dir, ladders = state["run_dir"], state["config"].ladders
    models = _models.get(run_dir)
    if models is None or models.ladders != ladders:
        models = _models[run_dir] = LanguageModels(ladders, Path(run_dir) / "calls.jsonl")
    models.ceiling_usd = state.get("ceiling_usd") or ladders.max_cost_usd
    return models
