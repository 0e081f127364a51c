"""`tinysmith doctor`: what is installed, in which version and where, and how to mend what is not."""

import json as json_text
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.components import Component, components
from tools.errors import Setup

JSON_FIELDS = {"name", "version", "path", "ok", "mend"}


def doctor_command(json: bool = False) -> int:
    """Show all components as a table, or as one JSON object on stdout. Exit code 0, or 5 when one is missing."""
    found = components()
    ok = all(c.ok or c.optional for c in found)
    if json:
        plain = {"components": [c.model_dump(include=JSON_FIELDS) for c in found], "ok": ok}
        sys.stdout.write(json_text.dumps(plain) + "\n")
    else:
        Console().print(_table(found))
    return 0 if ok else Setup.exit_code


def _table(found: list[Component]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "component", "version", "where, or how to mend it"):
        table.add_column(heading, overflow="fold")
    for c in found:
        sign = "[green]ok[/green]" if c.ok else "[yellow]--[/yellow]" if c.optional else "[red]no[/red]"
        where = _short(c.path) if c.ok else f"{c.mend}  ({c.purpose}{', optional' if c.optional else ''})"
        table.add_row(sign, c.name, c.version, where)
    return table


def _short(path: str) -> str:
    home = f"{Path.home()}/"
    return f"~/{path.removeprefix(home)}" if path.startswith(home) else path
