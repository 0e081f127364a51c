"""Results as text for people; progress on stderr. Every command's data has this second face, or --json."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.tree import Tree

from hw.board import Board, boards, own_boards
from tools.artifacts import DataCard, Emulation, TaskSpec
from tools.behaviour import sentences
from tools.checks import checks_of
from tools.errors import BadInput
from tools.progress import Event, listening
from tools.trace import Span

out = Console()
err = Console(stderr=True)
_bars: ContextVar[Progress | None] = ContextVar("tinysmith_bars", default=None)


@contextmanager
def progress(quiet: bool = False) -> Iterator[None]:
    """Show events on stderr: a live bar per stage on a terminal, a line per event elsewhere."""
    if not err.is_terminal or quiet:
        lines = _Lines()
        with listening(lines):
            yield
        lines.end()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars, listening(_Live(bars)):
        token = _bars.set(bars)
        try:
            yield
        finally:
            _bars.reset(token)


@contextmanager
def _bars_away() -> Iterator[None]:
    """Live bars redraw the lines on which a person types: none while there is a question."""
    bars = _bars.get()
    if bars is None:
        yield
        return
    bars.stop()
    yield
    bars.start()


class _Lines:
    """A line per event, but of counted work only the last: each epoch on its own line would bury the rest."""

    def __init__(self) -> None:
        self.last: Event | None = None

    def __call__(self, event: Event) -> None:
        last = self.last
        if last is not None and (event.stage != last.stage or (event.done or 0) < (last.done or 0)):
            self.end()
        if event.done is None or event.done == event.total:
            self.last = None
            err.print(_line(event), highlight=False)
        else:
            self.last = event

    def end(self) -> None:
        """Counted work may end before its total: early stopping, say."""
        if self.last is not None:
            err.print(_line(self.last), highlight=False)
            self.last = None


def _line(event: Event) -> str:
    return f"[bold]{event.stage:>9}[/]  {escape(_short(event.text))}"


def _short(text: str) -> str:
    """Paths below the working folder as a person would type them."""
    return text.replace(f"{Path.cwd()}/", "")


class _Live:
    """One bar for the stage in work; what it said stays above as text."""

    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.task: TaskID | None = None
        self.stage = ""

    def __call__(self, event: Event) -> None:
        if self.task is None or event.stage != self.stage:
            if self.task is not None:
                self.bars.remove_task(self.task)
            self.task = self.bars.add_task(event.stage, total=event.total)
            self.stage = event.stage
        if event.done is None:
            self.bars.console.print(_line(event), highlight=False)
        text = f"{event.stage}: {escape(_short(event.text)[:60])}"
        self.bars.update(self.task, description=text, completed=event.done or 0, total=event.total)


def ask_person(question: dict[str, Any]) -> str:
    """Put an interrupt's question (graph.questions) on the terminal; an empty line, or none, takes the default."""
    with _bars_away():
        show_question(question)
        err.print("? ", end="")
        line = sys.stdin.readline()
    default = str(question.get("default", ""))
    if not line and not default:
        raise BadInput(f"{question['question']} Nobody is there to answer: say it when you start the run")
    return line.strip() or default


def show_question(question: dict[str, Any]) -> None:
    """The question with what it depends on and what may be answered."""
    problem = question.get("problem")
    facts = {} if problem else question.get("facts", {})  # asked again: they stand above
    if problem:
        err.print(f"  [yellow]{escape(problem)}[/]")
    for rule in facts.get("rules", ()):
        err.print(f"  - {escape(rule)}")
    for check in facts.get("checks", ()):
        err.print(f"  [dim]to be checked: {escape(check)}[/]", highlight=False)
    for assumption in facts.get("assumptions", ()):
        err.print(f"  [dim]({escape(assumption)})[/]")
    for unclear in facts.get("questions", ()):
        err.print(f"  [yellow]{escape(unclear)}[/]")
    for choice in question.get("choices", ()):
        if choice["text"]:
            err.print(f"  [bold]{escape(choice['value'])}[/]  {escape(choice['text'])}", highlight=False)
    default = f" \\[{escape(question['default'])}]" if question.get("default") else ""
    err.print(f"{escape(question['question'])}{default}", highlight=False)


# --- faces of the commands' results -------------------------------------------------------------------


