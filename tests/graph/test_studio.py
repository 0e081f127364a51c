"""LangGraph Studio: the server of `make studio` over its HTTP API, with a real run (scripted model, real tools)."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.build import graph
from graph.state import RunInput
from tests.fakes import FRUIT_REQUEST
from tests.graph.conftest import ROOT
from tests.scripted_run import CONFIG, STAGES_TOLD
from tools.progress import Event

sdk = pytest.importorskip("langgraph_sdk")
pytest.importorskip("langgraph_api")
pytestmark = pytest.mark.toolchain
SETTINGS = ROOT / "langgraph.json"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address and log of `langgraph dev` with our langgraph.json; only the model is another one."""
    folder = tmp_path_factory.mktemp("studio")
    settings = json.loads(SETTINGS.read_text())
    settings |= {"dependencies": [str(ROOT)], "graphs": {"tinysmith": f"{ROOT}/tests/studio.py:graph"}}
    (folder / "langgraph.json").write_text(json.dumps(settings))
    port, log = free_port(), folder / "log"
    command = [Path(sys.executable).parent / "langgraph", "dev", "--no-browser", "--no-reload", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "LANGGRAPH_CLI_NO_ANALYTICS": "1", "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url, process, log)
            yield url, log
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"{url}/ok").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(log.read_text())


def test_the_form_is_the_narrow_door(server: tuple[str, Path]) -> None:
    client = sdk.get_sync_client(url=server[0])
    [assistant] = client.assistants.search(graph_id="tinysmith")
    schema = client.assistants.get_schemas(assistant["assistant_id"])["input_schema"]
    assert set(schema["properties"]) == set(RunInput.__annotations__)
    assert all(field["description"] for field in schema["properties"].values())
    assert "candidates" in schema["$defs"]["RunConfig"]["properties"]


def test_the_graph_is_drawn_with_its_names_and_subgraphs_open(server: tuple[str, Path]) -> None:
    client = sdk.get_sync_client(url=server[0])
    [assistant] = client.assistants.search(graph_id="tinysmith")
    drawn = client.assistants.get_graph(assistant["assistant_id"], xray=True)
    names = {node["id"] for node in drawn["nodes"]}
    assert {
        "open",
        "plan",
        "clarify",
        "confirm",
        "data",
        "budget",
        "choose",
        "train",
        "distil",
        "convert",
        "report",
    } <= names
    assert {"search:propose", "search:validate", "search:mini_train", "search:pareto"} <= names
    assert {"firmware:draft", "firmware:compile", "firmware:emulate"} <= names
    assert set(client.assistants.get_subgraphs(assistant["assistant_id"])) == {"search", "firmware"}
    assert "mini_train" in graph.get_graph(xray=True).draw_mermaid()


class Conversation:
    """A thread of the server, and what its stream brought."""

    def __init__(self, url: str) -> None:
        self.client = sdk.get_sync_client(url=url)
        self.thread = self.client.threads.create()["thread_id"]
        self.events: list[Event] = []
        self.nodes: list[str] = []

    def go(self, **what: Any) -> list[str]:
        """Stream until the graph stops; the kinds of questions that it waits for."""
        modes = ["updates", "custom"]
        for part in self.client.runs.stream(self.thread, "tinysmith", stream_mode=modes, stream_subgraphs=True, **what):
            assert part.event != "error", part.data
            if part.event.startswith("custom"):
                self.events.append(Event.model_validate(part.data))
            elif part.event.startswith("updates"):
                self.nodes += [name for name in part.data if not name.startswith("__")]
        state = self.client.threads.get_state(self.thread)
        return [interrupt["value"]["kind"] for interrupt in state["interrupts"]]

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.client.threads.get_state(self.thread)["values"])


def test_a_run_through_the_api(server: tuple[str, Path], tmp_path: Path, fruit_data: Path) -> None:
    talk = Conversation(server[0])
    budgets = CONFIG.budgets.model_copy(update={"macs": 20_000})
    config = CONFIG.model_copy(update={"budgets": budgets, "epochs_mini": 1})  # so short that there is a choice
    inputs = {
        "request": FRUIT_REQUEST,
        "data": str(fruit_data),
        "run_dir": str(tmp_path / "run"),
        "config": config.model_dump(mode="json"),
        "confirm": True,
    }
    assert talk.go(input=inputs) == ["confirm"]
    assert talk.go(command={"resume": "yes"}) == ["network"]
    members = talk.values["front"]["members"]
    assert len(members) > 1
    assert talk.go(command={"resume": "the best"}) == ["network"], "no answer: asked again"
    assert talk.go(command={"resume": members[-1]}) == []
    assert talk.values["chosen"] == members[-1]
    assert talk.values["result"]["status"] == "done"
    assert talk.values["result"]["behaviour"]["passed"] == talk.values["result"]["behaviour"]["checks"] > 10
    for stage in (
        "plan",
        "propose",
        "mini_train",
        "train",
        "distil",
        "convert",
        "draft",
        "compile",
        "emulate",
        "report",
    ):
        assert stage in talk.nodes
    epochs = [event for event in talk.events if event.stage == "train"]
    assert [(e.done, e.total) for e in epochs] == [(n, CONFIG.epochs_full) for n in range(1, CONFIG.epochs_full + 1)]
    assert {e.stage for e in talk.events} == STAGES_TOLD
    assert (tmp_path / "run" / "report.html").exists()
    assert (tmp_path / "run" / "trace.jsonl").exists()


def test_what_is_wrong_is_told_in_words(server: tuple[str, Path], tmp_path: Path) -> None:
    client = sdk.get_sync_client(url=server[0])
    for inputs, words in (
        ({"request": FRUIT_REQUEST}, "no data: give --data"),
        ({"request": "x", "config": {"candidates": 0}}, "config.candidates is wrong"),
        ({"request": "x", "config": {"profile": "cloud"}}, "unknown profile 'cloud'"),
    ):
        with pytest.raises(Exception, match=words):
            client.runs.wait(None, "tinysmith", input={"run_dir": str(tmp_path / "run"), **inputs})


def test_the_server_found_nothing_to_complain_of(server: tuple[str, Path]) -> None:
    """Last: blocking calls in the event loop would be in its log."""
    log = re.sub(r"\x1b\[[0-9;]*m", "", server[1].read_text())
    assert "Blocking call" not in log
    assert "Traceback" not in log.split("no data: give --data")[0]
