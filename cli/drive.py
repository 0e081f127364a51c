"""Driving a run from a command: progress, result, and a failure told in one line with the exit code of DESIGN.md."""

import contextlib
import json as json_
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from tools.errors import BadInput, TinysmithError


def drive(run_dir: Path, inputs: Any, json: bool) -> None:
    """Start or resume the graph in a run folder and show what became of it."""
    from cli.render import ask_person

    def work() -> Any:
        from graph.run import execute

        return execute(run_dir, inputs, ask_person)

    report_work(run_dir, work, json)


def report_work(run_dir: Path, work: Callable[[], Any], json: bool) -> None:
    """Do the work of a run and show its result, or how it failed."""
    from cli.render import progress, show_result

    try:
        with progress(json):
            result = work()["result"]
    except (TinysmithError, KeyboardInterrupt) as error:
        _fail(run_dir, error, json)
    else:
        print_json(result) if json else show_result(result)


def _fail(run_dir: Path, error: BaseException, json: bool) -> None:
    """Tell a failed run in one line, leave its result.json, and exit; what was finished is kept for `resume`."""
    interrupted = isinstance(error, KeyboardInterrupt)
    code = 130 if interrupted else getattr(error, "exit_code", 1)
    message = f"interrupted; go on with: tinysmith resume {shown(run_dir)}" if interrupted else str(error)
    if json:
        print_json(_failure(run_dir, code, message))
    typer.echo(f"tinysmith: {message}", err=True)
    raise SystemExit(code)


def _failure(run_dir: Path, code: int, message: str) -> dict[str, Any]:
    from tools.result import failed
    from tools.store import write_json

    if not (run_dir / "run.json").exists():
        return failed(None, code, message, {})
    from graph.run import state_of

    state = state_of(run_dir)
    result = failed(run_dir, code, message, state)
    with contextlib.suppress(BadInput):  # the disk is full: the message that is being told says so
        write_json(run_dir / "result.json", result)
    return result


def refuse_used(run_dir: Path) -> None:
    """Raise BadInput for an --out that holds a run or is a file."""
    if (run_dir / "run.json").exists():
        raise BadInput(f"{shown(run_dir)} holds a run already: resume it, or give another --out")
    if run_dir.exists() and not run_dir.is_dir():
        raise BadInput(f"{shown(run_dir)} is a file: --out wants a folder")


def run_dir_of(path: Path) -> Path:
    """The run folder that a person names by path or by its name under runs/; raises BadInput."""
    for folder in (path, Path("runs") / path):
        if os.path.exists(folder / "run.json"):  # unlike Path.exists it takes any text
            return folder.resolve()
    raise BadInput(f"{brief(str(path))} is not a run folder: `tinysmith runs` lists them")


def absolute(data: str | None) -> str | None:
    """Paths in a run folder must hold from any working directory; names of built-in sets stay."""
    if data and data.lower().startswith(("cifar10:", "cifar100:")):
        name, _, folder = data.partition(":")
        return f"{name}:{Path(folder).expanduser().resolve()}"
    return str(Path(data).resolve()) if data and os.path.exists(data) else data


def brief(text: str, most: int = 80) -> str:
    """What a person typed, as it is repeated in a message."""
    return text if len(text) <= most else f"{text[:most]}…"


def shown(path: Path) -> str:
    """A path as short as the working directory allows."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(json_.dumps(value) + "\n")
