"""How firmware fails: each kind with its source line, hangs, high-water marks, and runs that repeat byte by byte."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hw.board import boards
from tools.artifacts import Build, Emulation
from tools.emulate import emulate

pytestmark = pytest.mark.toolchain

Compile = Callable[..., Build]
Run = Callable[..., Emulation]
ALL = ("nano33ble", "nano33ble_rev2", "nucleo_h743zi", "netduinoplus2", "uno", "mega")
KINDS = [
    ("z", "division by zero at sketch.ino:13 (trap_division())"),
    ("u", "unaligned access at sketch.ino:18 (trap_alignment())"),
    ("p", "unaligned access at sketch.ino:31 (loop)"),
    ("i", "undefined instruction at sketch.ino:33 (loop)"),
    ("m", "access through a null pointer at sketch.ino:34 (loop) (address 0x00000050)"),
    ("x", "exit() called"),
    ("w", "access to an address that is not memory at sketch.ino:36 (loop)"),
]


@pytest.mark.parametrize("board", ["nano33ble", "nucleo_h743zi", "netduinoplus2"])
@pytest.mark.parametrize(("command", "reason"), KINDS)
def test_each_kind_of_fault_has_its_line(run_sketch: Run, board: str, command: str, reason: str) -> None:
    run = run_sketch("faults", 300, f"t_ms,serial\n50,{command}\n", board=board)
    assert run.status == "crash"
    assert run.reason.startswith(reason)
    assert [line.text for line in run.serial] == ["0", "0"]


def test_a_fault_within_a_fault_is_a_crash(run_sketch: Run) -> None:
    run = run_sketch("faults", 600, "t_ms,serial\n300,l\n")
    assert run.status == "crash"
    assert run.reason.startswith("the processor locked up in a fault within a fault after ")


@pytest.mark.parametrize("board", ["nano33ble"])
def test_a_processor_that_masks_everything_ends_by_host_time(run_sketch: Run, board: str) -> None:
    run = run_sketch("faults", 100_000, "t_ms,serial\n50,d\n", board=board, timeout_s=3)
    assert run.status == "timeout"


@pytest.mark.parametrize(
    ("board", "stack", "heap"),
    [(board, 600, 800) for board in ("nano33ble", "nucleo_h743zi", "netduinoplus2", "uno", "mega")],
)
def test_marks_of_a_known_use(run_sketch: Run, board: str, stack: int, heap: int) -> None:
    run = run_sketch("small_marks", 50, board=board)
    assert run.stack_bytes is not None
    assert run.heap_bytes is not None
    assert stack <= run.stack_bytes <= stack + 250
    assert heap <= run.heap_bytes <= heap + 100


@pytest.mark.parametrize("board", ALL)
def test_two_runs_leave_the_same_bytes(compile_named: Compile, board: str, tmp_path: Path) -> None:
    elf = Path(compile_named("reading", board).elf)
    stimuli = tmp_path / "s.csv"
    stimuli.write_text('t_ms,serial,pin.2,analog.0\n20,"i 1,2 3",1,500\n90,bytes,0,\n200,a longer line of text,1,3\n')
    traces = []
    for folder in ("one", "two"):
        run = emulate(elf, boards()[board], stimuli, 400, tmp_path / folder)
        assert run.status == "done"
        assert run.serial[-1].text.startswith("21 ")
        traces.append((tmp_path / folder / "trace.bin").read_bytes())
    assert traces[0] == traces[1]
    assert len(traces[0]) > 100
