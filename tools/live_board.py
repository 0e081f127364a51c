"""The emulated board in real time on a pseudo-terminal: a serial port like a real board's, for programs to open.

Not shown by it: USB itself (line states, speed), a bootloader, and noise on a line.
"""

import contextlib
import os
import select
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

from hw.board import Board
from tools import qemu, simavr
from tools.board_files import write_stimuli
from tools.elf import read_elf
from tools.errors import BadInput
from tools.process import running
from tools.stimuli import NONE, Stimuli

_POLL_S = 0.05
_BLOCK = 4096
_TERMINAL = "live.tty"


@contextlib.contextmanager
def live_board(
    elf: Path, board: Board, work_dir: Path, port: Path | None = None, stimuli: Stimuli = NONE
) -> Iterator[Path]:
    """Run `elf` on the emulated `board` for as long as the block lasts; yields the path of its serial port.

    `port`: where the link to the pseudo-terminal is made, by default work_dir/port; it vanishes when the emulator
    ends, whoever ended it, and the open port then fails as an unplugged one does. `stimuli` pass in real time.

    Raises BadInput for an ELF that does not fit the board, Setup when the emulator is missing.
    """
    if board.emulator is None:
        raise BadInput(f"board {board.id} has no emulator")
    emulator = simavr if board.emulator.kind == "simavr" else qemu
    emulator.check_elf(read_elf(elf), elf.name, board)
    command = simavr.command(elf, board) if emulator is simavr else qemu.live_command(elf, board)
    work_dir.mkdir(parents=True, exist_ok=True)
    write_stimuli(stimuli, work_dir, until_ms=0, hang_ms=0)
    port = port or work_dir / "port"
    with _Bridge(port, work_dir / _TERMINAL) as bridge, running(command, cwd=work_dir) as process:
        pump = threading.Thread(target=bridge.pump, args=(lambda: process.poll() is None,), daemon=True)
        pump.start()
        try:
            yield port
        finally:
            bridge.stop()
            pump.join()


class _Bridge:
    """Two pseudo-terminals back to back: the one at `port` for the host's programs, the one at `inner` for the board.

    Two, since a program can open only the far end of one by its path.
    """

    def __init__(self, port: Path, inner: Path) -> None:
        self.port, self.inner = port, inner
        self._stopped = False

    def __enter__(self) -> "_Bridge":
        self.host, self._host_far = _terminal(self.port)
        self.board, self._board_far = _terminal(self.inner)
        return self

    def __exit__(self, *_: object) -> None:
        self._unplug()
        self.inner.unlink(missing_ok=True)
        for handle in (self.board, self._board_far):
            os.close(handle)

    def stop(self) -> None:
        self._stopped = True

    def pump(self, board_lives: Callable[[], bool]) -> None:
        """Carry bytes both ways until stopped; unplug the port when the board has ended."""
        while not self._stopped and board_lives():
            ready, _, _ = select.select([self.host, self.board], [], [], _POLL_S)
            for source, target in ((self.host, self.board), (self.board, self.host)):
                if source in ready:
                    _write(target, os.read(source, _BLOCK))
        self._unplug()

    def _unplug(self) -> None:
        if self.host < 0:
            return
        self.port.unlink(missing_ok=True)
        os.close(self._host_far)
        os.close(self.host)
        self.host = -1


def _terminal(link: Path) -> tuple[int, int]:
    """A raw pseudo-terminal whose far end `link` points to, and whose reads do not wait: (near end, far end)."""
    near, far = os.openpty()
    tty.setraw(far)
    mode = termios.tcgetattr(far)
    mode[6][termios.VMIN] = mode[6][termios.VTIME] = 0
    termios.tcsetattr(far, termios.TCSANOW, mode)
    os.set_blocking(near, False)
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(far))
    return near, far


def _write(handle: int, data: bytes) -> None:
    """Write all of `data`; what a full terminal does not take because nobody reads it is lost, as on a wire."""
    while data:
        _, ready, _ = select.select([], [handle], [], _POLL_S)
        if not ready:
            return
        data = data[os.write(handle, data) :]
