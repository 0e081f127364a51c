"""Firmware that touches memory which is not its own is told, with variable and line; firmware that does not is not.

Real compiler and emulators, on the small firmwares of the evaluation's tests.
"""

from math import prod
from pathlib import Path

import pytest

from evals.equivalence import image_digest
from evals.firmwares import Base, architecture, assemble, make_network, read_base, ready
from evals.synthetic import write_data
from evals.verify import Working
from tests.evals.conftest import fruit as fruit
from tests.evals.conftest import motion as motion
from tests.tools.changed import Change, with_changes
from tools.artifacts import CheckResult, Condition, Led, Print, Rule
from tools.checked import checked_build
from tools.compile import compile_sketch
from tools.memory_check import between, check_memory, lines_of

pytestmark = pytest.mark.toolchain


SCRATCH = "{ onResult(result); %s }"
FAULTS: dict[str, tuple[Change, str]] = {
    "a loop too far": (
        ("features.h", "for (int i = 0; i < FEATURES", "for (int i = 0; i <= FEATURES"),
        "reads 4 bytes past the end of 'reading' (12 bytes) at features.h:",
    ),
    "arena too small": (
        ("src/model/model.c", "[MODEL_ARENA_BYTES]", "[(MODEL_ARENA_BYTES + 3) / 4]"),
        "past the end of 'arena'",
    ),
    "reading too short": (
        ("*", "float reading[SENSOR_CHANNELS];", "float reading[1];"),
        "writes 4 bytes past the end of 'reading' (4 bytes) at sensor.cpp:",
    ),
    "features too short": (
        ("classifier.cpp", "float features[FEATURES];", "float features[1];"),
        "past the end of 'features' (4 bytes) at features.h:",
    ),
    "output too short": (
        ("classifier.cpp", "int8_t output[MODEL_CLASSES];", "int8_t output[1];"),
        "past the end of 'output' (1 bytes)",
    ),
    "reset to one too many": (
        ("classifier.cpp", "classifierReset() { filled = 0; }", "classifierReset() { filled = 1; }"),
        "index 3 of an array 'signed char [3]' at classifier.cpp:",
    ),
    "long lines not cut off": (
        ("selftest.cpp", "digits < 2L * MODEL_INPUT_BYTES", "digits < 4L * MODEL_INPUT_BYTES"),
        "writes 1 byte past the end of 'input' (3 bytes) at selftest.cpp:",
    ),
    "past a block of the heap": (
        ("*", "onResult(result);", SCRATCH % "volatile char *t = (char *)malloc(10); t[10] = 1; free((void *)t);"),
        "writes 1 byte of the heap outside of what malloc() gave at trial.ino:",
    ),
    "freed": (
        ("*", "onResult(result);", SCRATCH % "volatile char *t = (char *)malloc(10); free((void *)t); t[0] = 1;"),
        "writes 1 byte of memory that was freed at trial.ino:",
    ),
    "block that has ended": (
        (
            "*",
            "onResult(result);",
            SCRATCH % "volatile int *p; { int x[3] = {1, 2, 3}; p = x; delay(p[1]); } delay(p[1]);",
        ),
        "reads 'x', whose block has ended at trial.ino:",
    ),
    "array of a length that only the run knows": (
        ("*", "onResult(result);", SCRATCH % "char t[now % 9 + 1]; volatile char *p = t; p[now % 9 + 1] = 0;"),
        "writes 1 byte of the stack outside of the variables at trial.ino:",
    ),
    "text too long": (
        ("*", "onResult(result);", SCRATCH % 'char t[8]; sprintf(t, "%s-%d", result.name, 12345); Serial.print(t);'),
        "past the end of 't' (8 bytes) at trial.ino:",
    ),
}


