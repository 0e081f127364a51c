"""The commands of DESIGN.md; the only place that exits. Heavy packages are imported when a command needs them."""

import contextlib
import json as json_
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.errors import BadInput, TinysmithError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a sentence into a verified TinyML device.",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, progress on stderr.")]
Data = Annotated[str | None, typer.Option(help="Folder, file, or a built-in set: basic_motions, digits.")]
BoardId = Annotated[str | None, typer.Option("--board", help="Board id, see `tinysmith boards`.")]
Budget = Annotated[list[str] | None, typer.Option("--budget", help="KEY=VALUE: ram, flash, arena (bytes) or macs.")]
Profile = Annotated[str, typer.Option(help="Language models: local, ollama, openai, hybrid.")]
Model = Annotated[list[str] | None, typer.Option("--model", help="ROLE=PROVIDER:NAME, overrides the profile.")]
Seed = Annotated[int, typer.Option(help="Seed of split, training and sampling.")]
Yes = Annotated[bool, typer.Option("--yes", help="Take the plan without asking.")]


@app.command()
def run(
    request: str,
    data: Data = None,
    board: BoardId = None,
    budget: Budget = None,
    out: Annotated[Path | None, typer.Option(help="Run folder; default runs/TIME.")] = None,
    profile: Profile = "local",
    model: Model = None,
    candidates: Annotated[int | None, typer.Option(help="Networks to train in the search (default 8).")] = None,
    epochs_mini: Annotated[int | None, typer.Option(help="Epochs of a candidate's training.")] = None,
    epochs_full: Annotated[int | None, typer.Option(help="Epochs of the chosen network's training.")] = None,
    seed: Seed = 1,
    core: Annotated[str, typer.Option(help="emulated, or real: the vendor's core.")] = "emulated",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """From a sentence to verified firmware."""
    from graph.config import make_config, parse_budgets, parse_models
    from graph.open import new_run_dir

    config = make_config(
        profile,
        parse_models(model or []),
        board=board,
        budgets=parse_budgets(budget or []),
        candidates=candidates,
        epochs_mini=epochs_mini,
        epochs_full=epochs_full,
        seed=seed,
        core=core,
    )
    run_dir = (out or new_run_dir()).resolve()
    _refuse_used(run_dir)
    confirm = not (yes or json) and sys.stdin.isatty()
    inputs: Any = {
        "request": request,
        "data": _absolute(data),
        "board": board,
        "run_dir": str(run_dir),
        "config": config,
        "confirm": confirm,
    }
    _drive(run_dir, inputs, json)


@app.command()
def resume(run_dir: Annotated[Path, typer.Argument(metavar="RUN")], json: Json = False) -> None:
    """Go on with an interrupted run at the stage where it stopped."""
    path = _run_dir(run_dir)
    _drive(path, None, json)


@app.command()
def firmware(
    source: Annotated[Path, typer.Argument(metavar="RUN")],
    request: str,
    board: BoardId = None,
    out: Annotated[Path | None, typer.Option(help="New run folder; default runs/TIME.")] = None,
    profile: Annotated[str | None, typer.Option(help="Language models; default: those of the run.")] = None,
    model: Model = None,
    json: Json = False,
) -> None:
    """New behaviour on a trained run: only the firmware is drafted again, in a new run folder."""
    from agents.llm import resolve
    from cli.render import ask_person
    from graph.config import parse_models
    from graph.open import new_run_dir

    path = _run_dir(source)
    run_dir = (out or new_run_dir()).resolve()
    _refuse_used(run_dir)
    ladders = resolve(profile or "local", parse_models(model or [])) if profile or model else None

    def work() -> Any:
        from graph.again import new_behaviour

        return new_behaviour(path, run_dir, request, board, ladders, ask_person)

    _report(run_dir, work, json)


@app.command()
def plan(
    request: str,
    data: Data = None,
    board: BoardId = None,
    budget: Budget = None,
    profile: Profile = "local",
    model: Model = None,
    json: Json = False,
) -> None:
    """What was understood; nothing is run."""
    from agents import planner
    from agents.llm import LanguageModels, resolve
    from cli.render import progress, show_plan
    from graph.config import parse_budgets, parse_models
    from tools.data import load

    ladders = resolve(profile, parse_models(model or []))
    with progress(json):
        card = load(data).card if data else None
        spec = planner.plan(
            LanguageModels(ladders), request, board=board, card=card, data=data, budgets=parse_budgets(budget or [])
        )
    _print_json(spec.model_dump(mode="json")) if json else show_plan(spec)


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(help="Folder that holds run folders.")] = Path("runs"), json: Json = False
) -> None:
    """The runs of a folder, newest first."""
    from cli.render import show_runs
    from cli.runs import list_runs

    found = list_runs(folder)
    _print_json({"runs": found}) if json else show_runs(found)


@app.command()
def show(run_dir: Annotated[Path, typer.Argument(metavar="RUN")], json: Json = False) -> None:
    """Result of a run."""
    from cli.render import show_result
    from cli.runs import read_result

    result = read_result(_run_dir(run_dir))
    _print_json(result) if json else show_result(result)


@app.command()
def trace(run_dir: Annotated[Path, typer.Argument(metavar="RUN")], json: Json = False) -> None:
    """Every hop of a run as a tree: nodes, model calls, outside programs."""
    from cli.render import show_trace
    from tools.trace import read_trace

    spans = read_trace(_run_dir(run_dir) / "trace.jsonl")
    _print_json({"spans": [s.model_dump() for s in spans]}) if json else show_trace(spans)


