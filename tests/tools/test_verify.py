"""Faults that show in one kind of scene only, or only after a while: each must be objected to, the right code must not.

Real compiler, emulator and TFLM, on the small firmwares of the evaluation's tests.
"""

from pathlib import Path

import pytest

from evals.firmwares import architecture, assemble, make_network, read_base, ready
from evals.verify import Working
from tests.evals.conftest import fruit as fruit
from tests.evals.conftest import motion as motion
from tests.evals.conftest import write_fruit
from tests.tools.changed import Change, with_changes
from tools.artifacts import Condition, Count, Flag, Led, Print, Rule
from tools.checks import checks_of
from tools.verify import Verified, verify

pytestmark = pytest.mark.toolchain

LEAK = 'static char *lost; lost = (char *)malloc(24); lost[0] = 1; asm volatile("" ::"r"(lost) : "memory");'


def checked(firmware: Working, *changes: Change) -> Verified:
    """The outcome for the firmware with the changes put into it."""
    elf = with_changes(firmware, *changes)
    return verify(elf, firmware.board, firmware.behaviour, firmware.scenario, firmware.build_dir / "verify")


def objected(done: Verified) -> list[str]:
    return [check.check for check in done.objections]


def at(done: Verified, words: str) -> str:
    """What was seen where a check with these words failed."""
    found = [check for check in done.objections if words in check.check]
    assert found, objected(done)
    return found[0].seen


@pytest.mark.parametrize("name", ["fruit", "motion"])
def test_right_firmware_passes_what_was_announced(name: str, request: pytest.FixtureRequest) -> None:
    firmware: Working = request.getfixturevalue(name)
    done = checked(firmware)
    assert objected(done) == []
    announced = checks_of(firmware.behaviour.rules, firmware.behaviour.classes, firmware.board)
    assert tuple(check.check for check in done.checks) == announced
    assert all(check.passed and check.exercised for check in done.checks)
    assert done.minute is not None
    assert done.minute.virtual_ms >= 60_000


def test_a_crash_in_the_dark_is_told(fruit: Working) -> None:
    # A driver that asserts what a colleague believed: that it is never dark.
    dark = "if (reading[0] + reading[1] + reading[2] == 0) __builtin_trap();\n  float features[FEATURES];"
    done = checked(fruit, ("classifier.cpp", "float features[FEATURES];", dark))
    assert "undefined instruction at classifier.cpp" in at(done, "without a crash")
    assert done.minute is None  # nothing longer is run for what already failed


def test_a_wrong_answer_to_the_dark_is_told(fruit: Working) -> None:
    done = checked(fruit, ("features.h", "out[i] / sum : 0.0f", "out[i] / sum : 1.0f"))
    assert "LED is" in at(done, "at rest")
    assert all("at rest" in name or "changes as often" in name for name in objected(done)), done.objections


def test_a_window_over_a_pause_is_told(motion: Working) -> None:
    done = checked(motion, ("classifier.cpp", "now - last > GAP_MS", "false"))
    assert objected(done), "the window reached over the pause"


def test_a_sensor_that_is_given_up_after_a_pause_is_told(fruit: Working) -> None:
    poll, stamp = "bool sensorRead(unsigned long now, float *reading) {\n", "  nextSample += SAMPLE_PERIOD_MS;\n"
    give_up = f"{poll}  static unsigned long seen = 0;\n  if (seen && now - seen > 1000) return false;\n"
    done = checked(fruit, ("sensor.cpp", poll, give_up), ("sensor.cpp", stamp, stamp + "  seen = now;\n"))
    assert "after a pause" in " ".join(objected(done))


def test_a_heap_that_grows_is_told(fruit: Working) -> None:
    done = checked(fruit, ("*", "onResult(result);", "{ onResult(result); " + LEAK + " }"))
    assert len(objected(done)) == 1
    assert "memory leaks" in at(done, "the heap does not grow")


def test_memory_that_is_not_its_own_is_told(fruit: Working) -> None:
    past = "{ onResult(result); volatile char *text = (char *)malloc(9); text[9] = 1; free((void *)text); }"
    done = checked(fruit, ("*", "onResult(result);", past))
    assert len(objected(done)) == 1  # nothing else shows it
    assert "writes 1 byte of the heap outside of what malloc() gave at trial.ino:" in at(done, "no memory that is not")


