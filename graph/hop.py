"""What every node shares: a span in the run's trace, and the run's language models."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agents.llm import LanguageModels
from tools.trace import span, tracing_to

_models: dict[str, LanguageModels] = {}


def hop(node: Callable[[Any], dict[str, Any]]) -> Any:
    """The node as one span of kind `node`; its keys in and out, not their values, which the artefacts hold."""
    name = node.__name__.strip("_")

    @functools.wraps(node)
    def traced(state: Any) -> dict[str, Any]:
        with (
            tracing_to(Path(state["run_dir"]) / "trace.jsonl"),
            span(name, kind="node", inputs={"keys": sorted(state)}) as this,
        ):
            update = node(state)
            this.outputs = {"keys": sorted(update)}
            return update

    return traced


def language_models(state: Mapping[str, Any]) -> LanguageModels:
    """The run's models: one instance per run folder, so that the cost ceiling counts all its calls."""
    run_dir = state["run_dir"]
    if run_dir not in _models:
        _models[run_dir] = LanguageModels(state["config"].ladders, Path(run_dir) / "calls.jsonl")
    return _models[run_dir]
