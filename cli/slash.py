"""Slash commands of the chat: a table of name, what it takes, what it does; completion and /help come from it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import answers, render
from cli.conversation import Conversation
from cli.drive import absolute, brief, run_dir_of
from cli.runs import list_runs
from graph.config import BUDGET_KEYS, parse_budgets, parse_models
from tools.errors import BadInput
from tools.trace import read_trace


class Quit(Exception):
    """/quit, or the end of input."""


@dataclass(frozen=True)
class Command:
    """One slash command; `run` gets the conversation and the words behind the name."""

    takes: str
    does: str
    run: Callable[[Conversation, list[str]], None]


def _help(talk: Conversation, words: list[str]) -> None:
    for name, command in COMMANDS.items():
        talk.terminal.say(f"/{name} {command.takes}".ljust(28) + command.does)


def _boards(talk: Conversation, words: list[str]) -> None:
    from hw.board import boards

    if not words:
        render.show_boards(boards())
        return
    if words[0] not in boards():
        raise BadInput(f"unknown board '{words[0]}': choose one of {', '.join(boards())}")
    talk.settings.board = words[0]
    talk.terminal.say(f"new runs are for {boards()[words[0]].name}")


def _data(talk: Conversation, words: list[str]) -> None:
    from tools.data import load

    if not words:
        talk.terminal.say(f"data: {talk.settings.data or 'asked for when they are needed'}")
        return
    source = " ".join(words)
    render.show_card(load(source).card)
    talk.settings.data = absolute(source)


def _runs(talk: Conversation, words: list[str]) -> None:
    render.show_runs(list_runs(talk.runs))


def _open(talk: Conversation, words: list[str]) -> None:
    if not words:
        raise BadInput("name the run: /open RUN, as /runs lists them")
    path = talk.runs / words[0]
    talk.run_dir = run_dir_of(path if os.path.exists(path / "run.json") else Path(words[0]))
    for line in answers.state_lines(talk.run_dir, talk.state):
        talk.terminal.say(line)


def _resume(talk: Conversation, words: list[str]) -> None:
    if talk.run_dir is None:
        talk.run_dir = answers.last_run(talk.runs)
    if words:
        talk.change(f"again from {words[0]}", stage=words[0])
    else:
        talk.resume()


def _model(talk: Conversation, words: list[str]) -> None:
    from agents.llm import PROFILES, resolve

    settings = talk.settings
    for word in words:
        if "=" in word:
            models = {**settings.models, **parse_models([word])}
            resolve(settings.profile, models)
            settings.models = models
        else:
            resolve(word, {})
            settings.profile, settings.models = word, {}
    named = ", ".join(f"{role}={model}" for role, model in settings.models.items())
    talk.terminal.say(f"profile {settings.profile} of {', '.join(PROFILES)}" + (f"; {named}" if named else ""))


def _budget(talk: Conversation, words: list[str]) -> None:
    if words == ["none"]:
        talk.settings.budgets = []
    elif words:
        parse_budgets(words)
        talk.settings.budgets = words
    talk.terminal.say(f"budgets of new runs: {' '.join(talk.settings.budgets) or 'the chip itself'}")


def _approve(talk: Conversation, words: list[str]) -> None:
    if words and words[0] not in ("on", "off"):
        raise BadInput("write /approve on (ask before a plan is carried out) or /approve off (take the defaults)")
    if words:
        talk.settings.approve = words[0] == "on"
    talk.terminal.say(f"questions are {'asked' if talk.settings.approve else 'answered by their defaults'}")


def _cost(talk: Conversation, words: list[str]) -> None:
    for line in answers.cost(talk.current()):
        talk.terminal.say(line)


def _trace(talk: Conversation, words: list[str]) -> None:
    render.show_trace(read_trace(talk.current() / "trace.jsonl"))


def _flash(talk: Conversation, words: list[str]) -> None:
    from cli.flash_steps import Options, flash_run

    flash_run(talk.current(), Options(words[0] if words else None, False, None, False, False, False, talk.terminal.ask))


def _quit(talk: Conversation, words: list[str]) -> None:
    raise Quit


COMMANDS: Mapping[str, Command] = {
    "help": Command("", "this list", _help),
    "boards": Command("[ID]", "the boards, or the one that new runs are for", _boards),
    "data": Command("[PATH|NAME]", "the data of new runs, and what the loader sees in them", _data),
    "runs": Command("", "finished and unfinished runs", _runs),
    "open": Command("RUN", "make a run the current one", _open),
    "resume": Command("[STAGE]", "go on where the current (or newest) run stopped; or again from a stage", _resume),
    "model": Command("[PROFILE|ROLE=MODEL]", "language models of new runs", _model),
    "budget": Command("[KEY=VALUE ...|none]", "limits of new runs: ram, flash, arena, macs", _budget),
    "approve": Command("[on|off]", "whether questions are asked", _approve),
    "cost": Command("", "tokens, seconds and money of the current run", _cost),
    "trace": Command("", "every hop of the current run", _trace),
    "flash": Command("[PORT]", "upload the current run's firmware to a real board and check it", _flash),
    "quit": Command("", "leave; runs are kept", _quit),
}


def completions() -> dict[str, Any]:
    """What may be typed behind a slash, as prompt_toolkit's NestedCompleter takes it."""
    from agents.llm import PROFILES
    from graph.build import STAGES
    from hw.board import boards

    known: dict[str, Any] = {f"/{name}": None for name in COMMANDS}
    words = {
        "boards": tuple(boards()),
        "data": ("basic_motions", "digits"),
        "resume": STAGES,
        "model": tuple(PROFILES),
        "budget": ("none", *(f"{key}=" for key in BUDGET_KEYS)),
        "approve": ("on", "off"),
        "flash": ("emulated",),
    }
    return known | {f"/{name}": dict.fromkeys(takes) for name, takes in words.items()}


def is_command(text: str) -> bool:
    """Whether a line names a command, shortened perhaps; a path may begin with a slash as well."""
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    return word.startswith("/") and any(f"/{name}".startswith(word) for name in COMMANDS) and not os.path.exists(word)


def do(talk: Conversation, line: str) -> None:
    """Carry out a line that begins with a slash. Raises BadInput for an unknown command, Quit for /quit."""
    name, *words = line[1:].split() or [""]
    matching = [known for known in COMMANDS if known == name] or [k for k in COMMANDS if name and k.startswith(name)]
    if len(matching) != 1:
        raise BadInput(f"unknown command /{brief(name)}: write one of {', '.join('/' + known for known in COMMANDS)}")
    COMMANDS[matching[0]].run(talk, words)
