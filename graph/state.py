"""What the graph remembers: small facts and artefacts; arrays, weights and binaries stay in the run folder."""

from operator import add
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict  # pydantic makes the form of Studio from it, which needs this one on 3.11

from graph.config import RunConfig
from tools.artifacts import (
    Build,
    Candidate,
    Converted,
    DataCard,
    Emulation,
    Firmware,
    Front,
    Prepared,
    TaskSpec,
    Trained,
)


class RunInput(TypedDict, total=False):
    """The narrow door: what a person gives; the input form of LangGraph Studio shows these words."""

    request: Annotated[str, Field(description="What the device shall recognise and do, in plain words.")]
    data: Annotated[str | None, Field(description="Folder, file, or a built-in set: basic_motions, digits.")]
    board: Annotated[str | None, Field(description="Id of a board, e.g. nano33ble; empty: the one the request names.")]
    run_dir: Annotated[str | None, Field(description="Run folder; empty: a new one, runs/TIME.")]
    config: Annotated[RunConfig | None, Field(description="Settings of the run; empty: the defaults.")]
    confirm: Annotated[
        bool, Field(description="Ask the person (interrupts) to confirm and to choose; false: take the defaults.")
    ]


class SearchState(TypedDict, total=False):
    """The search subgraph's own memory."""

    run_dir: str
    config: RunConfig
    confirm: bool
    ceiling_usd: float
    spec: TaskSpec
    prepared: Prepared
    round: int
    proposed: list[Candidate]
    """Of this round, on their way from propose to pareto."""
    candidates: list[Candidate]
    """All that are settled: duplicate, rejected, failed, trained."""
    front: Front


class FirmwareState(TypedDict, total=False):
    """The firmware subgraph's own memory."""

    run_dir: str
    config: RunConfig
    confirm: bool
    ceiling_usd: float
    spec: TaskSpec
    card: DataCard
    prepared: Prepared
    converted: Converted
    tries: int
    samples: int
    rung: int
    draft: str
    author: str
    model: str
    problem: str
    build: Build | None
    """For the emulated board: the one that is proved."""
    real: Build | None
    """With the vendor's core, where the run is for it."""
    run: Emulation | None
    history: Annotated[list[dict[str, Any]], add]
    """See graph/tries.py."""
    spent_tokens: Annotated[int, add]
    """Of the drafts, those of answers from the cache included, so that a resumed run goes the same way."""
    spent_seconds: Annotated[float, add]
    """Of drafting, compiling and emulating."""
    firmware: Firmware


class RunState(TypedDict, total=False):
    """Of the whole run: one field per stage's result."""

    request: str
    data: str | None
    board: str | None
    run_dir: str
    config: RunConfig
    confirm: bool
    ceiling_usd: float
    """The cost ceiling that the person raised it to."""
    amend: bool
    """The request is a change of the plan that is there, not a plan of its own."""
    base: TaskSpec | None
    """The plan that the request changes: said in other words, a change is made to it again."""
    redo: str
    """The stage to go on at after the plan, where a run takes over the stages before from another one."""
    spec: TaskSpec
    card: DataCard | None
    prepared: Prepared
    candidates: list[Candidate]
    front: Front
    chosen: str
    trained: Trained
    converted: Converted
    firmware: Firmware
    result: dict[str, Any]
