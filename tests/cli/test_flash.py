"""The command from end to end: real arduino-cli with a stand-in vendor's core, the emulated board on its port."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hw.board import boards
from tests.finished_run import finished_run
from tests.vendor import VirtualBoard, install_core, plug, vendor_home
from tools.compile import compile_sketch

pytestmark = pytest.mark.toolchain
NANO = "2341:805a"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("flash") / "run")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The person's folders with the vendor's core, the same ones for all tests: the core is compiled once."""
    root = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        install_core(vendor_home(root, patch))
        yield root


def flash(monkeypatch: pytest.MonkeyPatch, capsys: Any, *words: object) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of `tinysmith flash WORDS`."""
    from cli.main import main

    monkeypatch.setattr(sys, "argv", ["tinysmith", "flash", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return int(ended.value.code or 0), captured.out, captured.err


def test_upload_then_proof_then_live_view(
    run: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {p: p.read_bytes() for p in (run / "firmware").rglob("*") if p.is_file()}
    with VirtualBoard(tmp_path / "dev") as board:
        plug(home, (board.port, NANO))
        code, out, err = flash(monkeypatch, capsys, run, "--yes", "--json", "--watch-s", 1.5)
    assert code == 0, err
    told = json.loads(out)
    assert told == json.loads((run / "flash.json").read_text())
    assert (told["status"], told["uploaded"], told["port"]) == ("done", True, str(board.port))
    assert told["parity"] == {"vectors": 120, "bytes": 360, "mismatches": 0, "on": f"nano33ble ({board.port})"}
    assert told["repeats"] == 0
    assert 10_000 < told["flash_bytes"] < 100_000
    assert set(told["seconds"]) == {"compile", "upload", "connect", "golden"}
    assert [line["text"] for line in told["serial"]].count("alive") >= 3
    assert before == {p: p.read_bytes() for p in (run / "firmware").rglob("*") if p.is_file()}
    assert (run / "build_real" / "levels.ino.elf").is_file()


def test_what_is_on_the_board_is_told_apart(
    run: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = finished_run(tmp_path / "other", seed=5)
    elf = Path(compile_sketch(other / "firmware" / "levels", boards()["nano33ble"], other / "build").elf)
    with VirtualBoard(tmp_path / "dev", firmware=elf) as board:
        code, _, err = flash(monkeypatch, capsys, run, "--no-upload", "--port", board.port)
        assert code == 2
        assert "not this run's 'levels' for nano33ble" in err
        code, out, err = flash(monkeypatch, capsys, other, "--no-upload", "--port", board.port, "--json")
        assert code == 0, err
        assert json.loads(out)["parity"]["mismatches"] == 0
        assert json.loads(out)["uploaded"] is False


def test_a_board_that_computes_something_else(
    run: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = finished_run(tmp_path / "wrong", seed=1)
    selftest = wrong / "firmware" / "levels" / "selftest.cpp"
    selftest.write_text(selftest.read_text().replace("printHex(output[i]);", "printHex(output[i] ^ (i == 1));"))
    with VirtualBoard(tmp_path / "dev") as board:
        code, _, err = flash(monkeypatch, capsys, wrong, "--yes", "--port", board.port)
        assert code == 2
        assert "was edited since the run" in err
        code, out, err = flash(monkeypatch, capsys, wrong, "--yes", "--edited", "--json", "--port", board.port)
    assert code == 4
    assert "120 of 360 bytes of 120 golden vectors differ" in err
    told = json.loads(out)
    assert (told["status"], told["parity"]["mismatches"]) == ("gave_up", 120)
    assert told == json.loads((wrong / "flash.json").read_text())


def test_unplugged_in_the_middle(
    run: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with VirtualBoard(tmp_path / "dev") as board:
        pulled = threading.Thread(target=_pull_in_the_middle, args=(board, run), daemon=True)
        pulled.start()
        code, out, err = flash(monkeypatch, capsys, run, "--yes", "--port", board.port, "--watch-s", 60, "--json")
        pulled.join()
    assert code == 5
    assert f"the board on {board.port} was unplugged (mend it with: plug it in again" in err
    assert json.loads(out)["status"] == "setup"


def _pull_in_the_middle(board: VirtualBoard, run: Path) -> None:
    (run / "flash.json").unlink(missing_ok=True)
    while not (run / "flash.json").exists():  # written between the golden vectors and the live view
        time.sleep(0.05)
    time.sleep(0.3)
    board.unplug()


def test_nothing_is_overwritten_unasked_and_a_failed_upload_says_why(
    run: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = tmp_path / "ttyA"
    plug(home, (port, NANO))
    code, _, err = flash(monkeypatch, capsys, run)
    assert code == 2
    assert f"this overwrites what is on the board on {port}: say --yes" in err
    code, _, err = flash(monkeypatch, capsys, run, "--yes")
    assert code == 5
    assert f"the upload to {port} failed: error: no device found on {port}" in err


def test_the_missing_core_and_library_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    color = finished_run(tmp_path / "color", sensor="color")
    hardware = vendor_home(tmp_path / "home", monkeypatch)
    (tmp_path / "tty").write_text("")
    code, _, err = flash(monkeypatch, capsys, color, "--yes", "--port", tmp_path / "tty")
    assert code == 5
    assert "arduino-cli core install arduino:mbed_nano" in err
    install_core(hardware, libraries=False)
    code, _, err = flash(monkeypatch, capsys, color, "--yes", "--port", tmp_path / "tty")
    assert code == 5
    assert (
        "the library Arduino_APDS9960 is not installed (mend it with: arduino-cli lib install Arduino_APDS9960)" in err
    )


def test_a_rehearsal_without_a_board(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = flash(monkeypatch, capsys, run, "--port", "emulated", "--watch-s", 1)
    assert code == 0, err
    assert "120 golden vectors, 360 bytes, 0 mismatches" in out
    assert " s  alive\n" in out
    told = json.loads((run / "flash.json").read_text())
    assert told["parity"]["on"].startswith("nano33ble (emulated, ")


def test_a_run_without_firmware(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    (tmp_path / "run.json").write_text("{}")
    code, _, err = flash(monkeypatch, capsys, tmp_path)
    assert code == 2
    assert "has no finished firmware" in err
