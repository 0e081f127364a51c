"""The scaffold: every sensor, single readings and series, picked channels, odd names; and that it all compiles."""

import shutil
from pathlib import Path

import pytest

from hw.board import boards, sensors
from tools.artifacts import Architecture, Condition, Led, Normalise, Pin, Recipe, Rule, Stage, TaskSpec, Window
from tools.behaviour_cpp import to_cpp
from tools.c_code import generate
from tools.compile import compile_sketch
from tools.emulate import emulate
from tools.errors import BadInput
from tools.layers import layers_of
from tools.quantise import placeholder
from tools.sketch import app, line_counts, sample_period_ms, scaffold, window_of, write_sketch
from tools.tflite_file import write_tflite

BOARD = boards()["nano33ble"]
IMU = sensors()["imu"]
ODD = ("a b", "a_b", "Running", "running", 'say "hi" \\o/', "бег", "走", "count")
RULES = (Rule(trigger="while", condition=Condition(labels=("b",)), actions=(Led(name="red"), Pin(pin=4))),)
FILES = {
    "trial.ino", "sensor.h", "sensor.cpp", "classifier.h", "classifier.cpp", "outputs.h", "outputs.cpp",
    "selftest.h", "selftest.cpp", "features.h",
}  # fmt: skip


def recipe(size: int = 1, stride: int = 1) -> Recipe:
    window = (Window(size=size, stride=stride),) if size > 1 else ()
    return Recipe(steps=(*window, Normalise(method="none")))


def spec(classes: tuple[str, ...] = ("a", "b"), rules: tuple[Rule, ...] = RULES, request: str = "do it") -> TaskSpec:
    return TaskSpec(request=request, name="trial", board=BOARD.id, sensor="imu", classes=classes, behaviour=rules)


def rendered(sensor: str = "imu", channels: tuple[str, ...] = (), size: int = 1, stride: int = 1) -> dict[str, str]:
    fact = sensors()[sensor]
    names = channels or tuple(c.name for c in fact.channels) or ("x", "y")
    return scaffold(spec(), BOARD, fact, recipe(size, stride), names, 20 if fact.header else 0)


@pytest.mark.parametrize("sensor", ["color", "imu", "serial"])
@pytest.mark.parametrize("size", [1, 25])
def test_every_file_is_rendered_without_a_hole(sensor: str, size: int) -> None:
    files = rendered(sensor, size=size, stride=max(1, size // 2))
    assert set(files) == FILES
    assert not [name for name, text in files.items() if "{{" in text or "{%" in text or not text.endswith("\n")]
    assert f"constexpr int WINDOW = {size};" in files["classifier.cpp"]
    assert ("memmove(" in files["classifier.cpp"]) is (size > 1)
    assert (sensors()[sensor].header or "strtod") in files["sensor.cpp"]


def test_windows_that_do_not_overlap_need_no_move() -> None:
    assert "memmove(" not in rendered(size=10, stride=10)["classifier.cpp"]


def test_a_subset_of_the_channels_is_picked_in_the_datas_order() -> None:
    text = rendered(channels=("gyro.z", "accel.x"))["sensor.cpp"]
    assert "reading[0] = all[5];\n  reading[1] = all[0];" in text
    assert "float all[6];" in text
    assert "all[" not in rendered()["sensor.cpp"]
    assert "reading[0] = all[5]" in rendered(channels=tuple(c.name for c in reversed(IMU.channels)))["sensor.cpp"]


def test_a_channel_that_the_sensor_lacks_is_bad_input() -> None:
    with pytest.raises(BadInput, match=r"does not deliver mag\.x"):
        rendered(channels=("accel.x", "mag.x"))


def test_the_window_and_the_period_come_from_the_recipe() -> None:
    assert window_of(recipe(30, 10)) == (30, 10)
    assert window_of(recipe()) == (1, 1)
    assert sample_period_ms(recipe(), IMU, 50.0) == 20
    assert sample_period_ms(recipe(), IMU, None) == 100
    assert sample_period_ms(recipe(), sensors()["serial"], 50.0) == 0


def test_a_request_cannot_leave_its_comment() -> None:
    text = scaffold(spec(request="first\nint evil = 1;\r\nsecond"), BOARD, IMU, recipe(), ("accel.x",), 20)["trial.ino"]
    assert "// Asked for: first int evil = 1; second\n" in text


def test_app_tells_the_demanded_behaviour() -> None:
    text = app(spec(), to_cpp(RULES, ("a", "b")))
    assert "// - While the result is 'b': switch the red LED on, switch pin 4 high\n" in text
    assert text.count("void onResult") == 1


def test_lines_are_counted_without_blank_ones() -> None:
    assert line_counts({"a": "1\n2\n", "b": "3\n"}, "x\n\n  \ny") == (2, 3)


def test_unchanged_files_keep_their_time(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "model.h").write_text("")
    files = rendered()
    folder = write_sketch(tmp_path / "trial", files, tmp_path / "c")
    times = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    write_sketch(folder, {**files, "sensor.h": "// other\n"}, tmp_path / "c")
    changed = {n for n in times if (folder / n).stat().st_mtime_ns != times[n]}
    assert changed == {"sensor.h", "identity.h"}


def build_dir(tmp_path: Path, classes: tuple[str, ...], extra: str = "") -> Path:
    arch = Architecture(form="mlp", stages=(Stage(block="dense", channels=4),))
    generate(write_tflite(placeholder(layers_of(arch, (3,), len(classes)))), tmp_path / "c", True)
    rules = tuple(
        Rule(trigger="while", condition=Condition(labels=(name,)), actions=(Led(name="red"),)) for name in classes
    )
    channels = ("accel.z", "accel.x", "gyro.y")
    files = scaffold(spec(classes, rules), BOARD, IMU, recipe(), channels, 20)
    files["app.h"] = app(spec(classes, rules), to_cpp(rules, classes))
    files["selftest.cpp"] = extra + files["selftest.cpp"]
    return write_sketch(tmp_path / "trial", files, tmp_path / "c")


@pytest.mark.toolchain
def test_labels_with_odd_characters_compile(tmp_path: Path) -> None:
    build = compile_sketch(build_dir(tmp_path, ODD), BOARD, tmp_path / "build")
    assert build.ok, build.diagnostics


@pytest.mark.toolchain
def test_the_self_test_can_be_compiled_out(tmp_path: Path) -> None:
    path = tmp_path / "stimuli.csv"
    path.write_text("t_ms,serial\n100,~000000\n")
    answers = {}
    for extra in ("", "#define NO_SELFTEST\n"):
        build = compile_sketch(build_dir(tmp_path, ("a", "b"), extra), BOARD, tmp_path / "build")
        assert build.ok, build.diagnostics
        run = emulate(Path(build.elf), BOARD, path, 300, tmp_path / "run")
        answers[extra] = (len([s for s in run.serial if s.text.startswith("~")]), build.flash_bytes)
        shutil.rmtree(tmp_path / "trial")
    with_test, without = answers.values()
    assert (with_test[0], without[0]) == (1, 0)
    assert without[1] < with_test[1]
