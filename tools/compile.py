"""Compile a sketch with arduino-cli, for the emulated or the real board."""

import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from hw.board import Board, sensors, simavr_dir
from tools.artifacts import Build, Diagnostic
from tools.cores import AVR, core_env, is_distributions
from tools.diagnostics import read_diagnostics
from tools.errors import BadInput, Setup
from tools.process import run
from tools.store import write_json
from tools.toolchain import arduino_cli, arduino_env
from tools.trace import traced_tool

TIMEOUT_S = 600.0

REAL_BUILD = "build_real"
"""Of a run folder: where the vendor's core builds."""

PROPERTIES = "properties.json"
"""Of a build folder: "key=value" of everything that arduino-cli built with, for tools.checked."""

_SOURCES = {".h", ".hh", ".hpp", ".tpp", ".ipp", ".c", ".cc", ".cpp", ".cxx", ".S"}

Core = Literal["emulated", "real"]


@traced_tool
def compile_sketch(
    sketch_dir: Path, board: Board, build_dir: Path, core: Core = "emulated", libraries: Path | None = None
) -> Build:
    """Compile the sketch NAME/NAME.ino for `board`.

    `build_dir` is kept between calls, so that only what changed is compiled again; keep one per board. Its ELF is
    overwritten by the next sketch of the same name. `core` chooses the emulated board's core or the vendor's.
    `libraries`: a folder of Arduino libraries (each in a folder of its own) that go before the platform's.

    Returns a Build with `ok` False and diagnostics when the sketch is at fault. Raises BadInput when there is no
    sketch, Setup when arduino-cli, the board's core or a sensor's library for it is missing.
    """
    source = _main_file(sketch_dir)
    fqbn = _fqbn(board, core)
    env = core_env(board) if core == "real" else arduino_env()
    build_dir.mkdir(parents=True, exist_ok=True)
    with _locked(build_dir):
        _forget_lost_files(sketch_dir, build_dir / "sketch")
        done = run(
            _command(sketch_dir, fqbn, _properties(fqbn, core, env), build_dir, libraries),
            timeout_s=TIMEOUT_S,
            env=env,
        )
        elf = build_dir / f"{source.name}.elf"
        if done.timed_out:
            problem = Diagnostic(severity="ERROR", message=f"the compiler did not finish within {TIMEOUT_S:.0f} s")
            return Build(ok=False, fqbn=fqbn, core=core, diagnostics=(problem,), seconds=done.seconds)
        answer = _answer(done.stdout, done.stderr)
        _raise_if_not_installed(str(answer.get("error", "")), fqbn)
        if not answer.get("success"):
            problems = read_diagnostics(answer)
            if core == "real":
                _raise_if_library_missing(problems)
            return Build(ok=False, fqbn=fqbn, core=core, diagnostics=problems, seconds=done.seconds)
        sizes = {s["name"]: s.get("size", 0) for s in answer["builder_result"].get("executable_sections_size", [])}
        problems = _too_large(board, sizes.get("text", 0), sizes.get("data", 0))
        if problems:
            return Build(ok=False, fqbn=fqbn, core=core, diagnostics=problems, seconds=done.seconds)
        write_json(build_dir / PROPERTIES, answer["builder_result"]["build_properties"])
        return Build(
            ok=True,
            fqbn=fqbn,
            core=core,
            elf=str(elf.resolve()),
            flash_bytes=sizes.get("text", 0),
            flash_max_bytes=board.flash_bytes,
            ram_bytes=sizes.get("data", 0),
            ram_max_bytes=board.ram_bytes,
            diagnostics=read_diagnostics(answer),
            seconds=done.seconds,
        )


def _forget_lost_files(sketch_dir: Path, copies: Path) -> None:
    """arduino-cli copies a sketch's files and removes none: what the sketch lost would still be included and built."""
    for copy in copies.rglob("*"):
        lost = not (sketch_dir / copy.relative_to(copies)).is_file() and not copy.name.endswith(".ino.cpp")
        if copy.suffix in _SOURCES and lost:
            copy.unlink(missing_ok=True)


def _too_large(board: Board, flash_bytes: int, ram_bytes: int) -> tuple[Diagnostic, ...]:
    """A board of a person's own may have less memory than the one whose core it uses."""
    sizes = (("flash", flash_bytes, board.flash_bytes), ("RAM", ram_bytes, board.ram_bytes))
    return tuple(
        Diagnostic(severity="ERROR", message=f"the firmware takes {taken} bytes of {name}, {board.id} has {there}")
        for name, taken, there in sizes
        if taken > there
    )


def _main_file(sketch_dir: Path) -> Path:
    source = sketch_dir / f"{sketch_dir.resolve().name}.ino"
    if not source.is_file():
        raise BadInput(f"{sketch_dir} is not a sketch: it has no {source.name}")
    return source


def _fqbn(board: Board, core: Core) -> str:
    if core == "real":
        return board.fqbn
    if board.emulator is None:
        raise BadInput(f"board {board.id} has no emulator: compile for the real board instead")
    return board.emulator.fqbn


def _properties(fqbn: str, core: Core, env: dict[str, str]) -> list[str]:
    if not fqbn.startswith(AVR) or not is_distributions(env):
        return []
    # Debian's AVR core is older than its compiler, whose float.h no longer gives this to C++14.
    decimal_digits = "-DDECIMAL_DIG=17"
    if core == "real":
        return [f"compiler.cpp.extra_flags={decimal_digits}"]
    watched = f'-include "{simavr_dir() / "returns.h"}"'
    return [f"compiler.cpp.extra_flags={decimal_digits} {watched}", f"compiler.c.extra_flags={watched}"]


def _command(
    sketch_dir: Path, fqbn: str, properties: list[str], build_dir: Path, libraries: Path | None
) -> list[str | Path]:
    extra: list[str | Path] = [word for value in properties for word in ("--build-property", value)]
    if libraries is not None:
        extra += ["--libraries", libraries]
    return [arduino_cli(), "compile", "--json", "--fqbn", fqbn, "--build-path", build_dir, *extra, sketch_dir]


def _raise_if_library_missing(problems: tuple[Diagnostic, ...]) -> None:
    """A sensor's library is not in our hands, nor in an agent's: our own platform has them all."""
    for sensor in sensors().values():
        if sensor.header and any(f"{sensor.header}: No such file" in p.message for p in problems):
            raise Setup(f"the library {sensor.library} is not installed", f"arduino-cli lib install {sensor.library}")


@contextmanager
def _locked(build_dir: Path) -> Iterator[None]:
    """One compilation at a time per build folder: arduino-cli does not look after that itself."""
    with (build_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _answer(stdout: str, stderr: str) -> dict[str, Any]:
    try:
        answer = json.loads(stdout)
    except json.JSONDecodeError as error:
        raise Setup(f"arduino-cli gave no JSON: {(stderr or stdout).strip()[-300:]}", "arduino-cli version") from error
    return answer if isinstance(answer, dict) else {"error": stdout}


def _raise_if_not_installed(error: str, fqbn: str) -> None:
    platform = ":".join(fqbn.split(":")[:2])
    if re.search(r"[Pp]latform.*not (found|installed)|unknown package|board.*not found|[Uu]nknown FQBN", error):
        raise Setup(f"the core {platform} is not installed", f"arduino-cli core install {platform}")
