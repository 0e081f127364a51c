"""`tinysmith flash`: a run's firmware onto a real board, proved there over its serial port; then a live view.

Exit codes: 0 the board computes what the model computes (Ctrl-C in the live view included); 2 a wrong flag, port or
board, or an edited sketch; 4 the firmware is at fault: it does not compile, does not answer, or computes something
else; 5 the board, the port, the core or a permission is missing, or the board was unplugged.
"""

import sys
from json import loads
from pathlib import Path
from typing import Annotated

import typer

from cli.drive import print_json, run_dir_of
from tools.errors import TinysmithError


def flash(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN")],
    port: Annotated[
        str | None, typer.Option(help="Serial port; default: the one with the run's board. `emulated`: a rehearsal.")
    ] = None,
    no_upload: Annotated[bool, typer.Option("--no-upload", help="Check what is on the board already.")] = False,
    watch_s: Annotated[
        float | None, typer.Option(min=0, help="Seconds of live view; default: till Ctrl-C on a terminal, else none.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Overwrite what is on the board without asking.")] = False,
    edited: Annotated[bool, typer.Option("--edited", help="Take a sketch that was edited since the run.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, progress on stderr.")] = False,
) -> None:
    """Upload a run's firmware to a real board and prove it there, byte for byte, over the serial port."""
    from cli.flash_steps import FILE, Options, flash_run
    from cli.render import ask_person

    path = run_dir_of(run_dir)
    ask = ask_person if sys.stdin.isatty() and not json else None
    try:
        flashed = flash_run(path, Options(port, no_upload, watch_s, yes, edited, json, ask))
    except TinysmithError as error:
        if json:
            print_json(loads((path / FILE).read_text()))
        typer.echo(f"tinysmith: {error}", err=True)
        raise typer.Exit(error.exit_code) from None
    if json:
        print_json(flashed.model_dump(mode="json"))
