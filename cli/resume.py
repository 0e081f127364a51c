"""`tinysmith resume`: go on with a run, or run again from a stage with other settings."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.drive import absolute, refuse_used, report_work, run_dir_of, shown

STAGES = "plan, data, search, choose, train, distil, convert, firmware, report"
"""Those of graph.again, which is not imported for a help text."""


def _count(what: str) -> Any:
    return typer.Option(min=1, max=10_000, help=what)


def resume(
    source: Annotated[Path, typer.Argument(metavar="RUN")],
    stage: Annotated[
        str | None,
        typer.Option("--from", metavar="STAGE", help=f"Begin here, in a new run that shares the rest: {STAGES}."),
    ] = None,
    request: Annotated[str | None, typer.Option(help="Other words for what the device shall do.")] = None,
    data: Annotated[str | None, typer.Option(help="Other data.")] = None,
    board: Annotated[str | None, typer.Option(help="Another board.")] = None,
    budget: Annotated[list[str] | None, typer.Option(help="KEY=VALUE: ram, flash, arena (bytes) or macs.")] = None,
    prefer: Annotated[str | None, typer.Option(help="Network of the front: accurate, small or fast.")] = None,
    candidates: Annotated[int | None, _count("Networks to train in the search.")] = None,
    epochs_mini: Annotated[int | None, _count("Epochs of a candidate's training.")] = None,
    epochs_full: Annotated[int | None, _count("Epochs of the chosen network's training.")] = None,
    epochs_distil: Annotated[int | None, _count("Epochs of the distillation.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of split, training and sampling.")] = None,
    core: Annotated[str | None, typer.Option(help="emulated, or real: the vendor's core.")] = None,
    profile: Annotated[str | None, typer.Option(help="Language models: local, ollama, openai, hybrid.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="ROLE=PROVIDER:NAME, overrides the profile.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="Ceiling of what paid models may cost, in USD.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of a new run; default runs/TIME.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the defaults without asking.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, progress on stderr.")] = False,
) -> None:
    """Go on with a run where it stopped; with --from or a changed setting: a new run that shares what is unchanged."""
    path = run_dir_of(source)
    stated = {
        "preference": prefer,
        "candidates": candidates,
        "epochs_mini": epochs_mini,
        "epochs_full": epochs_full,
        "epochs_distil": epochs_distil,
        "seed": seed,
        "core": core,
    }
    settings = {name: value for name, value in stated.items() if value is not None}
    settings |= _parsed(path, budget, profile, model, max_cost)
    said: dict[str, Any] = {"request": request, "data": absolute(data), "board": board}
    if not (settings.keys() - {"ladders"} or profile or model or stage or any(said.values())):
        go_on(path, max_cost, json)
        return
    from graph.open import new_run_dir

    run_dir = (out or new_run_dir()).resolve()
    refuse_used(run_dir)
    confirm = not (yes or json) and sys.stdin.isatty()

    def work() -> Any:
        from cli.render import ask_person
        from graph.again import rerun

        typer.echo(f"a new run in {shown(run_dir)}", err=True)
        return rerun(path, run_dir, ask_person, stage=stage, settings=settings, confirm=confirm, **said)

    report_work(run_dir, work, json)


def go_on(run_dir: Path, max_cost_usd: float | None, json: bool) -> None:
    """The same run, from where it stopped."""

    def work() -> Any:
        from cli.render import ask_person
        from graph.run import execute

        return execute(run_dir, None, ask_person, max_cost_usd)

    report_work(run_dir, work, json)


def _parsed(
    path: Path, budget: list[str] | None, profile: str | None, model: list[str] | None, max_cost: float | None
) -> dict[str, Any]:
    """Settings that are written as text: budgets and ladders, each on top of what the run has."""
    if not (budget or profile or model or max_cost):
        return {}
    from agents.llm import resolve
    from graph.config import parse_budgets, parse_models
    from graph.run import state_of

    old = state_of(path)
    settings: dict[str, Any] = {"profile": profile} if profile else {}
    if budget and "spec" in old:
        stated = parse_budgets(budget).model_dump(exclude_none=True)
        settings["budgets"] = old["spec"].budgets.model_copy(update=stated)
    if "config" in old:
        config = old["config"]
        ladders = resolve(profile or config.profile, parse_models(model or [])) if profile or model else config.ladders
        ceiling = max_cost if max_cost is not None else config.ladders.max_cost_usd
        settings["ladders"] = ladders.model_copy(update={"max_cost_usd": ceiling})
    return settings
