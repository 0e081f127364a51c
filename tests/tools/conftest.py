"""Fixtures of the board's tests: sketches compiled once per session, run in a folder of their own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hw.board import boards
from tools.artifacts import Build, Emulation
from tools.compile import compile_sketch
from tools.emulate import emulate

SKETCHES = Path(__file__).parent / "sketches"

Compile = Callable[..., Build]
Run = Callable[..., Emulation]


@pytest.fixture(scope="session")
def compile_named(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Compile sketches/NAME.ino for a board; a second call for the same one costs nothing."""
    root = tmp_path_factory.getbasetemp() / "boards"  # tests/hw builds there too
    root.mkdir(exist_ok=True)
    known: dict[tuple[str, str], Build] = {}

    def compile_(name: str, board: str = "nano33ble") -> Build:
        if (name, board) not in known:
            # All are called sketch.ino, so that arduino-cli keeps the core's objects between them.
            folder = root / name / "sketch"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(SKETCHES / f"{name}.ino", folder / "sketch.ino")
            build = compile_sketch(folder, boards()[board], root / f"build_{board}")
            if build.ok:
                elf = root / f"{name}_{board}.elf"
                shutil.copy(build.elf, elf)
                build = build.model_copy(update={"elf": str(elf)})
            known[name, board] = build
        return known[name, board]

    return compile_


@pytest.fixture
def run_sketch(compile_named: Compile, tmp_path: Path) -> Run:
    """Compile sketches/NAME.ino and run it under stimuli given as CSV text."""

    def run(name: str, until_ms: int, stimuli: str = "", board: str = "nano33ble", **options: object) -> Emulation:
        build = compile_named(name, board)
        assert build.ok, build.diagnostics
        path = None
        if stimuli:
            path = tmp_path / "stimuli.csv"
            path.write_text(stimuli)
        return emulate(Path(build.elf), boards()[board], path, until_ms, tmp_path / "run", **options)

    return run
