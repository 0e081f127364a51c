"""Real arduino-cli, gcc and QEMU: each family of the Arduino API, sensors, crashes, hangs, repeatability."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hw.board import boards
from tools.artifacts import Build, Emulation
from tools.emulate import emulate
from tools.errors import BadInput

pytestmark = pytest.mark.toolchain

Compile = Callable[..., Build]
Run = Callable[..., Emulation]


def texts(run: Emulation) -> list[str]:
    return [line.text for line in run.serial]


def events(run: Emulation, name: str) -> list[tuple[int, str, int]]:
    return [(p.t_ms, p.mode, p.value) for p in run.pins if p.name == name]


def test_print_formats(run_sketch: Run) -> None:
    run = run_sketch("serial_formats", 50)
    assert run.status == "done"
    assert texts(run) == [
        "FF", "11111111", "10", "-42", "FFFFFFFF", "4294967295", "-9223372036854775807", "18446744073709551615", "0",
        "3.14", "3.1416", "-2", "2.00", "nan", "inf", "ovf", "c", "99", "flash", "string", "3,-4", "1", "ABCDE",
        "length", "8", "no newline at the end",
    ]  # fmt: skip


def test_strings(run_sketch: Run) -> None:
    assert texts(run_sketch("strings", 50)) == [
        "Hello 42 1.500 yes", "ff101-7x1.25c10", "18", "6", "3", "16", "-1", "43", "11", "[Trim Me]", "TRIM ME",
        "TRIM You and You", "TRIM", "1", "1", "7.50", "Hel", "PlIMI0", "b,c", "123",
    ]  # fmt: skip


def test_printf_of_floats_as_the_vendors_link_it(run_sketch: Run) -> None:
    assert texts(run_sketch("formats", 50)) == ["3.142 7 1.2e+04", "12"]  # mbed_nano: the full C library
    assert texts(run_sketch("formats", 50, board="netduinoplus2")) == [" 7 ", "12"]  # STM32 core: the small one


def test_serial_input_reaches_every_reader(run_sketch: Run) -> None:
    stimuli = 't_ms,serial\n200,"i 12,-7 3.25"\n300,find x key=v1; rest\n400,bytes\n500,plain\n'
    assert texts(run_sketch("reading", 700, stimuli)) == [
        "0", "1", "-1", "12 -7 3.250", "v1", "5bytes", "5 " + str(checksum("plain")),
    ]  # fmt: skip


def checksum(text: str) -> int:
    total = 0
    for byte in text.encode():
        total = (total * 31 + byte) % 2**32
    return total


def test_long_lines_are_held_back_but_not_lost(run_sketch: Run) -> None:
    lines = ["~" + bytes((7 * i + k) % 256 for i in range(2000)).hex() for k in range(3)]
    stimuli = "t_ms,serial\n" + "".join(f"100,{line}\n" for line in lines)
    run = run_sketch("reading", 2500, stimuli)
    assert texts(run)[3:] == [f"4001 {checksum(line)}" for line in lines]
    # 4002 bytes at 115,200 baud take 347 ms.
    assert 330 <= run.serial[4].t_ms - run.serial[3].t_ms <= 365


def test_digital_pins_and_analog_inputs(run_sketch: Run) -> None:
    run = run_sketch("pins", 290, "t_ms,pin.2,pin.3,analog.0,analog.1\n0,,,,\n50,0,1,512,\n150,1,0,,1023\n")
    assert texts(run) == ["101 0 0", "0", "011 512 0", "2048", "101 512 1023", "2048"]
    assert events(run, "LED_BUILTIN") == [(0, "digital", 0), (100, "digital", 1), (200, "digital", 0)]
    assert events(run, "D5") == [(0, "digital", 0), (0, "digital", 1)]


def test_rgb_led_is_off_until_driven_low(run_sketch: Run) -> None:
    run = run_sketch("pins", 20)
    assert events(run, "LEDR") == [(0, "digital", 1)]
    assert events(run, "LEDG") == [(0, "digital", 0), (0, "digital", 1)]
    assert events(run, "LEDB") == []


def test_pwm(run_sketch: Run) -> None:
    run = run_sketch("pwm", 100)
    assert events(run, "D9") == [(0, "pwm", 128), (10, "pwm", 255), (20, "pwm", 128), (30, "digital", 0)]


def test_time(run_sketch: Run) -> None:
    run = run_sketch("timing", 1100)
    assert texts(run)[:2] == ["1", "1"]
    times = [int(t) for t in texts(run)[2:]]
    assert times[0] in (122, 123)
    assert [t - times[0] for t in times[1:]] == [250, 500, 750]
    assert [line.t_ms for line in run.serial[2:]] == times
    assert run.virtual_ms == 1100
    # 122 ms of it were busy, the rest was slept.
    assert 22 / 1000 < run.instructions * 32e-9 < 24 / 1000


def test_interrupts(run_sketch: Run) -> None:
    stimuli = "t_ms,pin.2,pin.3,pin.4\n10,1,0,1\n20,0,1,0\n30,1,0,1\n40,0,1,1\n150,1,,\n250,0,0,\n260,1,1,0\n"
    assert texts(run_sketch("interrupts", 400, stimuli)) == ["223", "23", "334"]


def test_color_sensor(run_sketch: Run) -> None:
    stimuli = "t_ms,color.r,color.g,color.b,proximity\n0,100,200,300,40\n300,9000,5,,255\n"
    run = run_sketch("color", 600, stimuli)
    assert texts(run)[0] == "ready"
    colors = [(line.t_ms, line.text) for line in run.serial if line.text.startswith("color")]
    assert {text for t, text in colors if t < 300} == {"color 100 200 300 600"}
    # The ADC's largest count after 4 steps of integration, and clear as the sum of the colours.
    assert {text for t, text in colors if t > 320} == {"color 4097 5 300 4097"}
    assert 20 <= len(colors) <= 50  # each takes 11.1 ms of integration and 2.8 ms of wait, and polling
    assert {"proximity 40", "proximity 255"} <= set(texts(run))


def test_gestures(run_sketch: Run) -> None:
    run = run_sketch("color", 900, "t_ms,gesture\n200,up\n500,left\n")
    seen = [(line.t_ms // 100, line.text) for line in run.serial if line.text in ("up", "left", "other")]
    assert seen == [(2, "up"), (5, "left")]


def test_imu(run_sketch: Run) -> None:
    header = "t_ms,accel.x,accel.y,accel.z,gyro.x,gyro.y,gyro.z,mag.x,mag.y,mag.z\n"
    run = run_sketch("imu", 2500, header + "0,0.5,-0.25,1,100,-20,3000,22.5,-10,40\n1300,9,,,,,,,,\n")
    lines = texts(run)
    assert lines[0] == "119.00"
    assert "accel 0.500 -0.250 1.000" in lines
    assert "accel 4.000 -0.250 1.000" in lines  # saturated at the range
    assert "gyro 99.976 -20.020 1999.939" in lines
    assert "mag 22.498 -9.998 40.002" in lines
    counts = [int(n) for n in next(t for t in lines if t.startswith("counts")).split()[1:]]
    assert counts[0] == pytest.approx(1.88 * 119, abs=4)
    assert counts[2] == pytest.approx(1.88 * 20, abs=2)
    # 150 ms at 119 Hz, and those that came while they were read over the bus at 100 kHz.
    assert lines[-1].startswith("kept ")
    assert 18 <= int(lines[-1].split()[1]) <= 22


def test_imu_of_the_second_revision(run_sketch: Run) -> None:
    header = "t_ms,accel.x,accel.y,accel.z,gyro.x,gyro.y,gyro.z,mag.x,mag.y,mag.z\n"
    run = run_sketch("imu_rev2", 2100, header + "0,0.5,-0.25,1,100,-20,3000,22.5,-10,40\n", board="nano33ble_rev2")
    assert texts(run)[0] == "ready"
    first = {"accel 0.500 -0.250 1.000", "gyro 99.976 -20.020 1999.939", "mag 22.000 -10.000 40.000"}
    assert set(texts(run)[1:4]) == first  # accelerometer and gyroscope are ready in the same millisecond
    counts = [int(n) for n in texts(run)[4].split()]
    assert counts == [pytest.approx(97, abs=2), pytest.approx(97, abs=2), pytest.approx(9, abs=1)]
    assert int(texts(run)[5]) in (88, 96, 104)  # 100 a second, in lots of 8


def test_climate_sensors(run_sketch: Run) -> None:
    run = run_sketch("climate", 420, "t_ms,temperature,humidity,pressure\n0,21.5,33.3,100\n200,35.25,90,101.325\n")
    assert texts(run)[:2] == ["ready", "21.50 33.30 100.000 1000.00 21.50 70.70"]
    assert texts(run)[-1] == "35.25 90.00 101.325 1013.25 35.25 95.45"


def test_absent_devices_do_not_acknowledge(run_sketch: Run) -> None:
    assert texts(run_sketch("absent", 200)) == [
        "Wire1 0x1e", "Wire1 0x39", "Wire1 0x5c", "Wire1 0x5f", "Wire1 0x6b", "0", "-1", "0", "1", "AB",
    ]  # fmt: skip


def test_random(run_sketch: Run) -> None:
    assert texts(run_sketch("random_numbers", 100)) == ["1", "1", "1", "5"]


def test_tones(run_sketch: Run) -> None:
    run = run_sketch("tones", 200)
    expected = [(0, "tone", 440), (50, "tone", 0), (100, "tone", 1000), (130, "tone", 0)]
    assert events(run, "D8") == expected


def test_helpers(run_sketch: Run) -> None:
    assert texts(run_sketch("helpers", 100)) == [
        "127", "260.50", "19", "10001001", "1016", "1234", "abcd", "9", "1", "42", "190", "1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("w", "access to an address that is not memory at sketch.ino:6 (write_nowhere()) (address 0x60000000)"),
        ("n", "access through a null pointer at sketch.ino:27 (loop)"),
        ("j", "jump to an address that holds no code"),
        ("s", "stack overflow"),
        ("a", "abort() called"),
        ("m", "out of memory in operator new"),
    ],
)
def test_crash_names_the_source_line(run_sketch: Run, command: str, reason: str) -> None:
    run = run_sketch("crash", 500, f"t_ms,serial\n100,{command}\n")
    assert run.status == "crash"
    assert run.reason.startswith(reason)
    assert run.virtual_ms < 300
    assert texts(run) == ["before"]


def test_delay_in_an_interrupt_crashes_as_on_the_real_core(run_sketch: Run) -> None:
    run = run_sketch("crash", 500, "t_ms,serial,pin.2\n100,i,\n200,,1\n")
    assert (run.status, run.reason, run.virtual_ms) == ("crash", "delay() called in an interrupt", 200)


def test_hang(run_sketch: Run) -> None:
    busy = run_sketch("hang", 20_000, "t_ms,serial\n1000,b\n")
    assert busy.status == "hang"
    assert 6000 <= busy.virtual_ms <= 6010
    asleep = run_sketch("hang", 9000, "t_ms,serial\n1000,s\n", hang_ms=2000)
    assert (asleep.status, asleep.virtual_ms) == ("hang", 9000)


def test_one_long_delay_is_no_hang(run_sketch: Run) -> None:
    run = run_sketch("hang", 9500, "t_ms,serial\n1000,d\n")
    assert run.status == "done"
    assert texts(run) == ["back"]


def test_masked_interrupts_do_not_stop_time(run_sketch: Run) -> None:
    assert run_sketch("hang", 9000, "t_ms,serial\n10,m\n", hang_ms=500).status == "hang"


def test_own_main_ends_as_a_hang(run_sketch: Run) -> None:
    run = run_sketch("own_main", 9000, hang_ms=200)
    assert (run.status, run.virtual_ms) == ("hang", 201)
    assert run.reason == "the sketch has a main() of its own: setup() and loop() were never called"


def test_host_time_limit_is_the_backstop(run_sketch: Run) -> None:
    run = run_sketch("hang", 3_600_000, "t_ms,serial\n10,b\n", hang_ms=0, timeout_s=1.5)
    assert run.status == "timeout"
    assert run.virtual_ms > 100
    assert "host time" in run.reason


def test_stack_and_heap_marks(run_sketch: Run) -> None:
    run = run_sketch("marks", 20)
    assert run.stack_bytes is not None
    assert run.heap_bytes is not None
    assert 4000 <= run.stack_bytes <= 4500
    assert 10_000 <= run.heap_bytes <= 10_200


def test_two_runs_are_identical(run_sketch: Run) -> None:
    stimuli = "t_ms,accel.x,serial\n0,0.1,\n500,0.2,x\n"
    first, second = (run_sketch("imu", 1500, stimuli).model_copy(update={"seconds": 0.0}) for _ in range(2))
    assert first == second
    assert first.instructions > 10_000_000


def test_stimuli_of_many_records(run_sketch: Run) -> None:
    rows = "".join(f"{t // 10},{t % 1000 / 1000}\n" for t in range(200_000))
    run = run_sketch("timing", 500, "t_ms,accel.x\n" + rows)
    assert run.status == "done"


def test_elf_of_another_chip_is_refused(compile_named: Compile, tmp_path: Path) -> None:
    import sys

    board = boards()["nano33ble"]
    with pytest.raises(BadInput, match=r"is for x86-64|is for AArch64"):
        emulate(Path(sys.executable).resolve(), board, None, 100, tmp_path)
    text = tmp_path / "not.elf"
    text.write_text("hello")
    with pytest.raises(BadInput, match=r"not\.elf is not an ELF file"):
        emulate(text, board, None, 100, tmp_path)
    with pytest.raises(BadInput, match="is not there"):
        emulate(tmp_path / "absent.elf", board, None, 100, tmp_path)
    good = Path(compile_named("timing").elf).read_bytes()
    other = tmp_path / "other.elf"
    other.write_bytes(good.replace(b"nano33ble\0", b"nano34ble\0"))
    with pytest.raises(BadInput, match="built for the emulated nano34ble, not for nano33ble"):
        emulate(other, board, None, 100, tmp_path)
    cut = tmp_path / "cut.elf"
    cut.write_bytes(good[:200])
    with pytest.raises(BadInput, match="damaged"):
        emulate(cut, board, None, 100, tmp_path)


def test_until_must_be_sensible(compile_named: Compile, tmp_path: Path) -> None:
    elf = Path(compile_named("timing").elf)
    for until_ms in (0, -5, 10**12):
        with pytest.raises(BadInput, match="until_ms"):
            emulate(elf, boards()["nano33ble"], None, until_ms, tmp_path)
