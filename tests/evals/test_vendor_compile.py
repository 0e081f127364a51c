"""Sketches with the vendor's core: the real AVR core where it is installed, a clear word where a core is not."""

import shutil
from pathlib import Path

import pytest

from evals.vendor_core import main
from hw.board import boards
from tests.finished_run import finished_run
from tests.vendor import vendor_home
from tools.cores import core_env
from tools.errors import Setup

pytestmark = pytest.mark.toolchain


def has_core(board: str) -> bool:
    try:
        core_env(boards()[board])
    except Setup:
        return False
    return True


@pytest.mark.skipif(not has_core("uno"), reason="the vendor's core for the Uno is not installed")
def test_sketches_that_compile_and_one_that_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for board in ("uno", "mega"):
        finished_run(tmp_path / "samples" / f"case_{board}-1", board=board)
    assert main([str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "uno: 1 of 1 compile with arduino:avr:uno; at most " in told
    assert "mega: 1 of 1 compile with arduino:avr:mega" in told
    app_h = tmp_path / "samples" / "case_uno-1" / "firmware" / "levels" / "app.h"
    app_h.write_text(app_h.read_text().replace("void onStart() {", "void onStart() {\n  setLight(3);"))
    assert main([str(tmp_path)]) == 4
    shown = capsys.readouterr()
    assert "fails     uno  case_uno-1  'setLight' was not declared in this scope" in shown.out
    assert "1 of 2 sketches do not compile with the vendor's core" in shown.err


@pytest.mark.skipif(not has_core("uno"), reason="the vendor's core for the Uno is not installed")
def test_the_core_is_built_once_and_no_sketch_is_touched(tmp_path: Path) -> None:
    first = finished_run(tmp_path / "samples" / "a-1", board="uno")
    sketch = first / "firmware" / "levels"
    before = {p: p.read_bytes() for p in sketch.rglob("*") if p.is_file()}
    assert main([str(tmp_path)]) == 0
    core = next(tmp_path.glob("**/uno/core/core.a"))
    built = core.stat().st_mtime_ns
    other = tmp_path / "samples" / "b-1"
    shutil.copytree(first, other)
    (other / "firmware" / "levels").rename(other / "firmware" / "heights")
    (other / "firmware" / "heights" / "levels.ino").rename(other / "firmware" / "heights" / "heights.ino")
    record = other / "firmware" / "firmware.json"
    record.write_text(record.read_text().replace("firmware/levels", "firmware/heights"))
    assert main([str(tmp_path)]) == 0
    assert core.stat().st_mtime_ns == built
    assert {p: p.read_bytes() for p in sketch.rglob("*") if p.is_file()} == before


@pytest.mark.skipif(not has_core("nano33ble"), reason="the vendor's core for the Nano 33 BLE is not installed")
def test_the_nanos_own_core_takes_a_sketch(tmp_path: Path) -> None:
    finished_run(tmp_path / "run", board="nano33ble", sensor="color")
    assert main([str(tmp_path)]) == 0


def test_a_core_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor_home(tmp_path / "home", monkeypatch)
    finished_run(tmp_path / "run", board="nano33ble")
    assert main([str(tmp_path / "run")]) == 5
    assert "mend it with: arduino-cli core install arduino:mbed_nano" in capsys.readouterr().err


def test_a_folder_without_sketches_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no finished firmware in" in capsys.readouterr().err
    assert main([]) == 2
