"""Spans to LangSmith, when LANGSMITH_TRACING and LANGSMITH_API_KEY are set; otherwise nothing is imported or sent.

LangGraph and LangChain send the graph, its nodes and the calls of chat models by themselves; what they do not know of
(the agents' questions with their parsing and cache, tools, outside programs) is sent here, as children of those.
All goes through one client of ours: it takes secrets out (tools/redact.py). What else may be seen is set by
langsmith's own variables: LANGSMITH_HIDE_INPUTS, _HIDE_OUTPUTS and _HIDE_METADATA (`true`: nothing of it is sent),
LANGSMITH_ENDPOINT (any server), LANGSMITH_PROJECT, LANGSMITH_TRACING_SAMPLING_RATE. OpenTelemetry is its part, too:
LANGSMITH_OTEL_ENABLED=true sends to OTEL_EXPORTER_OTLP_ENDPOINT as well, LANGSMITH_OTEL_ONLY=true only there.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tools.progress import report
from tools.redact import redact

if TYPE_CHECKING:
    from langsmith import Client

    from tools.trace import Span

FLUSH_S = 10.0
"""The longest that the end of a run waits for its last spans to be sent."""
_SPACES = ("LANGSMITH", "LANGCHAIN")
_client: "Client | None" = None


def asked_for() -> bool:
    """Whether a variable asks for tracing at all (langsmith knows older names, too)."""
    names = [f"{space}_{name}" for space in _SPACES for name in ("TRACING", "TRACING_V2")]
    return any(os.environ.get(name, "").lower() == "true" for name in names)


def wanted() -> bool:
    """Whether spans go to LangSmith: it is asked for, and there is a key."""
    return asked_for() and any(os.environ.get(f"{space}_API_KEY") for space in _SPACES)


def install() -> "Client":
    """Make LangChain, LangGraph and this module send through one client that takes secrets out."""
    global _client
    if _client is None:
        import langsmith
        from langsmith import run_trees

        _client = langsmith.Client(anonymizer=redact)
        langsmith.configure(client=_client)
        run_trees._CLIENT = _client  # what LangChain's tracer asks for
    return _client


@contextmanager
def exporting(tags: list[str], metadata: Mapping[str, Any]) -> Iterator[None]:
    """All spans of this context get `tags` and `metadata`; sent before it ends, or kept here when not `wanted`."""
    if not asked_for():
        yield
        return
    from langsmith.run_helpers import tracing_context

    if not wanted():
        report("trace", "LANGSMITH_TRACING is set without LANGSMITH_API_KEY: the trace stays in the run folder")
        with tracing_context(enabled=False):
            yield
        return
    client = install()
    try:
        with tracing_context(enabled=True, client=client, tags=tags, metadata=dict(metadata)):
            yield
    finally:
        client.flush(timeout=FLUSH_S)


@contextmanager
def exported(hop: "Span") -> Iterator[None]:
    """The hop as a run of LangSmith, below the one that is open; a node's own run gets the hop's facts."""
    if not wanted():
        yield
        return
    from langsmith.run_helpers import get_current_run_tree, trace

    facts = {"kind": hop.kind, "tries": hop.tries, "span": hop.id}
    if hop.kind in ("run", "node"):  # LangGraph's own callbacks send these: a second time would show them twice
        if (run := get_current_run_tree()) is not None:
            run.metadata.update(facts)
        yield
        return
    install()
    with trace(hop.name, run_type="tool" if hop.kind != "model" else "chain", inputs=hop.inputs) as run:
        run.metadata.update(facts)  # not as an argument: there the facts of an outer hop would win
        try:
            yield
        finally:  # also of a call whose answer was unusable: its tokens were spent
            run.metadata.update(hop.usage)
            run.end(outputs=hop.outputs)