def _table(title: str, *columns: str) -> Table:
    table = Table(title=escape(title), title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def show_plan(spec: TaskSpec) -> None:
    """TaskSpec as a table and sentences."""
    table = _table("What was understood", "field", "value")
    table.add_row("board", spec.board)
    table.add_row("sensor", spec.sensor)
    table.add_row("classes", escape(", ".join(spec.classes)))
    limits = {k: v for k, v in spec.budgets.model_dump().items() if v is not None}
    table.add_row("budgets", ", ".join(f"{k} {v:,}" for k, v in limits.items()) or "the chip's own")
    for text in sentences(spec):
        table.add_row("behaviour", escape(text))
    for text in checks_of(spec.behaviour, spec.classes, boards()[spec.board]):
        table.add_row("to be checked", escape(text))
    for text in spec.assumptions:
        table.add_row("assumed", escape(text))
    for text in spec.questions:
        table.add_row("question", escape(text))
    out.print(table)


def show_result(result: Mapping[str, Any]) -> None:
    """The figures of a run."""
    table = _table(_short(f"{result['run']}: {result['status']}"), "what", "value")
    if result["error"]:
        table.add_row("error", escape(str(result["error"])))
    for key, value in (result["metrics"] or {}).items():
        table.add_row(key.replace("_", " "), _number(value))
    if result["parity"]:
        parity = result["parity"]
        table.add_row("golden vectors", f"{parity['vectors']} on {parity['on']}, {parity['mismatches']} mismatches")
    if result["behaviour"]:
        table.add_row("behaviour checks", f"{result['behaviour']['passed']} of {result['behaviour']['checks']} passed")
    if result["firmware"]:
        firmware = result["firmware"]
        who = "drafted by the model" if firmware["author"] == "drafted" else "generated from the rules"
        tries = "1 try" if firmware["tries"] == 1 else f"{firmware['tries']} tries"
        table.add_row("application part", f"{who}, {tries}")
        if firmware.get("disagreement"):
            table.add_row("disagreement", escape(firmware["disagreement"]))
        table.add_row("sketch", escape(_short(firmware["sketch"])))
    tokens = sum(u["prompt_tokens"] + u["completion_tokens"] for u in result["usage"].values())
    cost = sum(u["cost_usd"] for u in result["usage"].values())
    table.add_row("language models", f"{tokens:,.0f} tokens, {cost:.4f} USD")
    table.add_row("seconds", f"{sum(result['seconds'].values()):.0f}")
    if "report" in result["artifacts"]:
        table.add_row("report", escape(_short(result["artifacts"]["report"])))
    out.print(table)


def show_runs(found: list[dict[str, Any]]) -> None:
    """A line per run."""
    table = _table("Runs", "run", "status", "board", "request")
    for entry in found:
        table.add_row(escape(entry["run"]), entry["status"], entry["board"] or "", escape(entry["request"]))
    out.print(table)


def show_trace(spans: list[Span]) -> None:
    """Spans as a tree, with seconds and tokens."""
    root = Tree("run")
    branches: dict[str, Tree] = {}
    for span in spans:
        parent = branches.get(span.parent or "", root)
        tokens = span.usage.get("prompt_tokens", 0) + span.usage.get("completion_tokens", 0)
        note = f", {tokens} tokens" if tokens else ""
        if cost := span.usage.get("cost_usd"):
            note += f", {cost:.4f} USD"
        if span.tries > 1:
            note += f", no. {span.tries}"
        fault = f" [red]{escape(span.error[:80])}[/]" if span.error else ""
        branches[span.id] = parent.add(f"{escape(span.name)} [dim]{span.kind}, {span.seconds:.2f} s{note}[/]{fault}")
    out.print(root)


def show_emulation(emulation: Emulation) -> None:
    """Serial lines and pin changes in the order of time."""
    events = [(line.t_ms, f"serial  {line.text}") for line in emulation.serial]
    events += [(pin.t_ms, f"{pin.name:<7} {pin.mode} {pin.value}") for pin in emulation.pins]
    for t_ms, text in sorted(events):
        out.print(f"{t_ms:>8} ms  {text}", markup=False, highlight=False)
    out.print(f"{emulation.status} {emulation.reason}".strip(), markup=False)
    out.print(f"{emulation.virtual_ms:,} virtual ms, {emulation.instructions:,} instructions", highlight=False)


def show_boards(facts: Mapping[str, Board]) -> None:
    """A line per board; below, where the person's own ones come from."""
    table = _table("Boards", "id", "name", "chip", "RAM", "flash", "sensors", "emulator")
    for board in facts.values():
        emulator = f"{board.emulator.kind} {board.emulator.machine}" if board.emulator else "-"
        memory = (f"{board.ram_bytes:,}", f"{board.flash_bytes:,}")
        table.add_row(board.id, board.name, f"{board.chip}, {board.core}", *memory, ", ".join(board.sensors), emulator)
    out.print(table)
    for id, path in own_boards().items():
        out.print(f"{id} is your own: {escape(str(path))}", soft_wrap=True)


def show_card(card: DataCard) -> None:
    """The data card as a table."""
    table = _table(card.source, "field", "value")
    for key, value in card.model_dump(exclude={"source"}).items():
        if value not in (None, (), {}, []):
            table.add_row(key.replace("_", " "), escape(str(value)))
    out.print(table)
