"""One short function per stage: read the state, call an agent or a tool, return the update."""

from pathlib import Path
from typing import Any

import numpy as np
from langgraph.types import interrupt

from agents import data as data_agent
from agents import planner
from graph.hop import language_models
from graph.state import RunState
from hw.board import boards, sensors
from tools.behaviour import sentence
from tools.convert import convert as convert_network
from tools.data import load
from tools.distill import distil as distil_network
from tools.errors import BadInput, Fixable, Infeasible
from tools.estimate import portable_for
from tools.pareto import choose
from tools.progress import report
from tools.recipe import run_recipe
from tools.report import write_report
from tools.store import write_json
from tools.train import load_network
from tools.train import train as train_network


def plan(state: RunState) -> dict[str, Any]:
    """Planner agent: request and data card -> TaskSpec, resolved against hw/."""
    config = state["config"]
    source = state.get("data")
    if not source:
        raise BadInput("no data: give --data PATH or the name of a built-in set (basic_motions, digits)")
    report("plan", "reading the request")
    card = load(source).card
    spec = planner.plan(
        language_models(state),
        state["request"],
        board=state.get("board") or config.board,
        card=card,
        data=source,
        budgets=config.budgets,
    )
    write_json(Path(state["run_dir"]) / "spec.json", spec)
    for rule in spec.behaviour:
        report("plan", sentence(rule))
    return {"spec": spec, "card": card}


def confirm(state: RunState) -> dict[str, Any]:
    """The person confirms the behaviour as it was understood; `--yes` and machines skip this."""
    if not state.get("confirm"):
        return {}
    spec = state["spec"]
    rules = [sentence(rule) for rule in spec.behaviour]
    answer = interrupt({"question": "Is this what the device shall do?", "rules": rules, "default": "yes"})
    if str(answer).strip().lower() not in ("", "y", "yes", "true"):
        raise BadInput("the plan was not confirmed: say again what the device shall do, in other words")
    return {}


def data(state: RunState) -> dict[str, Any]:
    """Data agent: data card -> recipe, run without leakage."""
    spec, card = state["spec"], state["card"]
    raw = load(spec.data or "")
    recipe = data_agent.choose_recipe(language_models(state), spec.request, card, sensors()[spec.sensor])
    prepared = run_recipe(raw, recipe, state["config"].seed, Path(state["run_dir"]))
    counts = ", ".join(f"{part} {n}" for part, n in prepared.samples.items())
    report("data", f"inputs of {' x '.join(map(str, prepared.input_shape))}: {counts}")
    return {"prepared": prepared}


def train(state: RunState) -> dict[str, Any]:
    """Full training of the network that the front's preference picks."""
    config, run_dir = state["config"], Path(state["run_dir"])
    trained = [c for c in state["candidates"] if c.status == "trained"]
    if not trained:
        reasons = sorted({c.reason for c in state["candidates"] if c.reason})
        if any(c.estimate and c.estimate.violations for c in state["candidates"]):
            raise Infeasible(f"no proposed network fits the budgets: {'; '.join(reasons[:3])}")
        raise Fixable(f"no network could be trained: {'; '.join(reasons[:3])}")
    chosen, why = choose(trained, state["front"])
    report("train", f"{chosen}: {why}")
    candidate = next(c for c in trained if c.id == chosen)
    done = train_network(
        candidate.architecture, state["prepared"], run_dir, epochs=config.epochs_full, seed=config.seed
    )
    return {"chosen": chosen, "trained": done}


def distil(state: RunState) -> dict[str, Any]:
    """A ViT teaches the network; the guard keeps the better one."""
    config = state["config"]
    student = distil_network(
        state["trained"],
        state["prepared"],
        Path(state["run_dir"]),
        epochs=config.epochs_distil,
        seed=config.seed,
    )
    write_json(Path(state["run_dir"]) / "model" / "trained.json", student)
    return {"trained": student}


def convert(state: RunState) -> dict[str, Any]:
    """INT8 .tflite and C, proven byte for byte against TFLM."""
    run_dir, trained, prepared = Path(state["run_dir"]), state["trained"], state["prepared"]
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
    return {"converted": converted}


def report_(state: RunState) -> dict[str, Any]:
    """report.html and result.json: every number with the artefact it came from."""
    result = write_report(Path(state["run_dir"]), state)
    report("report", str(Path(state["run_dir"]) / "report.html"))
    return {"result": result}
