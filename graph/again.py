"""New behaviour on a trained run: a new run folder takes over data, search and model; the firmware is redone."""

import shutil
from pathlib import Path
from typing import Any

from agents import planner
from agents.llm import Ladders
from graph.config import RunConfig
from graph.hop import hop, language_models
from graph.run import Ask, branch, state_of
from hw.board import boards
from tools.errors import BadInput, Infeasible
from tools.estimate import portable_for
from tools.store import write_json

KEPT = ("spec", "card", "prepared", "candidates", "front", "chosen", "trained", "converted", "config")
_FOLDERS = ("data", "search", "model")


def new_behaviour(
    source: Path, run_dir: Path, request: str, board: str | None, ladders: Ladders | None, ask: Ask
) -> dict[str, Any]:
    """Plan `request` for the classes of the run `source`, draft the firmware, prove it on the board.

    Returns the final state. Raises BadInput when `source` has no converted model or the board is unknown, Infeasible
    when the model's C code or the sensor does not suit `board`.
    """
    values = state_of(source)
    if "converted" not in values:
        raise BadInput(f"{source} has no trained model yet: go on with `tinysmith resume {source}`")
    config: RunConfig = values["config"]
    config = config.model_copy(update={"board": board or values["spec"].board, "ladders": ladders or config.ladders})
    _check_board(values["spec"].board, config.board or "")
    for name in _FOLDERS:
        shutil.copytree(source / name, run_dir / name, dirs_exist_ok=True)
    facts = {"request": request, "data": values["spec"].data, "board": config.board, "from": str(source)}
    write_json(run_dir / "run.json", {**facts, "config": config.model_dump(mode="json")})
    state = {**{key: values[key] for key in KEPT if key in values}, "run_dir": str(run_dir), "config": config}
    spec = hop(_plan)({**state, "request": request})["spec"]
    return branch(run_dir, {**state, "request": request, "spec": spec}, "convert", ask)


def _plan(state: dict[str, Any]) -> dict[str, Any]:
    old = state["spec"]
    spec = planner.plan(
        language_models(state),
        state["request"],
        board=state["config"].board,
        card=state["card"],
        data=old.data,
        budgets=old.budgets,
        sensor=old.sensor,
    )
    write_json(Path(state["run_dir"]) / "spec.json", spec)
    return {"spec": spec}


def _check_board(before: str, now: str) -> None:
    known = boards()
    if now not in known:
        raise BadInput(f"unknown board '{now}': choose one of {', '.join(known)} (tinysmith boards lists them)")
    if portable_for(known[before]) != portable_for(known[now]):
        raise Infeasible(
            f"the model of this run was converted for {known[before].core}, its C code does not suit the "
            f"{known[now].core} of {known[now].name}: run again with --board {now}"
        )
