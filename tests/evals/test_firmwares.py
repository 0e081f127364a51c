"""Generated data, rules and firmwares: varied, repeatable, and correct on the real tools."""

import re
from collections import Counter
from pathlib import Path

import pytest

from evals.fault import Fault
from evals.firmwares import Variant, working, write_text_of
from evals.rulesets import draw_rules
from evals.synthetic import write_data
from evals.verify import verdict
from evals.verify_suite import SUITE, VerifyCase, load
from hw.board import boards
from tools.artifacts import Led, Pin, Print
from tools.behaviour import sentence

CLASSES = ("apple", "banana", "plum")


@pytest.mark.parametrize("kind", ["color", "imu", "serial", "serial_series"])
def test_data_are_the_same_for_the_same_seed_and_others_for_another(kind: str, tmp_path: Path) -> None:
    def text(seed: int, folder: str) -> dict[str, str]:
        root = write_data(kind, 3, seed, tmp_path / folder)  # type: ignore[arg-type]
        return {str(p.relative_to(root)): p.read_text() for p in root.rglob("*.csv")}

    first = text(1, "a")
    assert first == text(1, "b") != text(2, "c")
    assert len({name.split("/")[0] for name in first}) == 3


def test_drawn_rules_cover_every_trigger_and_every_kind_of_action() -> None:
    drawn = [rule for seed in range(300) for rule in draw_rules(seed, CLASSES, boards()["nano33ble"])]
    assert {rule.trigger for rule in drawn} == {"while", "result", "change", "becomes", "every", "start"}
    actions = [(rule.trigger, action) for rule in drawn for action in rule.actions]
    leds = {(t, a.state, a.duration_ms is not None) for t, a in actions if isinstance(a, Led)}
    pins = {(t, a.state, a.duration_ms is not None) for t, a in actions if isinstance(a, Pin)}
    assert {state for _, state, _ in leds} == {"on", "off", "toggle", "blink"}
    assert {state for _, state, _ in pins} == {"high", "toggle", "pwm"}
    assert any(timed for _, _, timed in leds)
    assert any(timed for _, _, timed in pins)
    fields = Counter(f for _, a in actions if isinstance(a, Print) for f in re.findall(r"\{(\w+)\}", a.template))
    assert set(fields) == {"label", "confidence", "index", "ms"}
    conditions = [rule.condition for rule in drawn]
    assert any(c.not_labels for c in conditions)
    assert any(c.confidence_min for c in conditions)
    assert any(c.confidence_below for c in conditions)


@pytest.mark.parametrize("board", sorted(boards()))
def test_no_two_drawn_rules_share_an_output(board: str) -> None:
    facts = boards()[board]
    for seed in range(60):
        rules = draw_rules(seed, CLASSES, facts)
        assert rules == draw_rules(seed, CLASSES, facts)
        outputs = [a for rule in rules for a in rule.actions if not isinstance(a, Print)]
        numbers = [facts.leds[a.name].number if isinstance(a, Led) else a.pin for a in outputs]
        assert len(set(numbers)) == len(numbers), [sentence(rule) for rule in rules]


def test_the_text_of_a_sketch_is_the_same_every_time(tmp_path: Path) -> None:
    variant = Variant(board="uno", data="serial", form="mlp", classes=2, seed=1, rules=5)
    one, other = (write_text_of(variant, tmp_path / name) for name in "ab")
    assert {p.name: p.read_text() for p in one.iterdir()} == {p.name: p.read_text() for p in other.iterdir()}


# --- the suite --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases() -> list[VerifyCase]:
    return load()


def test_the_suite_is_large_and_varied_enough(cases: list[VerifyCase]) -> None:
    correct = [case for case in cases if case.fault is None]
    faults = [case.fault for case in cases if case.fault and not case.fault.harmless]
    assert len(correct) == len({case.firmware.id for case in correct}) >= 100
    assert len({(f.file, f.old, f.new) for f in faults}) >= 200
    assert {case.firmware.board for case in correct} == set(boards())
    assert {case.firmware.classes for case in correct} == {2, 3, 4, 5}
    assert {(case.firmware.data, case.firmware.form) for case in correct} >= {
        ("color", "mlp"), ("imu", "conv1d"), ("imu", "mlp"), ("serial", "mlp"), ("serial_series", "conv1d")
    }  # fmt: skip
    assert len({case.id for case in cases}) == len(cases)


def test_the_cases_are_the_same_every_time(cases: list[VerifyCase]) -> None:
    assert load() == cases


def test_every_fault_by_hand_is_put_into_some_firmware(cases: list[VerifyCase]) -> None:
    from evals.faults import GENERIC

    used = {case.fault.name for case in cases if case.fault}
    assert [fault.name for fault in GENERIC if fault.name not in used] == []


# --- with the real tools ----------------------------------------------------------------------------

UNO = Variant(board="uno", data="serial", form="mlp", classes=2, seed=7, rules=221)
NANO = Variant(board="nano33ble", data="color", form="mlp", classes=2, seed=1, rules=101)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verify")


def outcome(fault: Fault | None, folder: Path, variant: Variant = UNO) -> tuple[bool, str, str]:
    """(passed, failure, why it is not counted) of a case, as the harness judges it."""
    from evals.harness import evaluate

    case = VerifyCase(id=fault.name if fault else variant.id, firmware=variant, fault=fault)
    sample = evaluate(SUITE, [case], 1, {}, folder)[0]
    return sample.passed, sample.failure, sample.evidence.excluded


@pytest.mark.toolchain
@pytest.mark.parametrize("variant", [UNO, NANO], ids=lambda variant: variant.id)
def test_a_generated_firmware_is_correct(variant: Variant, folder: Path) -> None:
    assert outcome(None, folder, variant) == (True, "", "")
    firmware = working(variant, folder, folder / "builds" / "0")
    found = verdict(firmware)
    assert found.objection == ""
    assert verdict(firmware, unless_image=found.image).image == found.image


@pytest.mark.toolchain
def test_a_fault_is_caught_and_what_says_nothing_is_not_counted(folder: Path) -> None:
    def fault(name: str, old: str, new: str, file: str = "classifier.cpp", harmless: bool = False) -> Fault:
        return Fault(name, "test", file, old, new, harmless=harmless)

    assert outcome(fault("last wins", "int winner = 0;", "int winner = 1;"), folder)[0]
    assert outcome(fault("no label", "(Label)winner", "(Label)0"), folder) == (True, "", "")
    same = fault("renamed", "winner", "victor")
    assert outcome(same, folder) == (False, "missed", "the same machine code")
    assert outcome(fault("broken", "int winner = 0;", "int winner = ;"), folder)[2] == "does not compile"
    sleepless = fault("sleepless", "delay(1);", ";", "*.ino")
    assert outcome(sleepless, folder)[2].startswith("not visible: a pass of loop() that does not sleep")
    harmless = fault("louder", "int winner = 0;", "int winner = 1;", harmless=True)
    assert outcome(harmless, folder) == (False, "false alarm", "")