def test_a_wrong_rate_of_the_serial_line_is_told(fruit: Working) -> None:
    done = checked(fruit, ("*", "Serial.begin(115200);", "Serial.begin(57600);"))
    assert "57,600" in at(done, "the serial line runs at 115,200 baud")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("app.h", "now - beat0 >= 1000", "now >= beat0 + 1000"),
        ("outputs.cpp", "(long)(now - output.nextEdge) < 0", "now < output.nextEdge"),
    ],
)
def test_a_deadline_that_does_not_survive_the_roll_over_is_told(motion: Working, file: str, old: str, new: str) -> None:
    done = checked(motion, (file, old, new))
    assert len(objected(done)) == 1
    assert "millis() rolled over" in at(done, "millis() rolling over")


def test_a_restart_now_and_then_is_told(fruit: Working) -> None:
    reset = "*(volatile uint32_t *)0xE000ED0C = 0x05FA0004;"  # AIRCR: SYSRESETREQ
    done = checked(fruit, ("*", "onResult(result);", "{ onResult(result); if (millis() > 9000) " + reset + " }"))
    assert "restarted" in at(done, "a restart")


def test_a_hang_is_told(fruit: Working) -> None:
    done = checked(fruit, ("*", "onResult(result);", "{ onResult(result); if (result.streak > 9) while (true) {} }"))
    assert "hang after" in at(done, "a hang")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("model_quantise(features[i])", "model_quantise(features[i] * 1.02f)"),
        ("classify(now, result);\n", "classify(now, result);\n  if (latest.streak == 5) classify(now, result);\n"),
    ],
)
def test_a_fault_that_changes_no_result_is_told(fruit: Working, old: str, new: str) -> None:
    done = checked(fruit, ("classifier.cpp", old, new))
    assert objected(done), "nothing was seen"
    assert "inference" in objected(done)[-1]


def of_rules(rules: tuple[Rule, ...], root: Path) -> Working:
    """The fruit firmware with other rules."""
    readied = ready(root / "run", write_fruit(root / "data"), "color")
    make_network(root / "run", readied, architecture("mlp"))
    return assemble(read_base(root / "run", readied), "nano33ble", "color", rules, root / "firmware", root / "builds")


@pytest.fixture(scope="module")
def confident(tmp_path_factory: pytest.TempPathFactory) -> Working:
    """The red LED for an apple of at least 0.8, and a word for less than that."""
    rules = (
        Rule(trigger="while", condition=Condition(labels=("apple",), confidence_min=0.8), actions=(Led(name="red"),)),
        Rule(trigger="result", condition=Condition(confidence_below=0.8), actions=(Print(template="unsure"),)),
    )
    return of_rules(rules, tmp_path_factory.mktemp("confident"))


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Working:
    """Buttons, commands, nearness, flags and counts."""
    rules = (
        Rule(trigger="pressed", pin=4, actions=(Flag(name="armed", state="toggle"), Print(template="button"))),
        Rule(trigger="serial", text="reset", actions=(Count(state="reset"), Print(template="counts are 0"))),
        Rule(trigger="becomes", condition=Condition(labels=("apple",)), actions=(Count(),)),
        Rule(trigger="change", condition=Condition(flag="armed"), actions=(Print(template="{previous}-{label}"),)),
        Rule(trigger="while", condition=Condition(proximity_below=100), actions=(Led(name="blue"),)),
        Rule(trigger="while", condition=Condition(labels=("apple",), count_min=2), actions=(Led(name="red"),)),
        Rule(trigger="every", period_ms=1500, actions=(Print(template="apples {count:apple} at {ms}"),)),
    )
    return of_rules(rules, tmp_path_factory.mktemp("busy"))


def test_buttons_commands_nearness_and_counts_are_exercised(busy: Working) -> None:
    assert objected(checked(busy)) == []
    for old, new in (
        ('Serial.println("button");', ""),
        ('strcmp(command, "reset") == 0', "false"),
        ("proximity() < 100", "proximity() < 140"),
        (">= 2);", ">= 3);"),
    ):
        assert objected(checked(busy, ("app.h", old, new))), new


def test_buttons_bounce(busy: Working) -> None:
    done = checked(busy, ("buttons.cpp", "DEBOUNCE_MS = 20", "DEBOUNCE_MS = 0"))
    assert "button" in " ".join(check.seen for check in done.objections)


def test_a_threshold_is_held_on_both_sides(confident: Working) -> None:
    assert objected(checked(confident)) == []
    for old, new in (("confidence >= 0.8f", "confidence >= 0.6f"), ("confidence < 0.8f", "confidence < 0.95f")):
        assert "threshold of confidence" in " ".join(objected(checked(confident, ("app.h", old, new))))
