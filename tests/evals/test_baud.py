"""The emulated boards tell the rate of their serial line, so that a wrong one can be seen."""

from pathlib import Path

import pytest

from hw.board import boards
from tools.compile import compile_sketch
from tools.emulate import emulate

pytestmark = pytest.mark.toolchain


def baud_of(board: str, setup: str, tmp_path: Path) -> int | None:
    folder = tmp_path / "rate"
    folder.mkdir(exist_ok=True)
    (folder / "rate.ino").write_text(f"void setup() {{ {setup} }}\nvoid loop() {{ delay(10); }}\n")
    build = compile_sketch(folder, boards()[board], tmp_path / "build")
    assert build.ok, build.diagnostics
    return emulate(Path(build.elf), boards()[board], None, 50, tmp_path / "run").baud


@pytest.mark.parametrize(("board", "before"), [("nano33ble", 115200), ("netduinoplus2", 0)])
def test_an_arm_board_tells_the_rate_that_was_set_last(board: str, before: int, tmp_path: Path) -> None:
    assert baud_of(board, "Serial.begin(9600); Serial.begin(57600);", tmp_path) == 57600
    assert baud_of(board, "", tmp_path) == before


def test_an_avr_tells_the_rate_that_its_clock_divides_to(tmp_path: Path) -> None:
    # ATmega328P data sheet, table 20-12: 115,200 baud at 16 MHz with U2X is 2.1 % too fast.
    assert baud_of("uno", "Serial.begin(115200);", tmp_path) == pytest.approx(115200 * 1.021, rel=1e-3)
    assert baud_of("uno", "Serial.begin(9600);", tmp_path) == pytest.approx(9600, rel=0.003)
    assert baud_of("uno", "", tmp_path) == 0
