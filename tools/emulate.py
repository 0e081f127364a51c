"""Run firmware on the emulated board: exactly repeatable, in virtual time, under stimuli from a CSV."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hw.board import Board
from tools import qemu, simavr
from tools.artifacts import Emulation
from tools.elf import read_elf
from tools.errors import BadInput
from tools.stimuli import MAX_MS, NONE, check_board, read_stimuli
from tools.trace import traced_tool

HANG_MS = 5000
"""Virtual time that setup() or loop() may take without returning."""
_TIMEOUT_BASE_S = 60.0
_TIMEOUT_PER_VIRTUAL_S = 2.0
"""A busy loop runs at several times real time; this allows for a loaded machine."""


@traced_tool
def emulate(
    elf: Path,
    board: Board,
    stimuli: Path | None,
    until_ms: int,
    work_dir: Path,
    *,
    hang_ms: int = HANG_MS,
    timeout_s: float | None = None,
    lines: Sequence[tuple[int, str]] = (),
) -> Emulation:
    """Run `elf` on the emulated `board` until `until_ms` of virtual time and return what it did.

    `stimuli`: CSV as tools/stimuli.py describes it. `work_dir` holds the files of one run at a time. `hang_ms`:
    longest virtual time for which setup() or loop() may be busy (sleep in delay() counts only at the end of the
    run); 0: no limit. `timeout_s`: limit of host time, by default generous for `until_ms`. `lines`: (t_ms, text) that
    go to the serial line besides those of the stimuli.

    `status` is done, crash (`reason` names fault and source line), hang, or timeout (host time). `instructions` are
    those of the firmware: neither sleep nor the virtual hardware's own work counts.

    Raises BadInput for stimuli or an ELF that do not fit the board, Setup when the emulator is missing.
    """
    if board.emulator is None:
        raise BadInput(f"board {board.id} has no emulator")
    if not 0 < until_ms <= MAX_MS:
        raise BadInput(f"until_ms is {until_ms}: it must be within 1 .. {MAX_MS}")
    on_avr = board.emulator.kind == "simavr"
    (simavr if on_avr else qemu).check_elf(read_elf(elf), elf.name, board)
    told = NONE if stimuli is None else read_stimuli(stimuli)
    check_board(told, board)
    sent = sorted([*told.lines, *((t_ms, text.encode() + b"\n") for t_ms, text in lines)], key=lambda line: line[0])
    told = replace(told, lines=tuple(sent))
    work_dir.mkdir(parents=True, exist_ok=True)
    limit_s = timeout_s if timeout_s is not None else _TIMEOUT_BASE_S + until_ms / 1000 * _TIMEOUT_PER_VIRTUAL_S
    run = simavr.run_simavr if on_avr else qemu.run_qemu
    return run(elf, board, told, until_ms, work_dir, hang_ms, limit_s)
