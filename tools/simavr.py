"""Run firmware of the real Arduino AVR core on simavr, in virtual time, by the runner in hw/simavr.

Not shown by it: devices on I2C and SPI, analogue behaviour.
"""

import hashlib
import os
from pathlib import Path

from hw.board import Board, simavr_dir
from tools.artifacts import Emulation
from tools.board_files import read_trace, write_stimuli
from tools.elf import AVR, MACHINES, Elf
from tools.errors import BadInput, Setup
from tools.outcome import emulation
from tools.pins import pin_namer
from tools.process import find, run
from tools.stimuli import Stimuli
from tools.toolchain import cache_dir

_ARCHITECTURE = {"atmega328p": 5, "atmega2560": 6}
"""e_flags of the ELF: avr5 and avr6."""
_SYMBOLS = {
    "setup": "setup",
    "loop": "loop",
    "delay": "delay",
    "micros": "micros",
    "free": "free",
    "__stop_program": "stop",
    "abort": "abort",
    "_end": "heap_start",
    "__brkval": "brkval",
    "main": "main",
    "timer0_millis": "millis",
}
"""Symbols of the firmware, and what the runner calls them."""
_RAM_OFFSET = 0x800000
"""The linker numbers RAM from here."""


def check_elf(elf: Elf, name: str, board: Board) -> None:
    """Raise BadInput when `elf` is not firmware for the chip of `board`."""
    assert board.emulator is not None
    if elf.machine != AVR:
        what = MACHINES.get(elf.machine, f"machine {elf.machine}")
        raise BadInput(f"{name} is for {what}, but {board.id} is an AVR: compile the sketch for {board.fqbn}")
    if elf.flags & 0x7F != _ARCHITECTURE[board.emulator.machine]:
        raise BadInput(f"{name} is for another AVR than the {board.chip} of {board.id}: compile it for {board.fqbn}")


def run_simavr(
    elf: Path, board: Board, stimuli: Stimuli, until_ms: int, work_dir: Path, hang_ms: int, timeout_s: float
) -> Emulation:
    """Run `elf` until `until_ms` of virtual time, a crash or a hang; `work_dir` receives the trace."""
    assert board.emulator is not None
    write_stimuli(stimuli, work_dir, until_ms, hang_ms)
    trace_path = work_dir / "trace.bin"
    trace_path.unlink(missing_ok=True)
    done = run(command(elf, board), timeout_s=timeout_s, cwd=work_dir)
    trace = read_trace(trace_path, pin_namer(board))
    return emulation(done, trace, elf, "avr-addr2line", ns_per_instruction=0)


def command(elf: Path, board: Board) -> list[str | Path]:
    """The program that runs `elf`; in real time where its working folder has the terminal live.tty."""
    assert board.emulator is not None
    return [_runner(), elf.resolve(), board.emulator.machine, str(board.clock_hz), *_symbols(elf)]


def _symbols(elf: Path) -> list[str]:
    done = run([find("avr-nm"), elf], timeout_s=30)
    found = []
    for line in done.stdout.splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[2] in _SYMBOLS:  # undefined ones have no address
            value = int(fields[0], 16)
            found.append(f"{_SYMBOLS[fields[2]]}={value - _RAM_OFFSET if value >= _RAM_OFFSET else value}")
    return found


def _runner() -> Path:
    """The compiled runner, kept in the cache and made again when its sources change."""
    sources = sorted(simavr_dir().glob("*.c"))
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(simavr_dir().glob("*.[ch]")))).hexdigest()[:12]
    binary = cache_dir() / "bin" / f"simavr-runner-{digest}"
    if binary.is_file():
        return binary
    binary.parent.mkdir(parents=True, exist_ok=True)
    part = binary.with_name(f".{binary.name}.{os.getpid()}")
    libraries = ["-lsimavr", "-lelf", "-lm"]
    done = run([find("gcc"), "-std=gnu11", "-O2", "-o", part, *sources, *libraries], timeout_s=120)
    if done.returncode != 0:
        part.unlink(missing_ok=True)
        raise Setup(f"the AVR runner does not compile (libsimavr-dev?): {done.stderr.strip()[-200:]}")
    part.replace(binary)
    return binary
