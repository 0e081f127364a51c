"""What the graph remembers: small facts and artefacts; arrays, weights and binaries stay in the run folder."""

from operator import add
from typing import Annotated, Any, TypedDict

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
    """The narrow door: what a person gives."""

    request: str
    data: str | None
    board: str | None
    run_dir: str
    config: RunConfig | None
    confirm: bool
    """Ask the person to confirm the plan (an interrupt) before anything is trained."""


class SearchState(TypedDict, total=False):
    """The search subgraph's own memory."""

    run_dir: str
    config: RunConfig
    spec: TaskSpec
    prepared: Prepared
    round: int
    proposed: list[Candidate]
    """Of this round, on their way from propose to pareto."""
    candidates: list[Candidate]
    """All that are settled: duplicate, rejected, failed, trained."""
    front: Front
    feedback: str


class FirmwareState(TypedDict, total=False):
    """The firmware subgraph's own memory."""

    run_dir: str
    config: RunConfig
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
    run: Emulation | None
    history: Annotated[list[dict[str, Any]], add]
    firmware: Firmware


class RunState(TypedDict, total=False):
    """Of the whole run: one field per stage's result."""

    request: str
    data: str | None
    board: str | None
    run_dir: str
    config: RunConfig
    confirm: bool
    spec: TaskSpec
    card: DataCard
    prepared: Prepared
    candidates: list[Candidate]
    front: Front
    chosen: str
    trained: Trained
    converted: Converted
    firmware: Firmware
    result: dict[str, Any]
