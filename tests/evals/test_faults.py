"""Faults put into firmware that works: the chain of checks must object to each, and not to what is right.

A choice from evals/faults.py, one or two of each kind, for the time's sake; `faults_for` has them all.
"""

from pathlib import Path

import pytest

from evals.faults import GENERIC, changes_behaviour, faults_for, seed
from evals.verify import Working, caught_by, objection

pytestmark = pytest.mark.toolchain

FRUIT = (
    "no inference", "weights of another model", "labels off by one", "zero point forgotten", "no ratio",
    "red and blue swapped", "features never computed", "sensor not begun", "samples half as often",
    "loop waits", "polarity ignored", "output never off", "LEDs not set at start", "crash after nine results",
    "deaf after nine results", "condition 0 inverted", "LED action 1 on the built-in LED",
)  # fmt: skip
MOTION = (
    "names in reverse", "winner counted twice in softmax", "change always", "no normalisation", "x and z swapped",
    "window does not move on", "axes and time swapped", "samples twice as often", "one flash too many",
    "flashes half as long", "nothing at start", "acted upon twice", "endless loop after nine results",
    "period 0 doubled", "LED action 2 for too long",
)  # fmt: skip


def test_the_firmwares_without_a_fault_pass(fruit: Working, motion: Working) -> None:
    assert objection(fruit) == ""
    assert objection(motion) == ""


def slipped(firmware: Working, names: tuple[str, ...]) -> list[str]:
    known = {fault.name: fault for fault in faults_for(firmware.folder)}
    assert set(names) <= set(known)
    assert all(changes_behaviour(known[name], firmware.folder) for name in names)
    return [name for name in names if not caught_by(firmware, known[name])]


def test_no_fault_slips_through_single_readings(fruit: Working) -> None:
    assert slipped(fruit, FRUIT) == []


def test_no_fault_slips_through_a_series(motion: Working) -> None:
    assert slipped(motion, MOTION) == []


@pytest.mark.parametrize("name", ["loop waits a little", "rounding as the compiler likes"])
def test_a_harmless_change_is_not_held_against_the_board(fruit: Working, name: str) -> None:
    fault = next(f for f in GENERIC if f.name == name)
    assert not changes_behaviour(fault, fruit.folder)
    assert caught_by(fruit, fault) == ""


def test_every_fault_has_a_name_of_its_own_and_does_something(fruit: Working, motion: Working) -> None:
    for firmware in (fruit, motion):
        found = faults_for(firmware.folder)
        assert len({f.name for f in found}) == len(found) > 40
        assert all(f.old != f.new for f in found)


def test_a_fault_changes_one_file_and_an_unknown_text_is_refused(fruit: Working, tmp_path: Path) -> None:
    fault = next(f for f in faults_for(fruit.folder) if f.name == "no inference")
    copy = seed(fruit.folder, fault, tmp_path / "trial")
    files = [p.relative_to(fruit.folder) for p in fruit.folder.rglob("*") if p.is_file()]
    changed = [str(p) for p in files if (copy / p).read_bytes() != (fruit.folder / p).read_bytes()]
    assert changed == ["classifier.cpp"]
    with pytest.raises(ValueError, match="does not apply"):
        seed(copy, fault, tmp_path / "again")
