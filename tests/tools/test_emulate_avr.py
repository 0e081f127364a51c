"""Real arduino-cli, gcc-avr, the real Arduino AVR core and simavr: the Uno and the Mega."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hw.board import boards
from tools.artifacts import Build, Emulation
from tools.compile import compile_sketch
from tools.emulate import emulate
from tools.errors import BadInput

pytestmark = pytest.mark.toolchain

Compile = Callable[..., Build]
Run = Callable[..., Emulation]
BOARDS = ("uno", "mega")


def texts(run: Emulation) -> list[str]:
    return [line.text for line in run.serial]


def events(run: Emulation, name: str) -> list[tuple[int, str, int]]:
    return [(p.t_ms, p.mode, p.value) for p in run.pins if p.name == name]


def near(found: list[tuple[int, str, int]], expected: list[tuple[int, str, int]]) -> bool:
    """Equal but for a millisecond or two: this clock counts cycles, which the real core spends on its way."""
    same = [e[1:] for e in found] == [e[1:] for e in expected]
    return same and all(abs(f[0] - e[0]) <= 2 for f, e in zip(found, expected, strict=True))


@pytest.mark.parametrize("board", BOARDS)
def test_strings(run_sketch: Run, board: str) -> None:
    assert texts(run_sketch("strings", 60, board=board)) == [
        "Hello 42 1.500 yes", "ff101-7x1.25c10", "18", "6", "3", "16", "-1", "43", "11", "[Trim Me]", "TRIM ME",
        "TRIM You and You", "TRIM", "1", "1", "7.50", "Hel", "PlIMI0", "b,c", "123",
    ]  # fmt: skip


@pytest.mark.parametrize("board", BOARDS)
def test_serial_input(run_sketch: Run, board: str) -> None:
    stimuli = 't_ms,serial\n200,"i 12,-7 3.25"\n300,find x key=v1; rest\n400,bytes\n'
    assert texts(run_sketch("reading", 500, stimuli, board=board)) == ["0", "1", "-1", "12 -7 3.250", "v1", "5bytes"]


@pytest.mark.parametrize("board", BOARDS)
def test_long_line_at_line_rate(run_sketch: Run, board: str) -> None:
    line = "~" + bytes(7 * i % 256 for i in range(300)).hex()
    run = run_sketch("reading", 400, f"t_ms,serial\n100,{line}\n", board=board)
    total = 0
    for byte in line.encode():
        total = (total * 31 + byte) % 2**32
    assert texts(run)[3] == f"601 {total}"
    assert 150 <= run.serial[3].t_ms <= 160  # 602 bytes at 115,200 baud take 52 ms


@pytest.mark.parametrize("board", BOARDS)
def test_pins(run_sketch: Run, board: str) -> None:
    stimuli = "t_ms,pin.2,pin.3,analog.0,analog.1\n0,,0,,\n50,0,1,512,\n150,1,0,,1023\n"
    run = run_sketch("avr_pins", 290, stimuli, board=board)
    assert texts(run) == ["101 0 0 0", "011 512 0 1", "101 512 1023 1"]
    expected = [(0, "digital", 0), (100, "digital", 1), (200, "digital", 0)]
    assert near(events(run, "LED_BUILTIN"), expected)
    pwm = [e for e in events(run, "D9") if e[1] == "pwm"]
    assert pwm == [(0, "pwm", 100)]
    assert near(events(run, "D9")[-1:], [(200, "digital", 1)])


@pytest.mark.parametrize("board", BOARDS)
def test_tones(run_sketch: Run, board: str) -> None:
    run = run_sketch("tones", 200, board=board)
    found = [e for e in events(run, "D8") if e[1] == "tone"]
    # The timer gives the nearest frequency that it can.
    assert [(t, round(v, -1)) for t, _, v in found] == [(0, 440), (50, 0), (100, 1000), (130, 0)] or near(
        [(t, m, round(v, -1)) for t, m, v in found],
        [(0, "tone", 440), (50, "tone", 0), (100, "tone", 1000), (130, "tone", 0)],
    )


def test_time(run_sketch: Run) -> None:
    run = run_sketch("timing", 1100, board="uno")
    times = [int(t) for t in texts(run)[2:]]
    assert [t - times[0] for t in times[1:]] == [pytest.approx(d, abs=2) for d in (250, 500, 750)]
    assert run.virtual_ms == 1100
    assert 100_000 < run.instructions < 1_000_000  # of 17.6 M cycles: what delay() waits is not work


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("n", "jump to address 0: a null function pointer or an interrupt without function at avr_crash"),
        ("s", "stack overflow at sketch.ino:"),
        ("a", "abort() called at sketch.ino:"),
    ],
)
def test_crash(run_sketch: Run, command: str, reason: str) -> None:
    run = run_sketch("avr_crash", 400, f"t_ms,serial\n100,{command}\n", board="uno")
    assert run.status == "crash"
    assert run.reason.startswith(reason.replace("avr_crash", "sketch.ino:"))
    assert run.virtual_ms < 200
    assert texts(run)[0] == "before"


def test_hang_and_long_delay(run_sketch: Run) -> None:
    busy = run_sketch("hang", 3000, "t_ms,serial\n100,b\n", board="uno", hang_ms=500)
    assert (busy.status, busy.virtual_ms) == ("hang", pytest.approx(601, abs=3))
    asleep = run_sketch("hang", 2000, "t_ms,serial\n100,s\n", board="uno", hang_ms=500)
    assert (asleep.status, asleep.virtual_ms) == ("hang", 2000)
    back = run_sketch("hang", 8500, "t_ms,serial\n100,d\n", board="uno", hang_ms=500)
    assert back.status == "done"
    assert texts(back) == ["back"]


def test_own_main_is_told(run_sketch: Run) -> None:
    run = run_sketch("own_main", 3000, board="uno", hang_ms=200)
    assert run.status == "hang"
    assert run.reason == "the sketch has a main() of its own: setup() and loop() were never called"


def test_nobody_on_the_bus(run_sketch: Run) -> None:
    assert texts(run_sketch("avr_wire", 100, board="uno")) == ["nobody"]


def test_repeatable_with_marks(run_sketch: Run) -> None:
    first, second = (run_sketch("strings", 60, board="uno").model_copy(update={"seconds": 0.0}) for _ in range(2))
    assert first == second
    assert first.stack_bytes is not None
    assert 50 < first.stack_bytes < 500
    assert first.heap_bytes is not None
    assert 20 < first.heap_bytes < 300


def test_what_is_too_big_for_the_chip_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "sketch"
    folder.mkdir()
    (folder / "sketch.ino").write_text(
        "char big[3000];\nvoid setup() { big[millis()] = 1; Serial.println(big[micros()]); }\nvoid loop() {}\n"
    )
    build = compile_sketch(folder, boards()["uno"], tmp_path / "build")
    assert not build.ok
    assert any(d.message == "section `.bss' is not within region `data'" for d in build.diagnostics)


def test_firmware_of_another_chip_is_refused(compile_named: Compile, tmp_path: Path) -> None:
    uno, nano = Path(compile_named("timing", "uno").elf), Path(compile_named("timing").elf)
    with pytest.raises(BadInput, match="is for another AVR than the ATmega2560 of mega"):
        emulate(uno, boards()["mega"], None, 100, tmp_path)
    with pytest.raises(BadInput, match="is for ARM, but uno is an AVR"):
        emulate(nano, boards()["uno"], None, 100, tmp_path)
    with pytest.raises(BadInput, match="is for AVR, but nano33ble is emulated as ARM"):
        emulate(uno, boards()["nano33ble"], None, 100, tmp_path)


def test_sensor_stimuli_need_a_sensor(run_sketch: Run) -> None:
    with pytest.raises(BadInput, match="board uno has no such sensor"):
        run_sketch("timing", 100, "t_ms,accel.x\n0,1\n", board="uno")
