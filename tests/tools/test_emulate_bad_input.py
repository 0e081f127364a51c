"""Bad stimuli and bad firmware at the command line: one clear line, the exit code of DESIGN.md, and no traceback."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import main as command
from tools.artifacts import Build

pytestmark = pytest.mark.toolchain

Compile = Callable[..., Build]
Emulate = Callable[..., tuple[int, str]]


@pytest.fixture
def tinysmith_emulate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Emulate:
    """Run `tinysmith emulate …` in this process: exit code and the one line of stderr."""

    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tinysmith", "emulate", *map(str, arguments)])
        monkeypatch.setattr("signal.signal", lambda *_: None)
        with pytest.raises(SystemExit) as ended:
            command.main()
        written = capsys.readouterr()
        assert written.out == ""
        (line,) = written.err.strip().splitlines()
        return int(str(ended.value.code)), line

    return run


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "s.csv is empty: stimuli are a CSV"),
        ("time,pin.2\n0,1\n", "s.csv has no column t_ms"),
        ("t_ms,acel.x\n0,1\n", "s.csv row 1: unknown column 'acel.x'; did you mean accel.x"),
        ("t_ms,accel.x\n0,nan\n", "s.csv row 2, column accel.x: nan is not a finite number"),
        ("t_ms,pin.2\n50,1\n20,0\n", "s.csv row 3: t_ms is 20 after 50; times must not go back"),
        ("t_ms,pin.77\n0,1\n", "stimuli column 'pin.77': board nano33ble has pin.0 .. 33"),
    ],
)
def test_stimuli(
    tinysmith_emulate: Emulate,
    compile_named: Compile,
    tmp_path: Path,
    text: str,
    words: str,
) -> None:
    stimuli = tmp_path / "s.csv"
    stimuli.write_text(text)
    elf = compile_named("timing").elf
    code, line = tinysmith_emulate(elf, "--board", "nano33ble", "--stimuli", stimuli)
    assert code == 2
    assert line.startswith("tinysmith: ")
    assert words in line


def test_a_gigabyte_of_stimuli(tinysmith_emulate: Emulate, compile_named: Compile, tmp_path: Path) -> None:
    stimuli = tmp_path / "s.csv"
    stimuli.write_text("t_ms,pin.2\n")
    os.truncate(stimuli, 10**9)
    started = time.monotonic()
    code, line = tinysmith_emulate(compile_named("timing").elf, "--board", "nano33ble", "--stimuli", stimuli)
    assert (code, time.monotonic() - started < 5) == (2, True)
    assert "has 1000 MB of stimuli" in line


def test_firmware_of_another_chip(tinysmith_emulate: Emulate, compile_named: Compile, tmp_path: Path) -> None:
    nano, nucleo, uno = (compile_named("timing", b).elf for b in ("nano33ble", "nucleo_h743zi", "uno"))
    whole = Path(nano).read_bytes()
    (tmp_path / "text.elf").write_text("not an ELF at all")
    (tmp_path / "empty.elf").write_bytes(b"")
    (tmp_path / "half.elf").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "start.elf").write_bytes(whole[:30])
    cases = [
        (nucleo, "nano33ble", "was built for the emulated nucleo_h743zi, not for nano33ble"),
        (uno, "nano33ble", "is for AVR, but nano33ble is emulated as ARM"),
        (nano, "uno", "is for ARM, but uno is an AVR"),
        (uno, "mega", "is for another AVR than the ATmega2560 of mega"),
        (Path(sys.executable).resolve(), "nano33ble", "not for a microcontroller"),
        (tmp_path / "text.elf", "nano33ble", "text.elf is not an ELF file"),
        (tmp_path / "empty.elf", "nano33ble", "empty.elf is not an ELF file"),
        (tmp_path / "half.elf", "nano33ble", "half.elf is a damaged ELF file"),
        (tmp_path / "start.elf", "nano33ble", "start.elf is a damaged ELF file"),
        (tmp_path / "none.elf", "nano33ble", "is not there"),
    ]
    for elf, board, words in cases:
        code, line = tinysmith_emulate(elf, "--board", board)
        assert (code, words in line) == (2, True), line


def test_a_board_that_is_none(tinysmith_emulate: Emulate, compile_named: Compile) -> None:
    code, line = tinysmith_emulate(compile_named("timing").elf, "--board", "nano34ble")
    assert code == 2
    assert "nano33ble" in line
