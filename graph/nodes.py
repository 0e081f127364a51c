"""One short function per stage: read the state, call an agent or a tool, return the update."""

from pathlib import Path
from typing import Any

import numpy as np

from agents import data as data_agent
from agents import planner
from graph.hop import language_models
from graph.state import RunState
from hw.board import boards, sensors
from tools.amend import amended, moved
from tools.artifacts import DataCard, TaskSpec
from tools.behaviour import sentences
from tools.convert import convert as convert_network
from tools.cores import core_env
from tools.data import load, subset
from tools.distill import distil as distil_network
from tools.errors import BadInput
from tools.estimate import portable_for
from tools.progress import report
from tools.qat import fine_tune
from tools.recipe import run_recipe, without_units
from tools.recipe_check import with_augment
from tools.report import write_report
from tools.store import write_json
from tools.teacher import TeacherConfig
from tools.train import load_network
from tools.train import train as train_network


def plan(state: RunState) -> dict[str, Any]:
    """Planner agent: request and data card -> TaskSpec, resolved against hw/."""
    config, before = state["config"], state.get("spec")
    source = state.get("data")
    if not source and not state.get("confirm"):
        raise BadInput("no data: give --data PATH or the name of a built-in set (basic_motions, digits)")
    report("plan", "reading the request")
    card = load(source).card if source else None
    spec = _planned(state, card)
    base = (state.get("base") or before) if state.get("amend") else None
    if base:
        spec = amended(base, spec)
    write_json(Path(state["run_dir"]) / "spec.json", spec)
    if spec.doubts and not state.get("confirm"):
        raise BadInput(f"not understood: {'; '.join(spec.doubts)}. Say it in other words, or look at the plan yourself")
    if config.core == "real":
        core_env(boards()[spec.board])  # told now, not after the training
    for text in () if state.get("confirm") else sentences(spec):  # else they stand in the question that comes next
        report("plan", text)
    update: dict[str, Any] = {"spec": spec, "card": card, "request": spec.request, "base": base}
    if before and state.get("redo") and spec.sensor == "serial" != before.sensor:
        prepared = state["prepared"]
        update["prepared"] = prepared.model_copy(update={"recipe": without_units(prepared.recipe)})
    return update


def _planned(state: RunState, card: DataCard | None) -> TaskSpec:
    config, before = state["config"], state.get("spec")
    board = state.get("board") or config.board
    if before and state.get("redo") and state["request"] == before.request and board:
        return moved(before, boards()[board])  # only the board is another one: what was understood stays
    sensor = before.sensor if before and state.get("redo") else None  # what was trained reads this one
    if sensor and board and sensor not in boards()[board].sensors and "serial" in boards()[board].sensors:
        sensor = "serial"
    return planner.plan(
        language_models(state),
        state["request"],
        board=board,
        card=card,
        data=state.get("data") or None,
        budgets=config.budgets,
        sensor=sensor,
    )


def data(state: RunState) -> dict[str, Any]:
    """Data agent: data card -> recipe, run without leakage."""
    spec, card = state["spec"], state["card"]
    assert card is not None  # clarify asked for the data
    config, raw = state["config"], load(spec.data or "")
    raw = subset(raw, config.samples_max, config.seed) if config.samples_max else raw
    recipe = data_agent.choose_recipe(language_models(state), spec.request, card, sensors()[spec.sensor])
    if config.augment is not None:
        recipe = with_augment(recipe, config.augment)
    prepared = run_recipe(raw, recipe, config.seed, Path(state["run_dir"]))
    counts = ", ".join(f"{part} {n}" for part, n in prepared.samples.items())
    report("data", f"inputs of {' x '.join(map(str, prepared.input_shape))}: {counts}")
    return {"prepared": prepared}


def train(state: RunState) -> dict[str, Any]:
    """Full training of the network that was chosen."""
    config, run_dir = state["config"], Path(state["run_dir"])
    candidate = next(c for c in state["candidates"] if c.id == state["chosen"])
    done = train_network(
        candidate.architecture, state["prepared"], run_dir, epochs=config.epochs_full, seed=config.seed
    )
    return {"trained": done}


def distil(state: RunState) -> dict[str, Any]:
    """A ViT teaches the network; the guard keeps the better one."""
    config = state["config"]
    student = distil_network(
        state["trained"],
        state["prepared"],
        Path(state["run_dir"]),
        teacher=TeacherConfig(**config.teacher.model_dump()),
        alpha=config.alpha,
        temperature=config.temperature,
        epochs=config.epochs_distil,
        seed=config.seed,
    )
    write_json(Path(state["run_dir"]) / "model" / "trained.json", student)
    return {"trained": student}


def convert(state: RunState) -> dict[str, Any]:
    """INT8 .tflite and C, proven byte for byte against TFLM."""
    run_dir, prepared = Path(state["run_dir"]), state["prepared"]
    trained, outcome = fine_tune(state["trained"], prepared, run_dir, seed=state["config"].seed)
    report("convert", str(outcome))
    with np.load(run_dir / prepared.arrays) as arrays:
        parts = {name: arrays[name] for name in ("x_train", "x_test", "y_test")}
    converted = convert_network(
        load_network(trained, run_dir),
        trained.architecture,
        trained.input_shape,
        trained.classes,
        parts["x_train"],
        parts["x_test"],
        parts["y_test"],
        run_dir / "model",
        portable=portable_for(boards()[state["spec"].board]),
    )
    write_json(run_dir / "model" / "converted.json", converted)
    report("convert", f"INT8 accuracy {converted.accuracy_int8} (float {converted.accuracy_float})")
    return {"converted": converted, "trained": trained}


def report_(state: RunState) -> dict[str, Any]:
    """report.html and result.json: every number with the artefact it came from."""
    result = write_report(Path(state["run_dir"]), state)
    report("report", str(Path(state["run_dir"]) / "report.html"))
    return {"result": result}