def checked(firmware: Working, *changes: Change) -> CheckResult:
    elf = with_changes(firmware, *changes)
    input_bytes = prod(firmware.converted.input_shape)
    return check_memory(elf, firmware.board, firmware.scenario, input_bytes, firmware.build_dir / "memory")


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A network for numbers that are sent, which every board can run."""
    root = tmp_path_factory.mktemp("numbers")
    readied = ready(root / "run", write_data("serial", 3, 7, root / "data"), "serial")
    make_network(root / "run", readied, architecture("mlp"), portable=True)
    return read_base(root / "run", readied)


def on(board: str, numbers: Base, root: Path) -> Working:
    rules = (
        Rule(
            trigger="while", condition=Condition(labels=numbers.converted.classes[:1]), actions=(Led(name="builtin"),)
        ),
        Rule(trigger="change", actions=(Print(template="{label} {confidence}"),)),
    )
    return assemble(numbers, board, "serial", rules, root / "firmware", root / "builds")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_variable_and_line(fruit: Working, name: str) -> None:
    change, seen = FAULTS[name]
    done = checked(fruit, change)
    assert done.exercised
    assert not done.passed
    assert "memory fault: " in done.seen
    assert seen in done.seen


def test_windows_pass(motion: Working) -> None:
    done = checked(motion)
    assert done.passed, done.seen


def test_the_firmware_itself_is_left_as_it_is(fruit: Working) -> None:
    elf = with_changes(fruit)
    digest, build = image_digest(elf), compile_sketch(fruit.folder, fruit.board, fruit.build_dir)
    assert checked(fruit).passed
    assert image_digest(elf) == digest
    again = compile_sketch(fruit.folder, fruit.board, fruit.build_dir)
    assert (again.flash_bytes, again.ram_bytes) == (build.flash_bytes, build.ram_bytes)
    assert image_digest(checked_build(elf)) != digest
    assert b"__asan" not in elf.read_bytes()  # nothing of it gets into the firmware


@pytest.mark.parametrize("board", ["nucleo_h743zi", "netduinoplus2", "uno"])
def test_other_boards_tell_faults_and_nothing_else(board: str, numbers: Base, tmp_path: Path) -> None:
    firmware = on(board, numbers, tmp_path)
    passed = checked(firmware)
    assert passed.passed, passed.seen
    reset = FAULTS["reset to one too many"][0]
    input_too_short = ("classifier.cpp", "input[MODEL_INPUT_BYTES]", "input[(MODEL_INPUT_BYTES + 3) / 4]")
    for change in (reset, input_too_short, FAULTS["features too short"][0]):
        done = checked(firmware, change)
        assert not done.passed
        assert done.exercised
        assert "memory fault: index" in done.seen or "memory fault: writes" in done.seen
        assert " at classifier.cpp:" in done.seen or " at features.h:" in done.seen


def test_what_does_not_fit_is_not_held_against_the_firmware(numbers: Base, tmp_path: Path) -> None:
    # The firmware leaves 200 bytes of an Uno's flash free, less than the checks need.
    firmware = on("uno", numbers, tmp_path)
    build = compile_sketch(firmware.folder, firmware.board, firmware.build_dir)
    filler = build.flash_max_bytes - build.flash_bytes - 200
    text = f"const PROGMEM char FILLER[{filler}] = {{1}};\n\nvoid setup() {{\n  if (millis() == 9999) "
    text += "Serial.write(pgm_read_byte(FILLER + micros() % 9));\n"
    done = checked(firmware, ("*", "void setup() {\n", text))
    assert not done.exercised
    assert "the checked build fails" in done.seen


def test_lines_of_the_self_test_come_between_results(fruit: Working) -> None:
    results = fruit.scenario.results
    lines = between(results, lines_of(3))
    assert [text for _, text in lines] == lines_of(3)
    assert all(results[0].t_ms < t_ms < results[-1].t_ms for t_ms, _ in lines)
    assert not {t_ms for t_ms, _ in lines} & {r.t_ms for r in results}
    assert between(results[:1], lines_of(3)) == []
    assert [len(text) for text in lines_of(3)[:2]] == [1 + 2 * 3, 1 + 2 * 11]
