"""Flashing as a graph of its own, for Studio and the API: the person approves before a board is overwritten.

The command line has `tinysmith flash` (cli/flash.py), with ports found, live view and rehearsal.
"""

import time
from pathlib import Path
from typing import Annotated, Any, Literal

from langgraph.graph import END, START, StateGraph
from pydantic import Field
from typing_extensions import TypedDict

from graph.hop import hop
from graph.questions import Choice, Question, ask
from tools.artifacts import Converted, Firmware, TaskSpec
from tools.errors import BadInput, Fixable
from tools.flash import EMULATED, Flashed, Target, check_vectors, compile_real, connect, load_target, rehearsal
from tools.store import read_model, write_json
from tools.upload import upload


class FlashInput(TypedDict, total=False):
    """What a person gives."""

    run_dir: Annotated[str, Field(description="Run folder with finished firmware.")]
    port: Annotated[str, Field(description="Serial port of the board; emulated: rehearse, nothing is overwritten.")]
    confirm: Annotated[bool, Field(description="Ask before the board is overwritten; false: nothing is uploaded.")]


class FlashState(FlashInput, total=False):
    """And what became of it."""

    approved: bool
    flashed: Flashed


def question(spec: TaskSpec, board: str, port: str) -> Question:
    """What the person is asked before flashing, here and on a terminal."""
    return Question(
        kind="flash",
        question=f"Put '{spec.name}' on the {board} on {port}, over what is there?",
        choices=(Choice(value="yes"), Choice(value="no", text="nothing is uploaded")),
        default="no",
        facts={"board": spec.board, "port": port, "sketch": spec.name},
    )


def approve(state: FlashState) -> dict[str, Any]:
    """The person's word; a rehearsal on the emulated board needs none."""
    if state["port"] == EMULATED:
        return {"approved": True}
    target = _target(state)
    if ask(state, question(target.spec, target.board.name, state["port"])) == "yes":
        return {"approved": True}
    raise BadInput("nothing was uploaded: it was not confirmed")


def flash(state: FlashState) -> dict[str, Any]:
    """Compile with the vendor's core, upload, and the golden vectors over the port."""
    target, port = _target(state), state["port"]
    if port == EMULATED:
        with rehearsal(target) as address:
            return _checked(target, address, uploaded=False)
    build = compile_real(target)
    return _checked(target, upload(build, target.board, target.sketch, port), uploaded=True)


def _target(state: FlashState) -> Target:
    run_dir = Path(state["run_dir"]).resolve()
    firmware = read_model(run_dir / "firmware" / "firmware.json", Firmware)
    spec = read_model(run_dir / "spec.json", TaskSpec)
    return load_target(run_dir, spec, firmware, read_model(run_dir / "model" / "converted.json", Converted), False)


def _checked(target: Target, port: str, uploaded: bool) -> dict[str, Any]:
    started = time.monotonic()
    link, identity = connect(target, port, uploaded)
    with link:
        parity, repeats, _ = check_vectors(target, link, f"{target.board.id} ({port})")
    if parity.mismatches:
        raise Fixable(f"the board on {port} differs from the model in {parity.mismatches} of {parity.bytes} bytes")
    flashed = Flashed(
        run=str(target.run_dir),
        status="done",
        board=target.board.id,
        port=port,
        fqbn=target.board.fqbn,
        uploaded=uploaded,
        identity=identity,
        parity=parity,
        repeats=repeats,
        seconds={"golden": round(time.monotonic() - started, 3)},
    )
    write_json(target.run_dir / "flash.json", flashed)
    return {"flashed": flashed}


def after_approve(state: FlashState) -> Literal["flash", "__end__"]:
    """Only what was approved is uploaded."""
    return "flash" if state.get("approved") else "__end__"


def flash_graph(checkpointer: Any = None) -> Any:
    """The compiled graph."""
    graph = StateGraph(FlashState, input_schema=FlashInput)
    graph.add_node("approve", hop(approve))
    graph.add_node("flash", hop(flash))
    graph.add_edge(START, "approve")
    graph.add_conditional_edges("approve", after_approve, {"flash": "flash", "__end__": END})
    graph.add_edge("flash", END)
    return graph.compile(checkpointer=checkpointer, name="flash")


graph = flash_graph()
"""What LangGraph's server opens (langgraph.json)."""
