"""The case files: all can be read and shown, and what cannot be a case is refused with its place."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

from evals.sg_case import CASES, HIGH, Case, load_cases, read_case
from evals.sg_network import network_dir
from evals.sg_scene import Shown, stage
from hw.board import boards
from tools.artifacts import Converted, DataCard, Prepared
from tools.errors import BadInput
from tools.estimate import portable_for
from tools.stimuli import check_board, read_stimuli
from tools.store import read_model

PLAIN = {
    "id": "made", "request": "x", "labels": ["a", "b"], "tags": ["t"], "level": "simple",
    "scene": [{"show": "a", "see": {"out": {"red": True}}}],
}  # fmt: skip


def test_there_are_enough_cases_of_every_kind() -> None:
    cases = load_cases("sg")
    works = [case for case in cases if case.kind == "works"]
    assert len(works) >= 64
    assert len(cases) - len(works) >= 8
    levels = Counter(case.level for case in works)
    assert all(levels[level] >= len(works) // 4 for level in ("simple", "medium", "hard"))
    assert {case.board for case in cases} >= {"nano33ble", "nucleo_h743zi", "netduinoplus2", "uno", "mega"}
    assert len(load_cases("fruit")) == 30


def test_no_two_requests_are_the_same() -> None:
    cases = load_cases("sg") + load_cases("fruit")
    assert len({case.request for case in cases}) == len({case.id for case in cases}) == len(cases)


@pytest.mark.parametrize("suite", ["sg", "fruit"])
def test_every_scene_can_be_shown(suite: str, tmp_path: Path) -> None:
    for case in load_cases(suite):
        if case.kind != "works":
            continue
        staged = stage(case, shown(case), tmp_path / f"{case.id}.csv")
        assert len(staged.phases) == len(case.scene)
        assert all(phase.end_ms - phase.start_ms >= 100 for phase in staged.phases)
        for step, phase in zip(case.scene, staged.phases, strict=True):
            assert step.pause or phase.confidence >= (step.confidence or HIGH) - 0.021
        check_board(read_stimuli(staged.stimuli), boards()[case.board])


def shown(case: Case) -> Shown:
    root = network_dir(case.sensor, len(case.labels), portable_for(boards()[case.board]))
    converted = read_model(root / "converted.json", Converted)
    named = converted.model_copy(update={"classes": tuple(sorted(case.labels))})
    prepared, card = read_model(root / "prepared.json", Prepared), read_model(root / "data" / "card.json", DataCard)
    return Shown(case, prepared, card, named, root / converted.tflite)


def test_a_reading_has_the_confidence_that_was_wanted() -> None:
    case = read_case(CASES / "sg" / "unsure_under_70.yaml")
    found = shown(case)
    for label in case.labels:
        reading, told = found.reading(label, 0.6)
        winners, confidences = found.answers(np.stack([reading]))
        assert found.converted.classes[int(winners[0])] == label
        assert told == pytest.approx(0.6, abs=0.02)
        assert float(confidences[0]) == pytest.approx(told)
    with pytest.raises(ValueError, match=r"cannot show glass with confidence 0\.2"):
        found.reading("glass", 0.2)


def test_what_happens_in_a_step_is_in_the_stimuli(tmp_path: Path) -> None:
    case = read_case(CASES / "sg" / "verbose_button.yaml")
    read = read_stimuli(stage(case, shown(case), tmp_path / "scene.csv").stimuli)
    button = [(t, value) for t, channel, value in read.values if channel == 0x100 + 10]
    assert button[:3] == [(0, 1.0), (500, 0.0), (502, 1.0)]  # bounces
    assert button[6:8] == [(650, 1.0), (652, 0.0)]
    case = read_case(CASES / "sg" / "command_arm.yaml")
    read = read_stimuli(stage(case, shown(case), tmp_path / "scene.csv").stimuli)
    assert [line for _, line in read.lines] == [b"arm\n", b"disarm\n"]


def test_serial_readings_pause_when_told(tmp_path: Path) -> None:
    case = read_case(CASES / "sg" / "no_data_warning.yaml")
    read = read_stimuli(stage(case, shown(case), tmp_path / "scene.csv").stimuli)
    times = [t for t, _ in read.lines]
    assert times[:2] == [220, 320]
    assert max(b - a for a, b in pairwise(times)) == 5100


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"level": "easy"}, "level"),
        ({"board": "esp32"}, "no sensor color on a board esp32"),
        ({"board": "uno"}, "no sensor color on a board uno"),
        ({"labels": ["a", "a"]}, "twice"),
        ({"colour": "red"}, "colour"),
        ({"kind": "refused"}, "a scene is what a case of kind works has"),
        ({"scene": [{"show": "c", "see": {}}]}, "'c' is none of the labels a, b"),
        ({"scene": [{"see": {}}]}, "first step must show"),
        ({"scene": [{"show": "a", "see": {"out": {"purple": True}}}]}, "no purple LED"),
        ({"scene": [{"show": "a", "see": {"duty": {99: 1}}}]}, "no pin 99"),
        ({"scene": [{"show": "a", "ms": 150}]}, "results come every 100 ms"),
        ({"scene": [{"show": "a", "ms": 200, "results": 2}]}, "not both"),
        ({"scene": [{"show": "a", "pause": True, "ms": 200}]}, "pause needs"),
        ({"scene": [{"show": "a", "see": {"serial": {"each": "x", "some": "y"}}}]}, "one of each, some"),
        ({"scene": [{"show": "a", "any_of": [{}, {}]}, {"any_of": [{}]}]}, "as many readings"),
    ],
)
def test_what_is_no_case_is_refused_with_its_place(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = tmp_path / "made.yaml"
    path.write_text(yaml.safe_dump({**PLAIN, **change}))
    with pytest.raises(BadInput, match=r"made\.yaml is not a case") as told:
        read_case(path)
    assert said in str(told.value)
    path.write_text(yaml.safe_dump(PLAIN))
    assert read_case(path).id == "made"


def test_a_file_must_be_named_as_its_case(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(yaml.safe_dump(PLAIN))
    with pytest.raises(BadInput, match="must have the same name"):
        read_case(path)
    path.write_text("scene: [")
    with pytest.raises(BadInput, match="is not a case"):
        read_case(path)
