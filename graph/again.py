"""A new run from an old one: it shares what does not depend on what changed, and redoes the rest.

Time travel is LangGraph's: the state as a stage found it comes from the old run's checkpoints; trainings and model
calls with the same inputs come from the caches, which are shared, so that a redone stage repeats only what differs.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.llm import Ladders
from graph.build import STAGES
from graph.config import RunConfig
from graph.run import Ask, branch, next_of, state_before, state_of
from hw.board import Board, boards
from tools.errors import BadInput, Fixable, Infeasible
from tools.estimate import estimate, portable_for
from tools.store import append_line, write_json

# What each stage leaves in the state, and in the run folder.
_LEAVES: Mapping[str, tuple[str, ...]] = {
    "plan": ("spec", "card"),
    "data": ("prepared",),
    "search": ("candidates", "front"),
    "choose": ("chosen",),
    "train": ("trained",),
    "distil": ("trained",),
    "convert": ("converted",),
    "firmware": ("firmware",),
    "report": (),
}
_FILES: Mapping[str, tuple[str, ...]] = {
    "plan": ("spec.json",),
    "data": ("data",),
    "search": ("search",),
    "train": ("model/trained.pt", "model/model.pt"),
    "distil": ("model/distilled.pt", "model/model.pt", "model/trained.json"),
    "convert": ("model",),
    "firmware": ("firmware", "build"),
}
_CACHE = "search/cache"
_FIRST_READER: Mapping[str, str] = {
    "seed": "data",
    "candidates": "search",
    "epochs_mini": "search",
    "per_round": "search",
    "strategy": "search",
    "rounds": "search",
    "budgets": "search",
    "preference": "choose",
    "epochs_full": "train",
    "epochs_distil": "distil",
    "core": "firmware",
    "tries": "firmware",
    "firmware_tokens": "firmware",
    "firmware_seconds": "firmware",
    "memory": "firmware",
}
"""The first stage that depends on a setting; `profile`, `ladders` and `suite` change no stage by themselves."""
_BEHIND = {"data": "confirm", "search": "budget"}
"""The node behind which a stage starts, where that is not the stage before it."""


def rerun(
    source: Path,
    run_dir: Path,
    ask: Ask,
    *,
    stage: str | None = None,
    request: str | None = None,
    data: str | None = None,
    board: str | None = None,
    settings: Mapping[str, Any] | None = None,
    confirm: bool = False,
    amend: bool = False,
) -> dict[str, Any]:
    """Run again in `run_dir` from `stage` (default: the first one that depends on a change); the final state.

    `settings` are fields of RunConfig; `amend`: the request changes the behaviour that is there instead of replacing
    it. Raises BadInput (the run has not got that far, unknown stage or setting, a
    change that an earlier stage depends on), Infeasible (the model's C code does not suit the board).
    """
    old = state_of(source)
    if "spec" not in old:
        raise BadInput(f"{source} has no plan yet: go on with `tinysmith resume {source}`")
    config = _settings(old, settings or {}, board)
    changed = _changes(old, config, request, data, board)
    start = _start(source, stage, changed, old, config)
    values = _values(source, start)
    _share(source, run_dir, start)
    facts = {"request": request or old["request"], "data": data or old["spec"].data, "board": config.board}
    write_json(
        run_dir / "run.json", {**facts, "from": str(source), "stage": start, "config": config.model_dump(mode="json")}
    )
    values |= {**facts, "run_dir": str(run_dir), "config": config, "confirm": confirm, "redo": "", "amend": amend}
    if start == "plan" or {"request", "board", "data"} & changed:
        values |= {"spec": old["spec"]}
        values["redo"] = "" if start in ("plan", "data") else start
        return branch(run_dir, values, "open", ask)
    values["spec"] = values["spec"].model_copy(update={"budgets": config.budgets})
    write_json(run_dir / "spec.json", values["spec"])
    return branch(run_dir, values, _BEHIND.get(start) or STAGES[STAGES.index(start) - 1], ask)


def new_behaviour(
    source: Path,
    run_dir: Path,
    request: str,
    board: str | None,
    ladders: Ladders | None,
    ask: Ask,
    confirm: bool = False,
) -> dict[str, Any]:
    """Plan `request` for the classes of the run `source`, draft its firmware, prove it; nothing is trained.

    For a board with other kernels the network is converted again. Raises as `rerun` does, and Infeasible for a board
    that the network does not fit.
    """
    old = state_of(source)
    if board and "converted" in old and board in boards() and _board_reader(old, boards()[board]) == "search":
        raise Infeasible(
            f"the network of this run does not fit {boards()[board].name}: run again with --board {board}, or "
            f"`tinysmith resume {source} --board {board}`, which searches a smaller one"
        )
    settings = {"ladders": ladders} if ladders else {}
    other = bool(board and "spec" in old and board != old["spec"].board)
    stage = None if other else "firmware"
    return rerun(source, run_dir, ask, stage=stage, request=request, board=board, settings=settings, confirm=confirm)


# --- what changed, and who depends on it ----------------------------------------------------------------


def _settings(old: Mapping[str, Any], settings: Mapping[str, Any], board: str | None) -> RunConfig:
    known = boards()
    board = board or old["spec"].board
    if board not in known:
        raise BadInput(f"unknown board '{board}': choose one of {', '.join(known)} (tinysmith boards lists them)")
    # Budgets may have been relaxed by the person: what holds is in the plan.
    before = {**dict(old["config"]), "budgets": old["spec"].budgets, "board": board}
    try:
        return RunConfig.model_validate({**before, **settings})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _changes(
    old: Mapping[str, Any], config: RunConfig, request: str | None, data: str | None, board: str | None
) -> set[str]:
    spec, before = old["spec"], old["config"]
    changed = {name for name in _FIRST_READER if name != "budgets" and getattr(config, name) != getattr(before, name)}
    stated = {"request": (request, spec.request), "data": (data, spec.data), "board": (board, spec.board)}
    changed |= {name for name, (now, then) in stated.items() if now and now != then}
    return changed | ({"budgets"} if config.budgets != spec.budgets else set())


def _reader(old: Mapping[str, Any], config: RunConfig, name: str) -> str:
    """The first stage whose result depends on the change of `name`, apart from the plan itself."""
    if name == "request":
        return "firmware"  # with the same data and sensor the network stays as it is
    if name == "data":
        return "plan"
    if name == "board":
        return _board_reader(old, boards()[config.board or ""])
    return _FIRST_READER[name]


def _board_reader(old: Mapping[str, Any], now: Board) -> str:
    """A network that fits the new board stays; its C code too, where both boards have the same kernels."""
    spec, before = old["spec"], boards()[old["spec"].board]
    if (trained := old.get("trained")) is None:
        return "search"
    try:
        cost = estimate(trained.architecture, trained.input_shape, len(trained.classes), spec.budgets, now, spec.sensor)
    except Fixable:
        return "search"
    if cost.violations:
        return "search"
    return "firmware" if portable_for(before) == portable_for(now) else "convert"


def _start(source: Path, stage: str | None, changed: set[str], old: Mapping[str, Any], config: RunConfig) -> str:
    """The stage to begin with: the one that was asked for, if none before it depends on a change."""
    readers = {name: _reader(old, config, name) for name in changed}
    first = min(readers.values(), key=STAGES.index, default=None)
    if stage is None and _models(config) != _models(old["config"]):
        stage = first = first or "plan"  # other models may answer anything differently
    if stage is None:
        if first is None:
            raise BadInput("nothing differs from that run: change a setting, or say the stage to begin with (--from)")
        return min(first, _unfinished(source), key=STAGES.index)
    if stage not in STAGES:
        raise BadInput(f"unknown stage '{stage}': choose one of {', '.join(STAGES)}")
    if late := [name for name in sorted(readers) if STAGES.index(readers[name]) < STAGES.index(stage)]:
        _refuse(late, readers[late[0]], old, boards()[config.board or ""])
    # Where a run took over its training, it has no checkpoint in front of the distillation.
    return "train" if stage == "distil" and not state_before(source, stage) else stage


def _models(config: RunConfig) -> Ladders:
    return config.ladders.model_copy(update={"max_cost_usd": None})


def _unfinished(source: Path) -> str:
    """The stage that the run is in; the last one when it ended."""
    node = next_of(source)
    return {"clarify": "plan", "confirm": "plan", "budget": "search", "open": "plan"}.get(node, node) or STAGES[-1]


def _refuse(late: list[str], first: str, old: Mapping[str, Any], now: Board) -> None:
    before = boards()[old["spec"].board]
    if late == ["board"] and first == "convert":
        raise Infeasible(
            f"the model of this run was converted for {before.core}, its C code does not suit the {now.core} of "
            f"{now.name}: convert it again with `resume --from convert --board {now.id}`, or run with that board"
        )
    names = ", ".join(name.replace("_", "-") for name in late)
    raise BadInput(f"a change of {names} needs the stage {first}: begin with --from {first}, or leave --from out")


# --- what is taken over ---------------------------------------------------------------------------------


def _values(source: Path, stage: str) -> dict[str, Any]:
    """What the stages before `stage` left in the state. Raises BadInput when the run has not got that far."""
    before = STAGES[: STAGES.index(stage)]
    needed = [key for name in before for key in _LEAVES[name]]
    # A run that itself took over some stages has no checkpoint in front of them: its last state holds the same.
    values = state_before(source, stage) or state_of(source)
    if missing := [key for key in needed if key not in values]:
        raise BadInput(f"{source} has not got as far as {stage}: {missing[0]} is missing; resume it first")
    return {key: values[key] for key in dict.fromkeys(needed)}


def _share(source: Path, run_dir: Path, stage: str) -> None:
    """The files of the stages before `stage`, and the caches; linked, because writes replace files as a whole."""
    names = [name for before in STAGES[: STAGES.index(stage)] for name in _FILES.get(before, ())]
    for name in dict.fromkeys([*names, _CACHE]):
        for path in _files(source / name):
            _link(path, run_dir / path.relative_to(source))
    calls = source / "calls.jsonl"
    for line in calls.read_text().splitlines() if calls.exists() else ():
        with contextlib.suppress(json.JSONDecodeError):  # a line that was cut off
            append_line(
                run_dir / "calls.jsonl", json.dumps({**json.loads(line), "cost_usd": 0.0})
            )  # paid by the old run


def _files(path: Path) -> list[Path]:
    return [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path] if path.exists() else []


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        return
    try:
        if source.suffix == ".jsonl":  # appended to in place
            raise OSError("not to be shared")
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
