"""The core on its other two machines: Cortex-M7 (mps2-an500) and a real STM32F405 (netduinoplus2)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hw.board import boards
from tools.artifacts import Build, Emulation
from tools.emulate import emulate
from tools.errors import BadInput
from tools.qemu import _compare_uart

pytestmark = pytest.mark.toolchain

Compile = Callable[..., Build]
Run = Callable[..., Emulation]
BOARDS = ("nucleo_h743zi", "netduinoplus2")
LED = {"nucleo_h743zi": "LED_BUILTIN", "netduinoplus2": "PA10"}


def texts(run: Emulation) -> list[str]:
    return [line.text for line in run.serial]


@pytest.mark.parametrize("board", BOARDS)
def test_pins_and_serial(run_sketch: Run, board: str) -> None:
    stimuli = "t_ms,pin.2,pin.3,analog.0,analog.1\n0,,0,,\n50,0,1,512,\n150,1,0,,1023\n"
    run = run_sketch("stm32_pins", 310, stimuli, board=board)
    assert texts(run) == ["heard", "10 0 0 0", "01 512 0 1", "10 512 1023 1"]
    led = [(p.t_ms, p.value) for p in run.pins if p.name == LED[board]]
    assert led == [(0, 0), (120, 1), (220, 0)]
    late = [(p.t_ms, p.mode, p.value) for p in run.pins if p.pin == 6]
    assert late == [(20, "digital", 1)]
    assert [(p.mode, p.value) for p in run.pins if p.pin == 5] == [("pwm", 64)]


@pytest.mark.parametrize("board", BOARDS)
def test_time(run_sketch: Run, board: str) -> None:
    run = run_sketch("timing", 1100, board=board)
    assert texts(run)[:2] == ["1", "1"]
    times = [int(t) for t in texts(run)[2:]]
    assert [t - times[0] for t in times[1:]] == [250, 500, 750]
    assert 22 / 1000 < run.instructions * 32e-9 < 24 / 1000


@pytest.mark.parametrize("board", BOARDS)
def test_serial_input(run_sketch: Run, board: str) -> None:
    stimuli = 't_ms,serial\n200,"i 12,-7 3.25"\n300,find x key=v1; rest\n400,bytes\n'
    assert texts(run_sketch("reading", 500, stimuli, board=board)) == ["0", "1", "-1", "12 -7 3.250", "v1", "5bytes"]


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(
    ("command", "reason"),
    [("w", "access to an address that is not memory at sketch.ino:6 (write_nowhere())"), ("s", "stack overflow")],
)
def test_crash(run_sketch: Run, board: str, command: str, reason: str) -> None:
    run = run_sketch("crash", 500, f"t_ms,serial\n100,{command}\n", board=board)
    assert run.status == "crash"
    assert run.reason.startswith(reason)


@pytest.mark.parametrize("board", BOARDS)
def test_marks_and_repeatability(run_sketch: Run, board: str) -> None:
    first, second = (run_sketch("marks", 50, board=board).model_copy(update={"seconds": 0.0}) for _ in range(2))
    assert first == second
    assert first.stack_bytes is not None
    assert 4000 <= first.stack_bytes <= 4500
    assert first.heap_bytes is not None
    assert first.heap_bytes >= 10_000


@pytest.mark.parametrize("board", ["netduinoplus2", "uno"])
def test_storage(run_sketch: Run, board: str) -> None:
    lines = texts(run_sketch("storage", 200, board=board))
    assert lines[:4] == ["255", "42 3 45", "-5 1.50", "1"]


@pytest.mark.parametrize(("board", "size"), [("netduinoplus2", 8192), ("nucleo_h743zi", 8192), ("uno", 1024)])
def test_storage_has_the_whole_api_and_is_erased_between_runs(run_sketch: Run, board: str, size: int) -> None:
    # 300 % 256 = 44; (44 * 2 - 8) / 4 % 15 = 5; ((0xF0 ^ 0xFF) << 2 | 1) & 0x3D, halved = 30
    wanted = [str(size), "44 5 30 10 10", "4", "beef 2.50", "beef 2.50"]
    for _ in range(2):
        assert [text.lower() for text in texts(run_sketch("storage_api", 190, board=board))[:5]] == wanted


def test_the_nano_has_no_eeprom_library(compile_named: Compile) -> None:
    build = compile_named("storage")
    assert not build.ok
    assert any("has no EEPROM" in d.message for d in build.diagnostics)


def test_double_arithmetic_is_in_hardware_on_the_m7(compile_named: Compile) -> None:
    m7, m4 = compile_named("serial_formats", "nucleo_h743zi"), compile_named("serial_formats", "netduinoplus2")
    assert m7.ok
    assert m7.flash_bytes < m4.flash_bytes - 1000  # no library for doubles


def test_elf_of_the_other_board_is_refused(compile_named: Compile, tmp_path: Path) -> None:
    elf = Path(compile_named("timing", "nucleo_h743zi").elf)
    with pytest.raises(BadInput, match="built for the emulated nucleo_h743zi, not for nano33ble"):
        emulate(elf, boards()["nano33ble"], None, 100, tmp_path)


def test_uart_and_trace_are_compared(tmp_path: Path) -> None:
    path = tmp_path / "uart.txt"
    path.write_bytes(b"heard\r\n")
    _compare_uart(path, b"heard\r\n")
    with pytest.raises(RuntimeError, match="differ"):
        _compare_uart(path, b"herd\r\n")
