"""The commands; the only place that exits."""

from typing import Annotated

import typer

from tools.errors import TinysmithError

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command()
def setup() -> None:
    """Install what is missing."""
    from cli.setup import setup_command

    raise typer.Exit(setup_command())


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say what is installed and how to mend what is not."""
    from cli.doctor import doctor_command

    raise typer.Exit(doctor_command(json))


def main() -> None:
    """Run the command line; a failure is told in one line."""
    try:
        app()
    except TinysmithError as error:
        typer.echo(f"tinysmith: {error}", err=True)
        raise SystemExit(error.exit_code) from error


if __name__ == "__main__":
    main()
