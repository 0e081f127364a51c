"""Run firmware of our own Arduino core on QEMU, in virtual time.

Not shown by it: cycles (QEMU counts instructions), radio, power, analogue behaviour.
"""

from pathlib import Path

from hw.board import Board
from tools.artifacts import Emulation
from tools.board_files import End, Trace, read_trace, write_stimuli
from tools.elf import ARM, MACHINES, Elf
from tools.errors import BadInput, Setup
from tools.pins import pin_namer
from tools.process import Completed, find, run
from tools.stimuli import Stimuli

NS_PER_INSTRUCTION = 32
"""-icount shift=5: each instruction takes 2^5 ns of virtual time."""
_ICOUNT = "shift=5,sleep=off"
_STATUS = ("done", "crash", "hang")


def check_elf(elf: Elf, name: str, board: Board) -> None:
    """Raise BadInput when `elf` is not firmware for the emulated `board`."""
    if elf.machine != ARM:
        what = MACHINES.get(elf.machine, f"machine {elf.machine}")
        raise BadInput(f"{name} is for {what}, but {board.id} is emulated as ARM")
    built_for = elf.sections.get(".tinysmith_board", b"").rstrip(b"\0").decode(errors="replace")
    fqbn = board.emulator.fqbn if board.emulator else ""
    if not built_for:
        raise BadInput(f"{name} was not built for an emulated board: compile the sketch for {fqbn}")
    if built_for != fqbn.split(":")[2]:
        raise BadInput(f"{name} was built for the emulated {built_for}, not for {board.id}: compile it for {fqbn}")


def run_qemu(
    elf: Path, board: Board, stimuli: Stimuli, until_ms: int, work_dir: Path, hang_ms: int, timeout_s: float
) -> Emulation:
    """Run `elf` until `until_ms` of virtual time, a crash or a hang; `work_dir` receives the trace."""
    write_stimuli(stimuli, work_dir, until_ms, hang_ms)
    trace_path = work_dir / "trace.bin"
    trace_path.unlink(missing_ok=True)
    done = run(_command(elf, board), timeout_s=timeout_s, cwd=work_dir)
    trace = read_trace(trace_path, pin_namer(board))
    if trace.end is None:
        return _stopped(done, trace, timeout_s)
    return Emulation(
        status=_STATUS[trace.end.status],  # type: ignore[arg-type]
        reason=_reason(trace.end, elf),
        virtual_ms=trace.end.total_ns // 1_000_000,
        instructions=trace.end.work_ns // NS_PER_INSTRUCTION,
        serial=tuple(trace.serial),
        pins=tuple(trace.pins),
        stack_bytes=trace.end.stack_bytes,
        heap_bytes=trace.end.heap_bytes,
        seconds=done.seconds,
    )


def _command(elf: Path, board: Board) -> list[str | Path]:
    assert board.emulator is not None
    machine = ["-M", board.emulator.machine, "-icount", _ICOUNT, "-semihosting-config", "enable=on,target=native"]
    quiet = ["-display", "none", "-monitor", "none", "-serial", "none", "-nodefaults"]
    return [find("qemu-system-arm"), *machine, *quiet, "-kernel", elf.resolve()]


def _stopped(done: Completed, trace: Trace, timeout_s: float) -> Emulation:
    if not done.timed_out:
        said = done.stderr.strip()[-300:]
        raise Setup(
            f"the emulator ended with code {done.returncode}: {said or 'no message'}", "qemu-system-arm --version"
        )
    return Emulation(
        status="timeout",
        reason=f"stopped after {timeout_s:.0f} s of host time; the last sign of life was at {trace.last_ms} ms",
        virtual_ms=trace.last_ms,
        instructions=trace.last_ms * 1_000_000 // NS_PER_INSTRUCTION,
        serial=tuple(trace.serial),
        pins=tuple(trace.pins),
        seconds=done.seconds,
    )


def _reason(end: End, elf: Path) -> str:
    if not end.pc:
        return end.reason
    where = source_line(elf, end.pc)
    text = f"{end.reason} at {where}"
    if ".ino" not in where and end.lr:
        text += f", called from {source_line(elf, end.lr - 1)}"
    if end.fault_address:
        text += f" (address 0x{end.fault_address:08x})"
    return text


def source_line(elf: Path, address: int) -> str:
    """`file:line (function)` of an address, as the debug information tells; the address itself where it does not."""
    tool = find("arm-none-eabi-addr2line")
    # An odd address marks Thumb code; the line table knows the even one.
    done = run([tool, "-f", "-C", "-s", "-e", elf, hex(address & ~1)], timeout_s=30)
    function, _, place = done.stdout.strip().partition("\n")
    place = place.split(" ")[0]
    if done.returncode != 0 or function in ("", "??"):
        return f"0x{address:08x}"
    return f"{place} ({function})" if not place.startswith("??") else function
