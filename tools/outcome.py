"""From an emulator's trace and exit to an Emulation: why it ended, and where in the source."""

from collections.abc import Sequence
from pathlib import Path

from tools.artifacts import Emulation
from tools.board_files import End, Trace
from tools.errors import Setup
from tools.process import Completed, find, run

_STATUS = ("done", "crash", "hang")


def emulation(done: Completed, trace: Trace, elf: Path, addr2line: str, ns_per_instruction: int) -> Emulation:
    """What a run came to. `ns_per_instruction` 0: the trace itself counts instructions, else they follow from time.

    Raises Setup when the emulator ended by itself without a report.
    """
    end = trace.end
    if end is None:
        return _stopped(done, trace, ns_per_instruction)
    return Emulation(
        status=_STATUS[end.status],  # type: ignore[arg-type]
        reason=_reason(end, elf, addr2line),
        virtual_ms=end.total_ns // 1_000_000,
        instructions=end.work // ns_per_instruction if ns_per_instruction else end.work,
        serial=tuple(trace.serial),
        pins=tuple(trace.pins),
        stack_bytes=end.stack_bytes,
        heap_bytes=end.heap_bytes,
        heap_growth=_by_second(trace.heap),
        baud=trace.baud,
        seconds=done.seconds,
    )


def _by_second(heap: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Of each second in which the heap grew, the last growth."""
    return tuple({t_ms // 1000: (t_ms, size) for t_ms, size in heap}.values())


def _stopped(done: Completed, trace: Trace, ns_per_instruction: int) -> Emulation:
    restarted = not done.timed_out and done.returncode == 0 and trace.last_ms
    locked_up = not done.timed_out and "Lockup" in done.stderr  # QEMU gives up then
    if restarted or locked_up:
        what = "processor locked up in a fault within a fault" if locked_up else "board restarted"
        return Emulation(
            status="crash",
            reason=f"the {what} after {trace.last_ms} ms or a little later",
            virtual_ms=trace.last_ms,
            instructions=0,
            serial=tuple(trace.serial),
            pins=tuple(trace.pins),
            seconds=done.seconds,
        )
    if not done.timed_out:
        said = done.stderr.strip()[-300:]
        program = Path(done.argv[0]).name
        raise Setup(f"{program} ended with code {done.returncode}: {said or 'no message'}", "tinysmith doctor")
    return Emulation(
        status="timeout",
        reason=f"stopped after {done.seconds:.0f} s of host time; the last sign of life was at {trace.last_ms} ms",
        virtual_ms=trace.last_ms,
        # Sleep cannot be told apart here: an upper bound.
        instructions=trace.last_ms * 1_000_000 // ns_per_instruction if ns_per_instruction else 0,
        serial=tuple(trace.serial),
        pins=tuple(trace.pins),
        seconds=done.seconds,
    )


def _reason(end: End, elf: Path, addr2line: str) -> str:
    if not end.pc:
        return end.reason
    where = source_line(elf, end.pc, addr2line)
    text = f"{end.reason} at {where}"
    if ".ino" not in where and end.lr:
        text += f", called from {source_line(elf, end.lr - 1, addr2line)}"
    if end.fault_address:
        text += f" (address 0x{end.fault_address:08x})"
    return text


def source_line(elf: Path, address: int, addr2line: str) -> str:
    """`file:line (function)` of an address, as the debug information tells; the address itself where it does not."""
    # An odd address marks Thumb code; the line table knows the even one.
    done = run([find(addr2line), "-f", "-C", "-s", "-e", elf, hex(address & ~1)], timeout_s=30)
    function, _, place = done.stdout.strip().partition("\n")
    place = place.split(" ")[0]
    if done.returncode != 0 or function in ("", "??"):
        return f"0x{address:08x}"
    return f"{place} ({function})" if not place.startswith("??") else function