@app.command()
def emulate(
    target: Annotated[Path, typer.Argument(metavar="RUN|ELF")],
    stimuli: Annotated[Path | None, typer.Option(help="CSV with t_ms and a column per channel.")] = None,
    until_ms: Annotated[int | None, typer.Option(help="Virtual ms; default: a second after the stimuli.")] = None,
    board: Annotated[str | None, typer.Option("--board", help="Of a bare ELF; a run knows its own.")] = None,
    json: Json = False,
) -> None:
    """Run firmware on the emulated board."""
    from cli.render import progress, show_emulation
    from cli.runs import emulate_target

    with progress(json):
        emulation = emulate_target(target, stimuli, until_ms, board)
    _print_json(emulation.model_dump(mode="json")) if json else show_emulation(emulation)
    if emulation.status != "done":
        raise typer.Exit(4)


@app.command()
def boards(json: Json = False) -> None:
    """Boards that tinysmith knows (hw/boards)."""
    from cli.render import show_boards
    from hw.board import boards as known

    facts = known()
    _print_json({"boards": [b.model_dump(mode="json") for b in facts.values()]}) if json else show_boards(facts)


@app.command()
def data(source: str, json: Json = False) -> None:
    """The data card of a data set: what the loader sees."""
    from cli.render import progress, show_card
    from tools.data import load

    with progress(json):
        card = load(source).card
    _print_json(card.model_dump(mode="json")) if json else show_card(card)


@app.command()
def doctor(json: Json = False) -> None:
    """What is installed, where, and the command that mends what is missing."""
    from cli.doctor import doctor_command

    raise typer.Exit(doctor_command(json))


@app.command()
def setup() -> None:
    """Install what is missing."""
    from cli.setup import setup_command

    raise typer.Exit(setup_command())


# --- driving a run ------------------------------------------------------------------------------------


def _drive(run_dir: Path, inputs: Any, json: bool) -> None:
    from cli.render import ask_person

    def work() -> Any:
        from graph.run import execute

        return execute(run_dir, inputs, ask_person)

    _report(run_dir, work, json)


def _report(run_dir: Path, work: Callable[[], Any], json: bool) -> None:
    """Do the work of a run and show its result, or how it failed."""
    from cli.render import progress, show_result

    try:
        with progress(json):
            result = work()["result"]
    except (TinysmithError, KeyboardInterrupt) as error:
        _fail(run_dir, error, json)
    else:
        _print_json(result) if json else show_result(result)


def _fail(run_dir: Path, error: BaseException, json: bool) -> None:
    """Tell a failed run in one line, leave its result.json, and exit; what was finished is kept for `resume`."""
    interrupted = isinstance(error, KeyboardInterrupt)
    code = 130 if interrupted else getattr(error, "exit_code", 1)
    message = f"interrupted; go on with: tinysmith resume {_shown(run_dir)}" if interrupted else str(error)
    if json:
        _print_json(_failure(run_dir, code, message))
    typer.echo(f"tinysmith: {message}", err=True)
    raise SystemExit(code)


def _failure(run_dir: Path, code: int, message: str) -> dict[str, Any]:
    from tools.result import failed
    from tools.store import write_json

    if not (run_dir / "run.json").exists():
        return failed(None, code, message, {})
    from graph.run import state_of

    state = state_of(run_dir)
    result = failed(run_dir, code, message, state)
    with contextlib.suppress(BadInput):  # the disk is full: the message that is being told says so
        write_json(run_dir / "result.json", result)
    return result


def _refuse_used(run_dir: Path) -> None:
    if (run_dir / "run.json").exists():
        raise BadInput(f"{_shown(run_dir)} holds a run already: resume it, or give another --out")
    if run_dir.exists() and not run_dir.is_dir():
        raise BadInput(f"{_shown(run_dir)} is a file: --out wants a folder")


def _run_dir(path: Path) -> Path:
    for folder in (path, Path("runs") / path):
        if (folder / "run.json").exists():
            return folder.resolve()
    raise BadInput(f"{path} is not a run folder: `tinysmith runs` lists them")


def _absolute(data: str | None) -> str | None:
    """Paths in a run folder must hold from any working directory; names of built-in sets stay."""
    return str(Path(data).resolve()) if data and Path(data).exists() else data


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json_.dumps(value) + "\n")


def main() -> None:
    """Run the command line; a failure is told in one line, with the exit code of DESIGN.md."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # libraries' banners are not the person's business
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # OpenMP's threads otherwise spin at barriers and starve llama.cpp and torch of each other's cores.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # Explicitly, because a shell starts background jobs with SIGINT ignored; both leave a run that can be resumed.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _guarded(lambda: app(standalone_mode=False))


def _guarded(call: Callable[[], Any]) -> None:
    from typer.exceptions import TyperException

    try:
        code = call()
        raise SystemExit(code if isinstance(code, int) else 0)
    except TyperException as error:
        typer.echo(f"tinysmith: {error.format_message()}", err=True)
        raise SystemExit(2) from None
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("tinysmith: interrupted", err=True)
        raise SystemExit(130) from None
    except TinysmithError as error:
        typer.echo(f"tinysmith: {error}", err=True)
        if "--json" in sys.argv:
            from tools.result import failed

            _print_json(failed(None, error.exit_code, str(error), {}))
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
