"""A port's troubles, and the self-test's protocol against a board that loses bytes: on plain pseudo-terminals."""

import os
import re
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from hw.board import boards
from tools import flash
from tools.artifacts import TaskSpec
from tools.errors import BadInput, Fixable, Setup, TinysmithError
from tools.flash import Target, check_vectors, connect, watch
from tools.identity import Identity
from tools.selftest import request_line
from tools.serial_link import SerialLink, Unplugged, open_link

BAUD = 115200
ME = Identity(name="levels", board="nano33ble", model="ab" * 8, sketch="cd" * 8)
TOLD = f"~={ME.name} {ME.board} {ME.model} {ME.sketch}"
CODES = np.arange(12, dtype=np.int8).reshape(4, 3) - 5


class Board:
    """The near end of a pseudo-terminal; `answer` turns a line of the host into the board's lines."""

    def __init__(self, answer: Callable[[str], list[str]]) -> None:
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        self.port = os.ttyname(self._far)
        self._answer = answer
        self._gone = False
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def say(self, text: str) -> None:
        os.write(self._near, text.encode() + b"\r\n")

    def unplug(self) -> None:
        if not self._gone:
            self._gone = True
            os.close(self._far)
            self._thread.join()
            os.close(self._near)

    def _live(self) -> None:
        os.set_blocking(self._near, False)
        rest = b""
        while not self._gone:
            try:
                rest += os.read(self._near, 4096)
            except OSError:
                time.sleep(0.005)
            *lines, rest = rest.split(b"\n")
            for line in lines:
                for text in self._answer(line.decode()):
                    self.say(text)


@contextmanager
def board(answer: Callable[[str], list[str]]) -> Iterator[Board]:
    made = Board(answer)
    try:
        yield made
    finally:
        made.unplug()


def perfect(line: str) -> list[str]:
    """Answers each vector by its bytes doubled, which stands for the network's output."""
    if line == "~?":
        return [TOLD]
    return ["~" + doubled(bytes.fromhex(line[1:])).hex().upper()] if line.startswith("~") else []


def doubled(data: bytes) -> bytes:
    return (np.frombuffer(data, np.int8) * 2).astype(np.int8).tobytes()


def target() -> Target:
    spec = TaskSpec(request="", name=ME.name, board=ME.board, sensor="serial", classes=("a", "b", "c"))
    lines = [request_line(vector) for vector in CODES]
    return Target(Path(), boards()[ME.board], spec, Path(), ME, lines, (CODES * 2).astype(np.int8))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flash, "BOOT_S", 1.0)
    monkeypatch.setattr(flash, "_ANSWER_S", 0.3)
    monkeypatch.setattr(flash, "_QUIET_S", 0.1)


def test_the_whole_proof() -> None:
    with board(perfect) as there:
        link, told = connect(target(), there.port, uploaded=False)
        with link:
            parity, repeats, besides = check_vectors(target(), link, "nano33ble (here)")
    assert told == ME
    assert parity.model_dump() == {"vectors": 4, "bytes": 12, "mismatches": 0, "on": "nano33ble (here)"}
    assert (repeats, besides) == (0, [])


def test_what_the_board_prints_meanwhile_is_kept_apart() -> None:
    with board(lambda line: ["alive", *(f"half a line {text}" for text in perfect(line))]) as there:
        link, _ = connect(target(), there.port, uploaded=False)
        with link:
            parity, _, besides = check_vectors(target(), link, "x")
            there.say("later")
            seen = list(watch(link, 0.3))
    assert parity.mismatches == 0
    assert {line.text for line in besides} == {"alive"}
    assert [line.text for line in seen][-1] == "later"


def test_wrong_bytes_are_counted() -> None:
    def wrong(line: str) -> list[str]:
        return [text.replace("~F6", "~F7") for text in perfect(line)]  # -5 * 2 = 0xF6: the first byte of the first

    with board(wrong) as there:
        link, _ = connect(target(), there.port, uploaded=False)
        with link:
            parity, _, _ = check_vectors(target(), link, "x")
    assert parity.mismatches == 1


