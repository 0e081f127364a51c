"""`tinysmith setup`: install what is missing, show what is being done, say at the end what to type."""

import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tools.errors import Setup
from tools.install import INSTALLERS, alone
from tools.progress import Event, listening
from tools.toolchain import CHECKOUT


def setup_command() -> int:
    """Run every installer; one that cannot do its work does not keep the next from trying. Exit code 0 or 5."""
    console = Console(stderr=True)
    failures: list[Setup] = []
    with _shown(console), alone():
        for install in INSTALLERS:
            try:
                install()
            except Setup as error:
                failures.append(error)
    for failure in failures:
        console.print(f"[red]setup:[/red] {failure}", highlight=False, soft_wrap=True)
    if failures:
        return Setup.exit_code
    console.print(_farewell(), highlight=False, soft_wrap=True)
    return 0


def _farewell() -> str:
    command = CHECKOUT / ".venv" / "bin" / "tinysmith"
    if shutil.which("tinysmith") == str(command):
        return "tinysmith is ready: type [bold]tinysmith --help[/bold]"
    path = shlex.quote(str(command.parent))
    return (
        f"tinysmith is ready: {shlex.quote(str(command))} --help\n"
        f'To type just tinysmith, add this line to your shell\'s profile:  export PATH={path}:"$PATH"'
    )


@contextmanager
def _shown(console: Console) -> Iterator[None]:
    """Progress events as one live line on a terminal, as a line each elsewhere (logs, CI)."""
    if not console.is_terminal:
        with listening(_Lines(console)):
            yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as live:
        task = live.add_task("looking at what is there", total=None)

        def show(event: Event) -> None:
            live.update(task, description=event.text, completed=event.done or 0, total=event.total)

        with listening(show):
            yield


class _Lines:
    """Prints an event once, however often it is repeated with new figures."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.last = ""

    def __call__(self, event: Event) -> None:
        if event.text != self.last:
            self.console.print(f"{event.stage}: {event.text}", highlight=False, soft_wrap=True)
        self.last = event.text
