"""The conversation behind `tinysmith chat`: what a line asks for, done to the current run; no terminal in here."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from agents import dialogue
from agents.llm import LanguageModels, resolve
from agents.mentions import named_board
from cli import answers
from graph.again import rerun
from graph.config import BUDGET_KEYS, make_config, parse_budgets
from graph.open import new_run_dir
from graph.run import execute, state_of
from tools.artifacts import TaskSpec
from tools.errors import BadInput, TinysmithError

MAX_LINE = 5_000
"""Characters of one message: a request of this length is a page of text."""
HELLO = (
    "Say what your device shall recognise and do, e.g. walking and running, green LED while running. /help lists more."
)
UNCLEAR = (
    "I build small devices that recognise things: say what to recognise and what the device shall do with it, "
    'or ask "why this network?", "what did that cost?"; /help lists the commands.'
)


_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|.)")
"""Escape sequences of terminals (ECMA-48), as a paste may hold them."""


class Terminal(Protocol):
    """What a conversation needs of the place where it is held."""

    def say(self, text: str) -> None:
        """A line to the person."""

    def show_result(self, result: dict[str, Any]) -> None:
        """The figures of a run."""

    def ask(self, question: dict[str, Any]) -> str:
        """The answer to an interrupt's question (graph/questions.py)."""


@dataclass
class Settings:
    """What the slash commands set, for the runs to come."""

    data: str | None = None
    board: str | None = None
    profile: str = "local"
    models: dict[str, str] = field(default_factory=dict)
    budgets: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields of RunConfig: candidates, epochs_mini, epochs_full, seed."""
    approve: bool = True
    """Ask before a plan is carried out, and wherever there is a choice."""


class Conversation:
    """Keeps the current run; each line starts, changes or explains it."""

    def __init__(self, terminal: Terminal, settings: Settings, runs: Path = Path("runs")) -> None:
        self.terminal, self.settings, self.runs = terminal, settings, runs
        self.run_dir: Path | None = None

    def line(self, text: str) -> None:
        """One message of the person. Failures are told; only KeyboardInterrupt outside of work passes through."""
        text = readable(text)
        if not text:
            return
        try:
            if len(text) > MAX_LINE:
                raise BadInput(too_long(text))
            self._do(dialogue.understand(self._models(), text, self.classes), text)
        except TinysmithError as error:
            self.terminal.say(f"{error}")

    @property
    def spec(self) -> TaskSpec | None:
        """Of the current run, once it is planned."""
        return state_of(self.run_dir).get("spec") if self.run_dir else None

    @property
    def classes(self) -> tuple[str, ...]:
        """Of the current run; empty where there is none."""
        return self.spec.classes if self.spec else ()

    # --- what lines ask for ---------------------------------------------------------------------------

    def _do(self, kind: dialogue.Kind, text: str) -> None:
        match kind:
            case "new":
                self.start(text)
            case "behaviour":
                self.change("here is the new behaviour", request=text, amend=True)
            case "smaller" | "faster" | "accurate":
                self._prefer(kind)
            case "board":
                board = named_board(text)
                assert board is not None  # the kind is only offered then
                self.change(f"the same for {board.name}", board=board.id)
            case "why":
                self._tell(answers.why(self.state))
            case "cost":
                self._tell(answers.cost(self.current()))
            case "state":
                self._tell(answers.state_lines(self.current(), self.state))
            case "other":
                self.terminal.say(UNCLEAR)

    def start(self, request: str) -> None:
        """A new run from a request."""
        settings, run_dir = self.settings, new_run_dir(self.runs).resolve()
        config = make_config(
            settings.profile,
            settings.models,
            board=settings.board,
            budgets=parse_budgets(settings.budgets),
            **settings.extra,
        )
        inputs: Any = {
            "request": request,
            "data": settings.data,
            "board": settings.board,
            "run_dir": str(run_dir),
            "config": config,
            "confirm": settings.approve,
        }
        self._work(run_dir, lambda: execute(run_dir, inputs, self.terminal.ask))

    def resume(self) -> None:
        """Go on with the current run where it stopped."""
        run_dir = self.current()
        self._work(run_dir, lambda: execute(run_dir, None, self.terminal.ask))

    def change(self, what: str, **changes: Any) -> None:
        """A new run from the current one that redoes only what depends on the change (graph.again.rerun)."""
        source, run_dir = self.current(), new_run_dir(self.runs).resolve()
        self.terminal.say(f"{what}: what does not depend on it is taken over from {source.name}")
        approve = self.settings.approve
        self._work(run_dir, lambda: rerun(source, run_dir, self.terminal.ask, confirm=approve, **changes))

    def _prefer(self, kind: str) -> None:
        """Another member of the front; where the smallest is taken already, a search within half of the memory."""
        preference = {"smaller": "small", "faster": "fast"}.get(kind, "accurate")
        state = self.state
        if "converted" not in state:
            raise BadInput("there is no network yet: /resume goes on with the run")
        if state["config"].preference != preference:
            self.change(f"{kind}: choosing again on the front", settings={"preference": preference})
            return
        key = {"smaller": "arena_bytes", "faster": "macs"}.get(kind)
        if key is None:
            more = 2 * state["config"].candidates
            self.change(f"searching among {more} networks", settings={"candidates": more})
            return
        used = getattr(state["converted"], key)
        name = next(short for short, full in BUDGET_KEYS.items() if full == key)
        budgets = state["config"].budgets.model_copy(update={key: max(used // 2, 1)})
        self.change(f"searching again with {name} below {used // 2:,}", settings={"budgets": budgets})

    # --- helpers --------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """The current run's saved state. Raises BadInput when there is no current run."""
        return state_of(self.current())

    def current(self) -> Path:
        """The current run folder. Raises BadInput when there is none."""
        if self.run_dir is None:
            raise BadInput("there is no run yet: say what to recognise, or /open one of /runs")
        return self.run_dir

    def _models(self) -> LanguageModels:
        folder = self.run_dir or self.runs
        return LanguageModels(resolve(self.settings.profile, self.settings.models), folder / "calls.jsonl")

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.terminal.say(line)

    def _work(self, run_dir: Path, work: Callable[[], dict[str, Any]]) -> None:
        """Do the work of a run. Ctrl-C stops the work and not the conversation."""
        before = self.run_dir
        try:
            state = work()
        except KeyboardInterrupt:
            self.terminal.say("stopped; what is finished is kept: /resume goes on")
        except TinysmithError:
            self.run_dir = run_dir if state_of(run_dir).get("spec") else before
            raise
        else:
            self.terminal.show_result(state["result"])
        if (run_dir / "run.json").exists():
            self.run_dir = run_dir


def readable(text: str) -> str:
    """The message without terminal sequences and control characters; white space of any kind becomes single spaces."""
    text = _SEQUENCE.sub(" ", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def too_long(text: str) -> str:
    """What is said of a pasted file."""
    return f"that has {len(text):,} characters: say it in fewer than {MAX_LINE:,}"
