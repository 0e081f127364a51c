"""Run firmware of our own Arduino core on QEMU, in virtual time.

Not shown by it: cycles (QEMU counts instructions), radio, power, analogue behaviour.
"""

from pathlib import Path

from hw.board import Board
from tools.artifacts import Emulation
from tools.board_files import read_trace, write_stimuli
from tools.elf import ARM, MACHINES, Elf
from tools.errors import BadInput
from tools.outcome import emulation
from tools.pins import pin_namer
from tools.process import find, run
from tools.stimuli import Stimuli

NS_PER_INSTRUCTION = 32
"""-icount shift=5: each instruction takes 2^5 ns of virtual time."""
_UART_FILE = "uart.txt"
_ICOUNT = "shift=5,sleep=off"
_ICOUNT_LIVE = "shift=5,sleep=on,align=on"
"""Virtual time keeps to the clock on the wall: sleep takes its time, and busy code is held back."""


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
    if trace.end and board.emulator and board.emulator.uart is not None:
        _compare_uart(work_dir / _UART_FILE, bytes(trace.output))
    return emulation(done, trace, elf, "arm-none-eabi-addr2line", NS_PER_INSTRUCTION)


def live_command(elf: Path, board: Board) -> list[str | Path]:
    """The program that runs `elf` in real time, on the terminal live.tty of its working folder."""
    return _command(elf, board, _ICOUNT_LIVE)


def _command(elf: Path, board: Board, icount: str = _ICOUNT) -> list[str | Path]:
    assert board.emulator is not None
    machine = ["-M", board.emulator.machine, "-icount", icount, "-semihosting-config", "enable=on,target=native"]
    quiet = ["-display", "none", "-monitor", "none", "-nodefaults", "-no-reboot"]
    uart = board.emulator.uart
    ports = ["none"] if uart is None else [*["null"] * uart, f"file:{_UART_FILE}"]
    serial = [word for port in ports for word in ("-serial", port)]
    return [find("qemu-system-arm"), *machine, *quiet, *serial, "-kernel", elf.resolve()]


def _compare_uart(path: Path, traced: bytes) -> None:
    """What went through the emulator's real UART must be what the trace says: they are independent of each other."""
    sent = path.read_bytes() if path.is_file() else b""
    if sent != traced:
        raise RuntimeError(f"the UART sent {len(sent)} bytes, the trace has {len(traced)}, or they differ")
