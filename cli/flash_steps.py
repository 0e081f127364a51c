"""The steps of `tinysmith flash`, in order: target, port, confirmation, compile, upload, connect, check, live view."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cli.drive import shown
from cli.render import err, out, progress
from tools.artifacts import Build, Converted, Firmware, SerialLine, TaskSpec
from tools.errors import BadInput, Fixable, TinysmithError
from tools.flash import EMULATED, Flashed, Target, check_vectors, compile_real, connect, load_target, rehearsal, watch
from tools.ports import choose_port, find_ports
from tools.result import STATUS
from tools.serial_link import SerialLink
from tools.store import read_model, write_json
from tools.upload import upload

FILE = "flash.json"


class Options(NamedTuple):
    """The flags."""

    port: str | None
    no_upload: bool
    watch_s: float | None
    yes: bool
    edited: bool
    json: bool
    ask: Callable[[dict[str, Any]], str] | None = None
    """Puts a question to the person; None when there is nobody to ask."""


class Mismatch(Fixable):
    """The board answered, and otherwise than the model; `told` is its flash.json."""

    told: dict[str, Any]


def flash_run(run_dir: Path, options: Options) -> Flashed:
    """All of it; leaves RUN/flash.json, of a failure too. Raises the errors of its steps, and Mismatch."""
    try:
        return _flash(run_dir, options)
    except TinysmithError as error:
        _record(run_dir, options.port, error)
        raise


def _flash(run_dir: Path, options: Options) -> Flashed:
    target = _target(run_dir, options)
    if options.port == EMULATED:
        with progress(options.json), rehearsal(target) as port:
            return _check(target, port, options, None, {})
    with progress(options.json):
        port = choose_port(target.board, options.port, find_ports())
    if options.no_upload:
        return _check(target, port, options, None, {})
    _confirm(target, port, options)
    started = time.monotonic()
    with progress(options.json):
        build = compile_real(target)
        compiled = time.monotonic()
        port = upload(build, target.board, target.sketch, port)
    seconds = {"compile": compiled - started, "upload": time.monotonic() - compiled}
    return _check(target, port, options, build, seconds)


def _record(run_dir: Path, port: str | None, error: TinysmithError) -> None:
    if isinstance(error, Mismatch):
        told = error.told
    else:
        told = {"run": str(run_dir), "status": STATUS[error.exit_code], "port": port, "error": str(error)}
    write_json(run_dir / FILE, told)


def _target(run_dir: Path, options: Options) -> Target:
    firmware = run_dir / "firmware" / "firmware.json"
    if not firmware.exists():
        raise BadInput(f"{shown(run_dir)} has no finished firmware: go on with `tinysmith resume {shown(run_dir)}`")
    spec = read_model(run_dir / "spec.json", TaskSpec)
    converted = read_model(run_dir / "model" / "converted.json", Converted)
    return load_target(run_dir, spec, read_model(firmware, Firmware), converted, options.edited)


def _confirm(target: Target, port: str, options: Options) -> None:
    if options.yes:
        return
    if options.ask is None:
        raise BadInput(f"this overwrites what is on the board on {port}: say --yes (or --no-upload to check only)")
    from graph.flash import question  # LangGraph takes a second to import, and --yes needs none of it

    answer = options.ask(question(target.spec, target.board.name, port).model_dump(mode="json"))
    if answer.strip().lower() not in ("y", "yes"):
        raise BadInput("nothing was uploaded: confirm with y, or check what is on the board with --no-upload")


def _check(target: Target, port: str, options: Options, build: Build | None, seconds: dict[str, float]) -> Flashed:
    started = time.monotonic()
    with progress(options.json):
        link, identity = connect(target, port, build is not None)
    connected = time.monotonic()
    with link:
        where = f"{target.board.id} ({'emulated, ' if options.port == EMULATED else ''}{port})"
        with progress(options.json):
            parity, repeats, besides = check_vectors(target, link, where)
        seconds = seconds | {"connect": connected - started, "golden": time.monotonic() - connected}
        flashed = Flashed(
            run=str(target.run_dir),
            status="done",
            board=target.board.id,
            port=port,
            fqbn=target.board.fqbn,
            uploaded=build is not None,
            identity=identity,
            parity=parity,
            repeats=repeats,
            flash_bytes=build.flash_bytes if build else None,
            ram_bytes=build.ram_bytes if build else None,
            seconds={key: round(value, 3) for key, value in seconds.items()},
        )
        if parity.mismatches:
            _raise_mismatch(flashed)
        write_json(target.run_dir / FILE, flashed)
        _show(flashed, options)
        flashed = flashed.model_copy(update={"serial": (*besides, *_live_view(link, options))})
    write_json(target.run_dir / FILE, flashed)
    return flashed


def _raise_mismatch(flashed: Flashed) -> None:
    parity = flashed.parity
    error = Mismatch(
        f"the board on {flashed.port} computes something else than the model: {parity.mismatches} of {parity.bytes} "
        f"bytes of {parity.vectors} golden vectors differ"
    )
    told = flashed.model_copy(update={"status": STATUS[error.exit_code], "error": str(error)})
    error.told = told.model_dump(mode="json")
    raise error


def _show(flashed: Flashed, options: Options) -> None:
    console = err if options.json else out
    parity = flashed.parity
    text = (
        f"{flashed.identity} on {flashed.port}: {parity.vectors} golden vectors, {parity.bytes} bytes, "
        f"{parity.mismatches} mismatches in {flashed.seconds['golden']:.1f} s"
    )
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _live_view(link: SerialLink, options: Options) -> list[SerialLine]:
    """Show what the board says; Ctrl-C ends it, and is no failure: all that was asked for is done."""
    seconds = options.watch_s
    if seconds is None and (options.json or not out.is_terminal):
        seconds = 0.0
    console = err if options.json else out
    if seconds is None:
        console.print("live view, Ctrl-C ends it", style="dim")
    seen: list[SerialLine] = []
    with contextlib.suppress(KeyboardInterrupt):
        for line in watch(link, seconds):
            seen.append(line)
            console.print(f"{line.t_ms / 1000:>9.3f} s  {line.text}", markup=False, highlight=False, soft_wrap=True)
    return seen
