"""Sketches by family of the Arduino API, with one expected text for all boards: Uno and Mega run the real core.

What a core does otherwise stands in a sketch's expected.toml with the reason, so that differences are known ones.
"""

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hw.board import Board, boards
from tools.artifacts import Build, Emulation
from tools.compile import compile_sketch
from tools.emulate import emulate

pytestmark = pytest.mark.toolchain

SKETCHES = Path(__file__).parent / "sketches"
BOARDS = ("nano33ble", "nucleo_h743zi", "netduinoplus2", "uno", "mega")
CORES = {"nano33ble": "mbed", "nucleo_h743zi": "stm32", "netduinoplus2": "stm32", "uno": "avr", "mega": "avr"}
TOLERANCE_MS = 3
"""The AVR boards count cycles, which the real core spends on its way; the start takes them a millisecond."""

Expected = dict[str, Any]


def load(path: Path) -> Expected:
    expected: Expected = {"boards": list(BOARDS), "tolerance_ms": TOLERANCE_MS, "differs": [], "tolerance_hz": 0}
    return expected | tomllib.loads((path / "expected.toml").read_text())


NAMES = sorted(path.name for path in SKETCHES.iterdir())
CASES = [(name, board) for board in BOARDS for name in NAMES if board in load(SKETCHES / name)["boards"]]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Build]:
    """Compile a sketch; one build folder per board, which is never cleaned."""
    root = tmp_path_factory.getbasetemp() / "boards"  # tests/tools builds there too

    def compile_(name: str, board: str) -> Build:
        folder = root / "hw" / name / "sketch"  # the same name for all: arduino-cli then keeps the core's objects
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(SKETCHES / name / f"{name}.ino", folder / "sketch.ino")
        return compile_sketch(folder, boards()[board], root / f"build_{board}")

    return compile_


def led_pin(board: Board) -> int:
    return board.leds["builtin"].number


def wanted_lines(expected: Expected, core: str) -> list[str]:
    lines = list(expected.get("lines", []))
    for difference in expected["differs"]:
        assert difference["why"]
        if difference["core"] == core:
            lines[difference["line"]] = difference["text"]
    return lines


def check_pins(run: Emulation, expected: Expected, board: Board) -> None:
    numbers = {fact.pin: fact.number for fact in board.leds.values()} | {"LED": led_pin(board)}
    wanted: dict[int, list[tuple[int, str, int]]] = {}
    for pin, t_ms, mode, value in expected.get("pins", []):
        wanted.setdefault(numbers.get(pin, pin), []).append((t_ms, mode, value))
    for pin, events in wanted.items():
        found = [(e.t_ms, e.mode, e.value) for e in run.pins if e.pin == pin]
        found = [e for e in found if e[0] >= expected.get("only_after_ms", 0)]
        if pin in expected.get("initial_low", []) and found[:1] and found[0][1:] == ("digital", 0):
            found = found[1:]  # the latch shows before digitalWrite()
        if events[0][1] in ("pwm", "tone"):
            found = [e for e in found if not (e[1] == "digital" and e[0] <= events[0][0])]
        assert [e[1] for e in found] == [e[1] for e in events], (pin, found)
        for seen, due in zip(found, events, strict=True):
            assert abs(seen[0] - due[0]) <= expected["tolerance_ms"], (pin, seen, due)
            assert abs(seen[2] - due[2]) <= expected["tolerance_hz"], (pin, seen, due)
    for number, values in expected.get("pin_values", {}).items():
        assert [e.value for e in run.pins if e.pin == int(number)] == values


@pytest.mark.parametrize(("name", "board"), CASES)
def test_sketch_does_the_same_on_every_board(
    compiled: Callable[[str, str], Build], name: str, board: str, tmp_path: Path
) -> None:
    expected = load(SKETCHES / name)
    build = compiled(name, board)
    assert build.ok, build.diagnostics
    stimuli = None
    if "stimuli" in expected:
        stimuli = tmp_path / "stimuli.csv"
        stimuli.write_text(expected["stimuli"].lstrip())
    fact = boards()[board]
    run = emulate(Path(build.elf), fact, stimuli, expected["until_ms"], tmp_path / "run")
    assert (run.status, run.reason) == ("done", "")
    assert [line.text for line in run.serial] == wanted_lines(expected, CORES[board])
    for index, t_ms in expected.get("line_times", {}).items():
        assert abs(run.serial[int(index)].t_ms - t_ms) <= expected["tolerance_ms"]
    check_pins(run, expected, fact)


@pytest.mark.parametrize("board", BOARDS[:3])
def test_each_arm_board_runs_twenty_and_more(board: str) -> None:
    assert len([name for name, of in CASES if of == board]) >= 20