def test_a_line_that_lost_bytes_is_sent_again() -> None:
    lost = {target().lines[1]: 2, target().lines[3]: 1}

    def lossy(line: str) -> list[str]:
        if lost.get(line, 0) > 0:
            lost[line] -= 1
            return ["~error: expected 6 hex digits"] if line == target().lines[1] else []
        return perfect(line)

    with board(lossy) as there:
        link, _ = connect(target(), there.port, uploaded=False)
        with link:
            parity, repeats, _ = check_vectors(target(), link, "x")
    assert (parity.mismatches, repeats) == (0, 3)


def test_a_board_that_falls_silent_is_told() -> None:
    with board(lambda line: perfect(line) if line != target().lines[2] else []) as there:
        link, _ = connect(target(), there.port, uploaded=False)
        with link, pytest.raises(Fixable, match="stopped answering after 2 of 4 golden vectors"):
            check_vectors(target(), link, "x")


def test_unplugged_during_the_proof() -> None:
    def pull(line: str) -> list[str]:
        if line == target().lines[2]:
            threading.Thread(target=there.unplug).start()
            return []
        return perfect(line)

    with board(pull) as there:
        link, _ = connect(target(), there.port, uploaded=False)
        with link, pytest.raises(Setup, match=r"was unplugged after 2 of 4 golden vectors .mend it with: plug it in"):
            check_vectors(target(), link, "x")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda line: [], r"nothing on .* answers the self-test \(it said nothing within 1 s\)"),
        (lambda line: ["error: the sensor does not answer"], "it said 'error: the sensor does not answer'"),
    ],
)
def test_a_board_without_an_answer(answer: Callable[[str], list[str]], message: str) -> None:
    with board(answer) as there, pytest.raises(Fixable, match=message):
        connect(target(), there.port, uploaded=False)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (TOLD.replace("ab", "ba"), "runs 'levels' for nano33ble .network babababa, sketch cdcdcdcd."),
        (TOLD.replace("nano33ble", "uno"), "runs 'levels' for uno"),
        ("~error: expected 6 hex digits", "runs an older tinysmith sketch"),
    ],
)
def test_another_sketch_is_told_apart(told: str, message: str) -> None:
    with board(lambda line: [told] if line == "~?" else []) as there:
        with pytest.raises(BadInput, match=f"{message}.*leaving --no-upload away"):
            connect(target(), there.port, uploaded=False)
        with pytest.raises(Fixable, match="the upload did not take"):
            connect(target(), there.port, uploaded=True)


def test_a_port_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    link = tmp_path / "ttyACM0"
    with board(perfect) as there:
        threading.Timer(0.4, lambda: link.symlink_to(there.port)).start()
        opened, told = connect(target(), str(link), uploaded=True)
        opened.close()
    assert told == ME


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Setup, match=r"there is no port .*ttyACM7 .*plug the board in, or name its port"):
        open_link(str(tmp_path / "ttyACM7"), BAUD, 0.0)


def test_a_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="is not a serial port"):
        open_link(str(tmp_path / "file"), BAUD, 0.0)


def test_a_port_in_use() -> None:
    held = pytest.raises(BadInput, match=r"another program has .* open: close it")
    with board(perfect) as there, SerialLink(there.port, BAUD), held:
        open_link(there.port, BAUD, 0.0)


def test_unplugged_while_open() -> None:
    with board(perfect) as there, SerialLink(there.port, BAUD) as link:
        there.unplug()
        with pytest.raises(Unplugged, match="was unplugged"):
            link.receive(1.0)
        with pytest.raises(Unplugged):
            link.send("x")


@pytest.mark.skipif(os.geteuid() != 0, reason="root gives itself another user's rights here")
@pytest.mark.parametrize(
    ("mode", "group", "mend"), [(0o660, 5, r"sudo usermod -aG \w+ \$USER"), (0o600, 0, "udev/rules.d")]
)
def test_a_port_of_somebody_else(mode: int, group: int, mend: str) -> None:
    with board(perfect) as there:
        os.chown(there.port, 0, group)
        os.chmod(there.port, mode)
        told = _as_nobody(lambda: open_link(there.port, BAUD, 0.0))
    assert told.startswith("5 this user may not open")
    assert re.search(mend, told)


def _as_nobody(act: Callable[[], object]) -> str:
    """Exit code and message of the error that `act` ends with, when it is done by the user nobody."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            act()
        except TinysmithError as error:
            os.write(writing, f"{error.exit_code} {error}".encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.read()
