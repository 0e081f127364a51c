"""The firmware subgraph: draft, compile, emulate, and back with the evidence; the rules' own code at last."""

from math import prod
from pathlib import Path
from typing import Any, Literal

from langgraph.graph import END, START, StateGraph

from agents import firmware as agent
from graph.hop import hop, language_models
from graph.state import FirmwareState
from hw.board import Board, Sensor, boards, sensors
from tools.artifacts import Build, CheckResult, Emulation, Firmware
from tools.behaviour_cpp import drafted_rules, to_cpp
from tools.compile import REAL_BUILD, compile_sketch
from tools.errors import Fixable, Infeasible
from tools.golden import check_on_board, golden_samples, inference_ms
from tools.progress import report
from tools.scenario import Scenario
from tools.scenario_store import scenario_of
from tools.sketch import app, line_counts, picture_sent, sample_period_ms, scaffold, write_sketch
from tools.store import content_hash, write_json, write_text
from tools.verify import Behaviour, verify


def _facts(state: FirmwareState) -> tuple[Path, Board, Sensor, int]:
    board, sensor = boards()[state["spec"].board], sensors()[state["spec"].sensor]
    period = sample_period_ms(state["prepared"].recipe, sensor, state["card"].sample_rate_hz)
    return Path(state["run_dir"]), board, sensor, period


def _sketch_dir(state: FirmwareState) -> Path:
    return Path(state["run_dir"]) / "firmware" / state["spec"].name


