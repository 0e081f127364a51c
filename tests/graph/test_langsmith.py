"""LangSmith with its real client against a server on loopback: every hop arrives once, in its place, no secret does."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.fakes import FRUIT_REQUEST
from tests.graph.conftest import ROOT, SECRET, Watched
from tests.recorder import Recorder, recording
from tools.trace import Span

pytestmark = pytest.mark.toolchain


def hops(recorder: Recorder) -> dict[str, dict[str, Any]]:
    """The runs that are hops of ours, by the id of their span; the others are LangGraph's and LangChain's own."""
    own = [run for run in recorder.runs.values() if run["run_type"] != "llm"]
    return {recorder.metadata(run)["span"]: run for run in own if "span" in recorder.metadata(run)}


def test_every_hop_arrives_once_in_its_place(watched: Watched) -> None:
    spans = [s for s in watched.spans if s.kind != "run"]
    arrived = hops(watched.recorder)
    assert set(arrived) == {s.id for s in spans}
    assert len(spans) > 30
    by_id = {s.id: s for s in spans}
    for hop in spans:
        run = arrived[hop.id]
        assert run["name"] == hop.name
        assert run["end_time"] >= run["start_time"]
        assert not run.get("error")
        assert watched.recorder.metadata(run)["tries"] == hop.tries
        assert own_path(watched.recorder, run) == own_path_of(hop, by_id)
    roots = [run for run in watched.recorder.runs.values() if not run.get("parent_run_id")]
    assert [root["name"] for root in roots] == ["tinysmith"], "one tree"


def own_path(recorder: Recorder, run: dict[str, Any]) -> tuple[str, ...]:
    """Names from below the graph to the run; the subgraphs are LangGraph's own."""
    return tuple(name for name in recorder.path_of(run) if name not in ("tinysmith", "search", "firmware"))


def own_path_of(hop: Span, by_id: dict[str, Span]) -> tuple[str, ...]:
    above = by_id.get(hop.parent or "")
    return (*(own_path_of(above, by_id) if above else ()), hop.name)


def test_subgraphs_and_model_calls_stand_where_they_belong(watched: Watched) -> None:
    paths = {watched.recorder.path_of(run) for run in watched.recorder.runs.values()}
    assert ("tinysmith", "search", "search", "propose", "ask architect", "ScriptedModel") in paths
    assert ("tinysmith", "firmware", "firmware", "compile", "compile_sketch", "arduino-cli") in paths
    assert ("tinysmith", "convert", "convert", "gcc") in paths


def test_model_calls_come_with_tokens_and_cost(watched: Watched) -> None:
    runs = watched.recorder.runs.values()
    [asked] = [run for run in runs if run["name"] == "ask planner"]
    facts = watched.recorder.metadata(asked)
    assert (facts["role"], facts["cost_usd"]) == ("planner", 0.0)
    assert facts["prompt_tokens"] > 100
    assert FRUIT_REQUEST in asked["inputs"]["user"]
    assert '"quote"' in asked["outputs"]["text"]
    [call] = [run for run in runs if run["run_type"] == "llm" and run["parent_run_id"] == asked["id"]]
    assert json.dumps(call["outputs"]).count('"usage_metadata"') >= 1


def test_runs_are_tagged_with_board_profile_and_suite(watched: Watched) -> None:
    for run in watched.recorder.runs.values():
        assert {"tinysmith", "board:nano33ble", "profile:local", "suite:fakes"} <= set(run["tags"]), run["name"]
        facts = watched.recorder.metadata(run)
        assert (facts["board"], facts["suite"], facts["thread_id"]) == ("nano33ble", "fakes", "run")


def test_no_secret_arrives_or_is_written_down(watched: Watched) -> None:
    assert not [path for path in watched.run_dir.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    sent = b"".join(watched.recorder.bodies)
    assert len(sent) > 100_000
    assert SECRET.encode() not in sent


QUICK = """
import sys
from pathlib import Path
from langsmith import Client
from tools.langsmith_export import exporting
from tools.trace import span
import time

started = time.monotonic()
with exporting([], {}), span("gcc", "process", {"argv": ["gcc", sys.argv[1]]}) as hop:
    hop.outputs = {"stdout": "the data"}
print(time.monotonic() - started)
"""


def export(url: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    tracing = {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "key",
        "LANGSMITH_ENDPOINT": url,
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "-c", QUICK, f"-DKEY={SECRET}"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**tracing, "SOME_API_KEY": SECRET, **variables},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_a_setting_keeps_data_at_home() -> None:
    with recording() as recorder:
        export(recorder.url)
        [seen] = recorder.runs.values()
        export(recorder.url, LANGSMITH_HIDE_INPUTS="true", LANGSMITH_HIDE_OUTPUTS="true")
        hidden = next(run for run in recorder.runs.values() if run is not seen)
    assert seen["inputs"] == {"argv": ["gcc", "-DKEY=[redacted]"]}
    assert seen["outputs"] == {"stdout": "the data"}
    assert not hidden.get("inputs")
    assert not hidden.get("outputs")
    assert hidden["name"] == "gcc"


def test_a_server_that_is_not_there_stops_nothing() -> None:
    done = export("http://127.0.0.1:9", LANGSMITH_TIMEOUT_MS="1000")
    assert float(done.stdout) < 15


def test_tracing_without_a_key_sends_nothing() -> None:
    with recording() as recorder:
        export(recorder.url, LANGSMITH_API_KEY="")
    assert recorder.paths == []


def test_opentelemetry_by_the_librarys_own_support() -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    with recording() as recorder:
        export(
            recorder.url,
            LANGSMITH_OTEL_ENABLED="true",
            LANGSMITH_OTEL_ONLY="true",
            OTEL_EXPORTER_OTLP_ENDPOINT=recorder.url,
        )
    [body] = [body for path, body in zip(recorder.paths, recorder.bodies, strict=True) if path.endswith("/v1/traces")]
    assert b"gcc" in body
    assert SECRET.encode() not in body
