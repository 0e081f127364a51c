"""The commands of DESIGN.md; the only place that exits. Heavy packages are imported when a command needs them."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.chat import chat
from cli.drive import absolute, drive, print_json, refuse_used, report_work, run_dir_of
from cli.eval import eval_command
from cli.flash import flash
from cli.resume import resume
from tools.errors import TinysmithError

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
Yes = Annotated[bool, typer.Option("--yes", help="Take the plan without asking.")]


@app.command()
def run(
    request: str,
    data: Data = None,
    board: BoardId = None,
    budget: Budget = None,
    out: Annotated[Path | None, typer.Option(help="Run folder; default runs/TIME.")] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="TOML file of settings, e.g. evals/cifar10.toml; flags go first.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Language models: local (default), ollama, openai, hybrid.")
    ] = None,
    model: Model = None,
    candidates: Annotated[int | None, typer.Option(help="Networks to train in the search (default 8).")] = None,
    epochs_mini: Annotated[int | None, typer.Option(help="Epochs of a candidate's training.")] = None,
    epochs_full: Annotated[int | None, typer.Option(help="Epochs of the chosen network's training.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of split, training and sampling (default 1).")] = None,
    core: Annotated[str | None, typer.Option(help="emulated (default), or real: the vendor's core.")] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """From a sentence to verified firmware."""
    from graph.config import make_config, parse_budgets, parse_models
    from graph.open import new_run_dir

    config = make_config(
        profile,
        parse_models(model or []),
        config_file,
        board=board,
        budgets=parse_budgets(budget) if budget else None,
        candidates=candidates,
        epochs_mini=epochs_mini,
        epochs_full=epochs_full,
        seed=seed,
        core=core,
    )
    run_dir = (out or new_run_dir()).resolve()
    refuse_used(run_dir)
    confirm = not (yes or json) and sys.stdin.isatty()
    inputs: Any = {
        "request": request,
        "data": absolute(data),
        "board": config.board,
        "run_dir": str(run_dir),
        "config": config,
        "confirm": confirm,
    }
    drive(run_dir, inputs, json)


@app.command()
def firmware(
    source: Annotated[Path, typer.Argument(metavar="RUN")],
    request: str,
    board: BoardId = None,
    out: Annotated[Path | None, typer.Option(help="New run folder; default runs/TIME.")] = None,
    profile: Annotated[str | None, typer.Option(help="Language models; default: those of the run.")] = None,
    model: Model = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """New behaviour on a trained run: only the firmware is drafted again, in a new run folder."""
    from agents.llm import resolve
    from cli.render import ask_person
    from graph.config import parse_models
    from graph.open import new_run_dir

    path = run_dir_of(source)
    run_dir = (out or new_run_dir()).resolve()
    refuse_used(run_dir)
    ladders = resolve(profile or "local", parse_models(model or [])) if profile or model else None

    confirm = not (yes or json) and sys.stdin.isatty()

    def work() -> Any:
        from graph.again import new_behaviour

        return new_behaviour(path, run_dir, request, board, ladders, ask_person, confirm)

    report_work(run_dir, work, json)


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
    from hw.board import boards
    from tools.checks import checks_of
    from tools.data import load

    ladders = resolve(profile, parse_models(model or []))
    with progress(json):
        card = load(data).card if data else None
        spec = planner.plan(
            LanguageModels(ladders), request, board=board, card=card, data=data, budgets=parse_budgets(budget or [])
        )
    checks = list(checks_of(spec.behaviour, spec.classes, boards()[spec.board]))
    print_json({**spec.model_dump(mode="json"), "checks": checks}) if json else show_plan(spec)


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(help="Folder that holds run folders.")] = Path("runs"), json: Json = False
) -> None:
    """The runs of a folder, newest first."""
    from cli.render import show_runs
    from cli.runs import list_runs

    found = list_runs(folder)
    print_json({"runs": found}) if json else show_runs(found)


@app.command()
def show(run_dir: Annotated[Path, typer.Argument(metavar="RUN")], json: Json = False) -> None:
    """Result of a run."""
    from cli.render import show_result
    from cli.runs import read_result

    result = read_result(run_dir_of(run_dir))
    print_json(result) if json else show_result(result)


@app.command()
def trace(run_dir: Annotated[Path, typer.Argument(metavar="RUN")], json: Json = False) -> None:
    """Every hop of a run as a tree: nodes, model calls, outside programs."""
    from cli.render import show_trace
    from tools.trace import read_trace

    spans = read_trace(run_dir_of(run_dir) / "trace.jsonl")
    print_json({"spans": [s.model_dump() for s in spans]}) if json else show_trace(spans)


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
    print_json(emulation.model_dump(mode="json")) if json else show_emulation(emulation)
    if emulation.status != "done":
        raise typer.Exit(4)


@app.command()
def boards(json: Json = False) -> None:
    """Boards that tinysmith knows (hw/boards)."""
    from cli.render import show_boards
    from hw.board import boards as known

    facts = known()
    print_json({"boards": [b.model_dump(mode="json") for b in facts.values()]}) if json else show_boards(facts)


@app.command()
def data(source: str, json: Json = False) -> None:
    """The data card of a data set: what the loader sees."""
    from cli.render import progress, show_card
    from tools.data import load

    with progress(json):
        card = load(source).card
    print_json(card.model_dump(mode="json")) if json else show_card(card)


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


app.command("eval")(eval_command)
app.command()(flash)
app.command()(chat)
app.command()(resume)


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

            print_json(failed(None, error.exit_code, str(error), {}))
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
