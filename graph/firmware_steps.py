"""What the firmware's nodes do with a sketch: write, compile, show it the scenes, prove its network, accept it."""

from math import prod
from pathlib import Path

from graph.state import FirmwareState
from graph.tries import DRAFTS
from hw.board import Board, Sensor, boards, sensors
from tools.artifacts import Build, CheckResult, Emulation, Firmware, Parity
from tools.behaviour_cpp import to_cpp
from tools.compile import REAL_BUILD, compile_sketch
from tools.diagnosis import explain, too_large
from tools.errors import Infeasible
from tools.golden import check_on_board, golden_samples, inference_ms
from tools.progress import report
from tools.scenario import Scenario
from tools.scenario_store import scenario_of
from tools.sketch import app, line_counts, picture_sent, sample_period_ms, scaffold, write_sketch
from tools.store import write_json
from tools.verify import Behaviour, Verified, verify


def facts(state: FirmwareState) -> tuple[Path, Board, Sensor, int]:
    """(run folder, board, sensor, milliseconds between two samples)."""
    board, sensor = boards()[state["spec"].board], sensors()[state["spec"].sensor]
    period = sample_period_ms(state["prepared"].recipe, sensor, state["card"].sample_rate_hz)
    return Path(state["run_dir"]), board, sensor, period


def sketch_dir(state: FirmwareState) -> Path:
    """Where the best sketch so far is."""
    return Path(state["run_dir"]) / "firmware" / state["spec"].name


def trial_dir(state: FirmwareState) -> Path:
    """Where a draft is compiled: what is in sketch_dir() always compiles, however the work on it ends."""
    return Path(state["run_dir"]) / DRAFTS / state["spec"].name


def write(state: FirmwareState, code: str, folder: Path) -> Path:
    """The whole sketch around `code`; empty: what the rules generate."""
    run_dir, board, sensor, period = facts(state)
    spec, recipe = state["spec"], state["prepared"].recipe
    files = scaffold(spec, board, sensor, recipe, state["card"].channels, period, state["converted"].input_shape)
    files["app.h"] = app(spec, to_cpp(spec.behaviour, spec.classes, code or None, spec.names))
    return write_sketch(folder, files, run_dir / state["converted"].c_dir)


def compiled(state: FirmwareState, folder: Path) -> tuple[Build, Build | None, str]:
    """(for the emulated board, for the vendor's core where the run is for it, what is wrong with either)."""
    run_dir, board, _, _ = facts(state)
    build = compile_sketch(folder, board, run_dir / "build")
    # The emulated board's core is what can be proved to work; the same folder must also suit the vendor's.
    real = compile_sketch(folder, board, run_dir / REAL_BUILD, "real") if state["config"].core == "real" else None
    failed = next((built for built in (build, real) if built is not None and not built.ok), None)
    return build, real, explain(failed, folder / "app.h") if failed else ""


def lay_down(state: FirmwareState) -> None:
    """The rules' own sketch before anything is drafted, so that there always is one that compiles and works.

    Raises Infeasible where not even this fits the board or the budget, and no draft could.
    """
    if sketch_dir(state).exists():  # a run that goes on
        return
    folder = write(state, "", trial_dir(state))
    build, real, problem = compiled(state, folder)
    if too_large(build):
        raise Infeasible(f"the firmware does not fit {facts(state)[1].name}: {problem}")
    if not problem:
        check_sizes(state, real or build)
        write(state, "", sketch_dir(state))


def check_sizes(state: FirmwareState, build: Build) -> None:
    """Raise Infeasible where the firmware takes more than the budget."""
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


def scenario(state: FirmwareState, build: Build) -> Scenario:
    """What the board is shown, the same for every draft."""
    run_dir, board, sensor, period = facts(state)
    recipe, channels, converted = state["prepared"].recipe, state["card"].channels, state["converted"]
    compute_ms = 0
    if picture_sent(sensor, converted.input_shape):  # its sender waits for the results
        compute_ms = inference_ms(Path(build.elf), board, converted, run_dir / "build")
    rules = state["spec"].behaviour
    return scenario_of(run_dir, recipe, sensor, channels, converted, period, rules, compute_ms)


def proved(state: FirmwareState, build: Build, shown: Scenario, whole: bool = False) -> Verified:
    """The scenes, a minute, and its use of memory; `whole`: all of it, whatever the scenes say."""
    run_dir, board, _, _ = facts(state)
    spec = state["spec"]
    behaviour = Behaviour(spec.behaviour, spec.classes, spec.decision, spec.names)
    input_bytes = prod(state["converted"].input_shape)
    done = verify(Path(build.elf), board, behaviour, shown, run_dir / "build", input_bytes, whole)
    write_json(run_dir / "build" / "emulation.json", done.run)
    if done.minute is not None:
        write_json(run_dir / "build" / "minute.json", done.minute)
    return done


def golden(state: FirmwareState, build: Build, compute_ms: int) -> Parity:
    """The network in the linked firmware, byte for byte; raises RuntimeError where it is another one."""
    run_dir, board, _, _ = facts(state)
    report("emulate", "golden vectors through the linked firmware")
    converted = state["converted"]
    samples = golden_samples(run_dir / state["prepared"].arrays)
    parity, run = check_on_board(
        Path(build.elf), board, converted, run_dir / converted.tflite, samples, run_dir / "build", compute_ms
    )
    write_json(run_dir / "build" / "golden.json", run)
    if parity.mismatches:
        raise RuntimeError(f"the board's network differs from TFLM in {parity.mismatches} of {parity.bytes} bytes")
    return parity


def accepted(state: FirmwareState, code: str, build: Build, parity: Parity, checks: list[CheckResult]) -> Firmware:
    """The sketch around `code` in its place, with what is known of it."""
    folder = write(state, code, sketch_dir(state))
    files = {p.name: p.read_text() for p in folder.iterdir() if p.is_file()}
    model_lines, total = line_counts(files, code)
    return keep(
        state,
        Firmware(
            board=state["spec"].board,
            sketch=str(folder.relative_to(state["run_dir"])),
            elf=build.elf,
            author="drafted" if code else "rules",
            tries=state.get("tries", 0),
            model_lines=model_lines,
            total_lines=total,
            build=state.get("real") or build,
            parity=parity,
            checks=tuple(checks),
            history=tuple(state.get("history", ())),
        ),
    )


def keep(state: FirmwareState, firmware: Firmware) -> Firmware:
    """The artefact on disk."""
    write_json(Path(state["run_dir"]) / "firmware" / "firmware.json", firmware)
    return firmware


def read_run(state: FirmwareState, number: int) -> Emulation:
    """What the board did with a draft."""
    return Emulation.model_validate_json((Path(state["run_dir"]) / DRAFTS / f"{number}.json").read_bytes())


def read_draft(state: FirmwareState, number: int) -> str:
    """The code of a draft."""
    return (Path(state["run_dir"]) / DRAFTS / f"{number}.cpp").read_text()