def draft(state: FirmwareState) -> dict[str, Any]:
    """Ask the firmware agent for the application's part; with the drafts used up, take what the rules generate."""
    spec, config = state["spec"], state["config"]
    tries, sample = state.get("tries", 0), state.get("samples", 0)
    used_up = tries >= config.tries or sample >= 2 * config.tries
    if used_up or not drafted_rules(spec.behaviour):
        why = "drafts used up" if used_up else "nothing happens at results"
        report("firmware", f"{why}: generating the application from the rules")
        return {"draft": "", "author": "rules", "problem": ""}
    models = language_models(state)
    rung = min(sample // 2, models.rungs("firmware") - 1)
    report("firmware", f"drafting (try {tries + 1} of {config.tries})")
    try:
        answer = agent.draft(
            models, spec, boards()[spec.board], problem=state.get("problem", ""), sample=sample, rung=rung
        )
    except Fixable as error:
        return _back(state, "lint", str(error), samples=sample + 1, draft="")
    return {
        "draft": answer.value,
        "author": "drafted",
        "model": answer.model,
        "samples": sample + 1,
        "tries": tries + 1,
    }


def compile_(state: FirmwareState) -> dict[str, Any]:
    """Scaffold + application's part through arduino-cli; diagnostics go back to the agent."""
    run_dir, board, sensor, period = _facts(state)
    spec, recipe = state["spec"], state["prepared"].recipe
    shape = state["converted"].input_shape
    files = scaffold(spec, board, sensor, recipe, state["card"].channels, period, shape)
    files["app.h"] = app(spec, to_cpp(spec.behaviour, spec.classes, state["draft"] or None, spec.names))
    folder = write_sketch(_sketch_dir(state), files, run_dir / state["converted"].c_dir)
    report("compile", f"{folder.name} for {board.name}")
    build = compile_sketch(folder, board, run_dir / "build")
    # The emulated board's core is what can be proved to work; the same folder must also suit the vendor's.
    real = compile_sketch(folder, board, run_dir / REAL_BUILD, "real") if state["config"].core == "real" else None
    for built in (build, real):
        if built is not None and not built.ok:
            return _back(state, "compile", _diagnosis(built, folder), build=None)
    _check_sizes(state, real or build)
    flash, ram = build.flash_bytes, build.ram_bytes
    report("compile", f"{flash:,} bytes of flash, {ram:,} of RAM", flash_bytes=flash, ram_bytes=ram)
    return {"build": build, "real": real, "problem": ""}


def emulate(state: FirmwareState) -> dict[str, Any]:
    """Scenes, a minute, its use of memory, then golden vectors on the emulated board; what is wrong goes back."""
    run_dir, board, _, _ = _facts(state)
    build, spec = state["build"], state["spec"]
    assert build is not None  # the router comes here only after a build
    behaviour = Behaviour(spec.behaviour, spec.classes, spec.decision, spec.names)
    input_bytes = prod(state["converted"].input_shape)
    scenario = _scenario(state)
    done = verify(Path(build.elf), board, behaviour, scenario, run_dir / "build", input_bytes)
    write_json(run_dir / "build" / "emulation.json", done.run)
    if done.minute is not None:
        write_json(run_dir / "build" / "minute.json", done.minute)
    if done.objections:
        told = [f"demanded: {c.check}; seen on the board: {c.seen}" for c in done.objections[:2]]
        return _back(state, "emulate", "; ".join(told), run=None)
    return _golden(state, build, done.run, list(done.checks), scenario.inference_ms)


def _golden(
    state: FirmwareState, build: Build, run: Emulation, checks: list[CheckResult], compute_ms: int
) -> dict[str, Any]:
    run_dir, board, _, _ = _facts(state)
    report("emulate", "golden vectors through the linked firmware")
    converted = state["converted"]
    samples = golden_samples(run_dir / state["prepared"].arrays)
    parity, golden = check_on_board(
        Path(build.elf), board, converted, run_dir / converted.tflite, samples, run_dir / "build", compute_ms
    )
    write_json(run_dir / "build" / "golden.json", golden)
    if parity.mismatches:
        raise RuntimeError(f"the board's network differs from TFLM in {parity.mismatches} of {parity.bytes} bytes")
    return {"run": run, "firmware": _accepted(state, build, parity, checks)}


def _accepted(state: FirmwareState, build: Build, parity: Any, checks: list[CheckResult]) -> Firmware:
    folder = _sketch_dir(state)
    files = {p.name: p.read_text() for p in folder.iterdir() if p.is_file()}
    model_lines, total = line_counts(files, state["draft"])
    run_dir = Path(state["run_dir"])
    firmware = Firmware(
        board=state["spec"].board,
        sketch=str(folder.relative_to(run_dir)),
        elf=build.elf,
        author="drafted" if state["draft"] else "rules",
        tries=state.get("tries", 0),
        model_lines=model_lines,
        total_lines=total,
        build=state.get("real") or build,
        parity=parity,
        checks=tuple(checks),
        history=tuple(state.get("history", ())),
    )
    write_json(run_dir / "firmware" / "firmware.json", firmware)
    return firmware


def _scenario(state: FirmwareState) -> Scenario:
    run_dir, board, sensor, period = _facts(state)
    recipe, channels, converted = state["prepared"].recipe, state["card"].channels, state["converted"]
    build, compute_ms = state["build"], 0
    if build is not None and picture_sent(sensor, converted.input_shape):  # its sender waits for the results
        compute_ms = inference_ms(Path(build.elf), board, converted, run_dir / "build")
    rules = state["spec"].behaviour
    return scenario_of(run_dir, recipe, sensor, channels, converted, period, rules, compute_ms)


def _back(state: FirmwareState, stage: str, problem: str, **update: Any) -> dict[str, Any]:
    """Evidence for the next draft; a problem that comes twice asks for a fresh sample instead of another repair."""
    if state.get("author") == "rules":
        raise Fixable(f"the firmware does not work within the budget of tries; at the last {stage}: {problem}")
    seen = [entry["problem"] for entry in state.get("history", [])]
    entry = {"stage": stage, "problem": problem, "code": content_hash([state.get("draft", "")])}
    report("firmware", f"{stage}: {problem[:160]}")
    if state.get("draft"):
        write_text(Path(state["run_dir"]) / "firmware" / "drafts" / f"{len(seen) + 1}.cpp", state["draft"])
    return {"problem": "" if problem in seen else problem, "history": [entry], **update}


def _diagnosis(build: Build, folder: Path) -> str:
    errors = [d for d in build.diagnostics if d.severity.lower() in ("error", "fatal error", "fatal")]
    app_lines = (folder / "app.h").read_text().splitlines()
    told = []
    for error in errors[:3]:
        where = app_lines[error.line - 1].strip() if error.file.endswith("app.h") and error.line else ""
        told.append(f"{error.message}" + (f" in the line `{where}`" if where else ""))
    return "; ".join(told) or "it does not compile"


def _check_sizes(state: FirmwareState, build: Build) -> None:
    budgets = state["spec"].budgets
    for what, used, limit in (
        ("RAM", build.ram_bytes, budgets.ram_bytes),
        ("flash", build.flash_bytes, budgets.flash_bytes),
    ):
        if limit is not None and used > limit:
            raise Infeasible(
                f"the firmware takes {used:,} bytes of {what}, the budget is {limit:,}; "
                f"the nearest feasible budget for this network is {used:,}",
                used=used,
                limit=limit,
            )


# --- routes -----------------------------------------------------------------------------------------


def after_draft(state: FirmwareState) -> Literal["compile", "draft"]:
    """A draft that did not pass the lint is drafted anew."""
    return "draft" if state.get("problem") and not state.get("draft") else "compile"


def after_compile(state: FirmwareState) -> Literal["emulate", "draft"]:
    """Only what compiles is emulated."""
    return "emulate" if state.get("build") else "draft"


def after_emulate(state: FirmwareState) -> Literal["__end__", "draft"]:
    """Accepted, or back with the evidence."""
    return "__end__" if state.get("firmware") else "draft"


def firmware_graph() -> Any:
    """The compiled subgraph."""
    graph = StateGraph(FirmwareState)
    graph.add_node("draft", hop(draft))
    graph.add_node("compile", hop(compile_))
    graph.add_node("emulate", hop(emulate))
    graph.add_edge(START, "draft")
    graph.add_conditional_edges("draft", after_draft)
    graph.add_conditional_edges("compile", after_compile)
    graph.add_conditional_edges("emulate", after_emulate, {"__end__": END, "draft": "draft"})
    return graph.compile(name="firmware")
