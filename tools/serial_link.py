"""A board's serial port, line by line, over pyserial; what goes wrong with a port is told in one line."""

import contextlib
import errno
import grp
import os
import termios
import time
from pathlib import Path
from types import TracebackType

import serial

from tools.artifacts import SerialLine
from tools.errors import BadInput, Setup, TinysmithError

_POLL_S = 0.05
_WRITE_TIMEOUT_S = 10.0
_REOPEN_S = 0.1
_SETTLE_S = 2.0
"""How long a fresh port may be closed to us: udev sets its group a moment after it has appeared."""


class Unplugged(Setup):
    """The port went away while it was open."""

    def __init__(self, port: str) -> None:
        super().__init__(f"the board on {port} was unplugged", "plug it in again and repeat the command")


class SerialLink:
    """An open port. Times are milliseconds since it was opened."""

    def __init__(self, port: str, baud: int) -> None:
        """Open `port` for this program alone; many boards reset at this. Raises BadInput or Setup (see open_link)."""
        self.port = port
        try:
            self._port = serial.Serial(port, baud, timeout=_POLL_S, write_timeout=_WRITE_TIMEOUT_S, exclusive=True)
        except (OSError, termios.error) as error:
            raise _cannot_open(port, error) from error
        self._opened = time.monotonic()
        self._rest = bytearray()

    def __enter__(self) -> "SerialLink":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the port; an unplugged one closes quietly."""
        with contextlib.suppress(OSError, termios.error):
            self._port.close()

    def send(self, line: str) -> None:
        """Send a line. Raises Unplugged, or Setup when the board takes no bytes."""
        try:
            self._port.write(line.encode() + b"\n")
        except serial.SerialTimeoutException as error:
            raise Setup(f"the board on {self.port} takes no bytes", "press its reset button and repeat") from error
        except (OSError, termios.error) as error:
            raise Unplugged(self.port) from error

    def receive(self, timeout_s: float) -> SerialLine | None:
        """The next whole line of the board; None when none was finished within `timeout_s`. Raises Unplugged."""
        end = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            if time.monotonic() >= end:
                return None
            self._read()
        line, _, rest = self._rest.partition(b"\n")
        self._rest = bytearray(rest)
        t_ms = round((time.monotonic() - self._opened) * 1000)
        return SerialLine(t_ms=t_ms, text=line.decode(errors="replace").rstrip("\r"))

    def _read(self) -> None:
        try:
            self._rest += self._port.read(max(1, self._port.in_waiting))
        except (OSError, termios.error, TypeError) as error:  # TypeError: pyserial's, closed from another thread
            raise Unplugged(self.port) from error


def open_link(port: str, baud: int, within_s: float) -> SerialLink:
    """Open `port`, which may appear and become ours only within `within_s`.

    Raises Setup when it is not there, is not ours to open or went away; BadInput when another program holds it or it
    is no serial port.
    """
    started = time.monotonic()
    while True:
        try:
            return SerialLink(port, baud)
        except TinysmithError:
            patience = within_s if not Path(port).exists() else min(within_s, _SETTLE_S)
            if time.monotonic() - started >= patience:
                raise
        time.sleep(_REOPEN_S)


def _cannot_open(port: str, error: Exception) -> TinysmithError:
    code = getattr(error, "errno", None)
    if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return Setup(f"there is no port {port}", "plug the board in, or name its port: tinysmith flash RUN --port PORT")
    if code in (errno.EACCES, errno.EPERM):
        return Setup(f"this user may not open {port}", _permission(port))
    if code == errno.EIO:
        return Unplugged(port)
    if code == errno.EBUSY or "lock" in str(error):
        return BadInput(f"another program has {port} open: close it (a serial monitor?)")
    return BadInput(f"{port} is not a serial port: {error}")


def _permission(port: str) -> str:
    """What lets this user open the port: its group where it has one, else a rule for udev."""
    try:
        status = os.stat(port)
        group = grp.getgrgid(status.st_gid).gr_name
    except (OSError, KeyError):
        return f"ls -l {port}"
    if group != "root" and status.st_mode & 0o060 == 0o060:
        return f"sudo usermod -aG {group} $USER, then log in again"
    rule = 'SUBSYSTEM=="tty", MODE="0660", GROUP="dialout"'
    return f"echo '{rule}' | sudo tee /etc/udev/rules.d/60-serial.rules, plug the board in again"
