"""A program on a pseudo-terminal: what a person would see of it, and a way to type."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_SEQUENCE = re.compile(
    r"\x1b\[(?P<args>[0-9;?>=]*)(?P<final>[@-~])"  # control sequences (ECMA-48)
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles and links
    r"|\x1b[()][A-Z0-9]|\x1b[=>78]"
)


class Screen:
    """What the control sequences of prompt_toolkit and rich leave on a terminal; rows that scrolled away are kept."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows: list[list[str]] = [[]]
        self.x = self.y = 0
        self.asked = 0
        """Requests for the position of the cursor that are not answered yet."""
        self._rest = ""

    def feed(self, text: str) -> None:
        """Output of the program; a sequence that is cut off waits for its rest."""
        text, self._rest = self._rest + text, ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._character(text[at])
                at += 1
            elif found := _SEQUENCE.match(text, at):
                self._control(found["args"] or "", found["final"] or "")
                at = found.end()
            elif len(text) - at < 64:
                self._rest = text[at:]
                return
            else:
                raise ValueError(f"unknown control sequence {text[at : at + 12]!r}")

    @property
    def line(self) -> str:
        """The row of the cursor."""
        return "".join(self.rows[self.y]).rstrip()

    @property
    def text(self) -> str:
        """All rows."""
        return "\n".join("".join(row).rstrip() for row in self.rows).rstrip()

    def _character(self, c: str) -> None:
        if c == "\r":
            self.x = 0
        elif c == "\n":
            self._down(1)
        elif c == "\b":
            self.x = max(self.x - 1, 0)
        elif c.isprintable():
            if self.x >= self.columns:
                self.x = 0
                self._down(1)
            row = self.rows[self.y]
            row += " " * (self.x + 1 - len(row))
            row[self.x] = c
            self.x += 1

    def _down(self, count: int) -> None:
        self.y += count
        self.rows += [[] for _ in range(self.y + 1 - len(self.rows))]

    def _control(self, args: str, final: str) -> None:
        count = int(args.split(";")[0]) if args[:1].isdigit() else 0
        match final:
            case "A":
                self.y = max(self.y - max(count, 1), 0)
            case "B":
                self._down(max(count, 1))
            case "C":
                self.x = min(self.x + max(count, 1), self.columns - 1)
            case "D":
                self.x = max(self.x - max(count, 1), 0)
            case "G":
                self.x = max(count - 1, 0)
            case "K":
                self._erase_row(count)
            case "J":
                self._erase_row(count)
                del self.rows[self.y + 1 :]
            case "n" if count == 6:
                self.asked += 1
            case "m" | "h" | "l" | "q" | "t" | "u" | "c" | "n":  # colours, modes
                pass
            case "":
                pass
            case _:
                raise ValueError(f"unknown control sequence ESC [ {args}{final}")

    def _erase_row(self, which: int) -> None:
        row = self.rows[self.y]
        del row[0 if which == 2 else self.x :]


class Terminal:
    """A program in a folder, on a pseudo-terminal of `columns` by `lines`."""

    def __init__(
        self, argv: Sequence[str | Path], folder: Path, env: Mapping[str, str], columns: int = 132, lines: int = 43
    ) -> None:
        self.screen, self.lines = Screen(columns), lines
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            [str(a) for a in argv],
            cwd=folder,
            env={**env, "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._decode = _decoder()

    def wait(self, done: Callable[[Screen], bool], timeout_s: float) -> None:
        """Read until `done`. Raises TimeoutError, and EOFError when the program ends before."""
        until = time.monotonic() + timeout_s
        while not done(self.screen):
            if not self._read(until - time.monotonic()):
                raise EOFError(f"it ended with {self.process.wait(10)}:\n{self.screen.text[-2000:]}")

    def type(self, keys: str) -> None:
        """Press keys; Enter is \\r, Ctrl-C \\x03, Tab \\t."""
        os.write(self._master, keys.encode())

    def finish(self, timeout_s: float) -> int:
        """Read to the end; the exit code."""
        until = time.monotonic() + timeout_s
        while self._read(until - time.monotonic()):
            pass
        return self.process.wait(10)

    def close(self) -> None:
        """End it, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self, timeout_s: float) -> bool:
        """Take what the program wrote; false at its end."""
        if timeout_s <= 0 or not select.select([self._master], [], [], timeout_s)[0]:
            raise TimeoutError(f"it shows:\n{self.screen.text[-2000:]}")
        try:
            received = os.read(self._master, 65536)
        except OSError:  # Linux tells so that the other side was closed
            return False
        self.screen.feed(self._decode(received))
        for _ in range(self.screen.asked):
            row = min(self.screen.y, self.lines - 1) + 1
            os.write(self._master, f"\x1b[{row};{self.screen.x + 1}R".encode())
        self.screen.asked = 0
        return bool(received)


def _decoder() -> Callable[[bytes], str]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    return lambda data: decoder.decode(data)


def _take_terminal() -> None:
    """Make it the controlling terminal of the new session, so that Ctrl-C reaches the program."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
