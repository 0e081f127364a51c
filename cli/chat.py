"""`tinysmith chat`: the same as a conversation, on a terminal or over a pipe."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.drive import absolute


def chat(
    data: Annotated[str | None, typer.Option(help="Folder, file, or a built-in set: basic_motions, digits.")] = None,
    board: Annotated[str | None, typer.Option("--board", help="Board id, see `tinysmith boards`.")] = None,
    profile: Annotated[str, typer.Option(help="Language models: local, ollama, openai, hybrid.")] = "local",
    model: Annotated[list[str] | None, typer.Option("--model", help="ROLE=PROVIDER:NAME.")] = None,
    budget: Annotated[list[str] | None, typer.Option("--budget", help="KEY=VALUE: ram, flash, arena or macs.")] = None,
    candidates: Annotated[int | None, typer.Option(help="Networks to train in the search.")] = None,
    epochs_mini: Annotated[int | None, typer.Option(help="Epochs of a candidate's training.")] = None,
    epochs_full: Annotated[int | None, typer.Option(help="Epochs of the chosen network's training.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder of the run folders.")] = Path("runs"),
    yes: Annotated[bool, typer.Option("--yes", help="Take the defaults instead of asking.")] = False,
) -> None:
    """The same as a conversation."""
    from cli.console import Console, hold
    from cli.conversation import HELLO, Conversation, Settings
    from graph.config import make_config, parse_budgets, parse_models

    models = parse_models(model or [])
    extra: dict[str, Any] = {"candidates": candidates, "epochs_mini": epochs_mini, "epochs_full": epochs_full}
    make_config(profile, models, board=board, budgets=parse_budgets(budget or []), **extra)  # complains early
    settings = Settings(absolute(data), board, profile, models, list(budget or []), extra, approve=not yes)
    console = Console()
    talk = Conversation(console, settings, runs)
    console.say(HELLO)
    hold(talk, console)
