"""What the board is shown: every class, readings near the boundaries, TFLM's answers, the same each time."""

import csv
import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from hw.board import sensors
from tools.answers import SURE_LSB
from tools.artifacts import Architecture, Condition, Converted, Led, Normalise, Ratio, Recipe, Rule, Stage, Window
from tools.convert import convert
from tools.demand import is_sure
from tools.errors import Fixable
from tools.features import device_features
from tools.network import build_network
from tools.quantise import quantise
from tools.scenario import Scenario, build_scenario
from tools.tflite_file import tflm_infer

CLASSES = ("low", "mid", "high")
CHANNELS = tuple(c.name for c in sensors()["color"].channels)
SHARES = np.array([(0.6, 0.25, 0.15), (0.4, 0.35, 0.25), (0.2, 0.3, 0.5)])
READ_MS = 22
"""After a colour is shown: at 70 readings a second, up to 15 ms until one is measured and as long until it is read."""
TABULAR = Recipe(steps=(Ratio(in_data=True), Normalise(offset=(0.4, 0.3, 0.3), gain=(5.0, 5.0, 5.0))))
SERIES = Recipe(
    steps=(Ratio(in_data=True), Window(size=10, stride=5), Normalise(offset=(0.4, 0.3, 0.3), gain=(5.0, 5.0, 5.0)))
)


def samples(series: bool, each: int = 20) -> list[tuple[int, np.ndarray]]:
    rng = np.random.default_rng(3)
    rows = 40 if series else 1
    return [(k, SHARES[k] + rng.normal(0, 0.01, (rows, 3))) for k in range(3) for _ in range(each)]


@dataclasses.dataclass(frozen=True)
class Made:
    recipe: Recipe
    held_out: list[tuple[int, np.ndarray]]
    converted: Converted
    tflite: Path

    def scenario(self, path: Path, period_ms: int = 100, sensor: str = "color", rules: Sequence[Rule] = ()) -> Scenario:
        channels = CHANNELS if sensor == "color" else ("r", "g", "b")
        return build_scenario(
            self.held_out, self.recipe, sensors()[sensor], channels, self.converted, self.tflite, period_ms, path, rules
        )


@pytest.fixture(scope="module", params=["tabular", "series"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    import torch

    series = request.param == "series"
    run, recipe, shown = tmp_path_factory.mktemp(request.param), SERIES if series else TABULAR, samples(series)
    x = np.stack([rows[:10] if series else rows[0] for _, rows in shown])
    x = ((x - 0.4 * np.array([1, 0.75, 0.75])) * 5).astype(np.float32)
    y = np.array([k for k, _ in shown])
    arch = (
        Architecture(form="conv1d", stages=(Stage(block="conv", channels=4),))
        if series
        else Architecture(form="mlp", stages=(Stage(block="dense", channels=8),))
    )
    torch.manual_seed(1)
    network = build_network(arch, x.shape[1:], 3)
    optimiser = torch.optim.Adam(network.parameters(), 2e-2)
    for _ in range(100):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(torch.tensor(x)), torch.tensor(y)).backward()
        optimiser.step()
    converted = convert(network.eval(), arch, x.shape[1:], CLASSES, x, x[:6], y[:6], run / "model")
    return Made(recipe, shown, converted, run / converted.tflite)


def rows_of(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Times (N,) and readings (N, 3) of the stimuli of a colour sensor."""
    with scenario.stimuli.open() as file:
        rows = [row for row in csv.DictReader(file) if row["color.r"]]
    return np.array([int(row["t_ms"]) for row in rows]), np.array([[float(row[c]) for c in CHANNELS] for row in rows])


def test_every_class_and_every_transition_is_shown(made: Made, tmp_path: Path) -> None:
    scenario = made.scenario(tmp_path / "s.csv")
    pairs = set(itertools.pairwise(phase.label for phase in scenario.phases[:7]))
    assert {phase.kind for phase in scenario.phases[:7]} == {"class"}
    assert pairs == {(a, b) for a in CLASSES for b in CLASSES if a != b}
    assert {r.label for r in scenario.results if r.sure} == set(CLASSES)
    assert scenario.until_ms > scenario.results[-1].t_ms


def test_rest_noise_a_pause_and_what_lies_between_are_shown(made: Made, tmp_path: Path) -> None:
    scenario = made.scenario(tmp_path / "s.csv")
    times, readings = rows_of(scenario)
    times = times + READ_MS
    shown = {kind: readings[(times >= start) & (times < end)] for kind, start, end in spans(scenario)}
    assert set(shown) == {"class", "rest", "noise", "pause", "between"}
    assert not shown["rest"].any()
    assert shown["noise"].std() > 500
    assert shown["noise"].max() > readings[: len(readings) // 2].max()  # brighter than any recording
    assert (times[1:] - times[:-1]).max() >= 1500
    # What comes before and after rest reads otherwise, so that a board which overlooks rest is told.
    k = next(k for k, phase in enumerate(scenario.phases) if phase.kind == "rest")
    at_rest = label_in(scenario, k)
    assert label_in(scenario, k - 1) != at_rest != label_in(scenario, k + 1)
    unsure = [r for r in scenario.results if not r.sure]
    assert unsure
    assert all(r.rivals and r.label not in dict(r.rivals) for r in unsure)
    assert scenario.phases[-1].kind == "between"


def spans(scenario: Scenario) -> list[tuple[str, int, int]]:
    ends = [phase.start_ms for phase in scenario.phases[1:]]
    return [(p.kind, p.start_ms, end) for p, end in zip(scenario.phases, [*ends, scenario.until_ms], strict=True)]


def label_in(scenario: Scenario, phase: int) -> str:
    """The last result in a phase."""
    _, start, end = spans(scenario)[phase]
    return [r.label for r in scenario.results if start <= r.t_ms < end][-1]


def test_a_threshold_of_confidence_is_shown_from_both_sides(made: Made, tmp_path: Path) -> None:
    rule = Rule(trigger="while", condition=Condition(labels=("mid",), confidence_min=0.8), actions=(Led(name="red"),))
    scenario = made.scenario(tmp_path / "s.csv", rules=[rule])
    start, end = next((start, end) for kind, start, end in spans(scenario) if kind == "threshold")
    near = [r for r in scenario.results if start <= r.t_ms < end and r.label == "mid" and is_sure(r, [rule])]
    assert {r.confidence > 0.8 for r in near} == {True, False}
    assert all(abs(r.confidence - 0.8) > 0.05 for r in near)


def test_the_expected_results_are_tflms_on_what_is_written(made: Made, tmp_path: Path) -> None:
    scenario = made.scenario(tmp_path / "s.csv")
    times, readings = rows_of(scenario)
    size, stride = (10, 5) if made.recipe is SERIES else (1, 1)
    pause = int(np.argmax(times[1:] - times[:-1])) + 1
    c = made.converted
    wanted: list[int] = []
    for part in (readings[:pause], readings[pause:]):  # a window does not reach over the pause
        features = device_features(part, made.recipe)
        windows = np.stack([features[s : s + size] for s in range(0, len(features) - size + 1, stride)])
        x = windows.reshape(len(windows), *c.input_shape)
        logits = tflm_infer(made.tflite, quantise(x, c.input_scale, c.input_zero_point))
        wanted += [int(k) for k in logits.reshape(len(x), -1).argmax(axis=1)]
    assert [r.index for r in scenario.results] == wanted
    steps = [b.t_ms - a.t_ms for a, b in itertools.pairwise(scenario.results)]
    assert min(steps) == 100 * stride
    assert len([s for s in steps if s != 100 * stride]) == 1


def test_the_minute_repeats_the_scenes_and_rolls_millis_over(made: Made, tmp_path: Path) -> None:
    scenario = made.scenario(tmp_path / "s.csv")
    minute = scenario.minute
    assert minute is not None
    assert minute.until_ms >= 60_000
    assert 0 < minute.rollover_ms < minute.until_ms  # type: ignore[operator]
    assert minute.warm_ms < minute.until_ms - 15_000
    assert minute.results[: len(scenario.results) - 5] == scenario.results[:-5]
    assert len(minute.live) == len(minute.results)
    assert sum(said is not None for said in minute.live) > 0.9 * len(minute.live)
    assert "rollover" in minute.stimuli.read_text().splitlines()[0]
    assert "rollover" not in scenario.stimuli.read_text().splitlines()[0]


def test_buttons_commands_and_nearness_of_the_rules_are_shown(made: Made, tmp_path: Path) -> None:
    rules = [
        Rule(trigger="pressed", pin=4, actions=(Led(name="red"),)),
        Rule(trigger="serial", text="stop", actions=(Led(name="red", state="off"),)),
        Rule(trigger="while", condition=Condition(proximity_below=100), actions=(Led(name="blue"),)),
    ]
    scenario = made.scenario(tmp_path / "s.csv", rules=rules)
    found = [(event.kind, event.value) for event in scenario.events]
    steps = [("pressed", 4), ("released", 4), ("serial", "stop"), ("proximity", 80), ("proximity", 120)]
    assert found == steps * (len(found) // len(steps))
    assert len(found) >= 3 * len(steps)
    # In the middle between two results, so that no result comes before the board has noticed.
    gaps = [min(abs(r.t_ms - event.t_ms) for r in scenario.results) for event in scenario.events]
    assert min(gaps) >= 50
    text = scenario.stimuli.read_text()
    assert text.startswith("t_ms,")
    assert {"pin.4", "serial", "proximity"} <= set(text.splitlines()[0].split(","))


def test_the_same_again_gives_the_same(made: Made, tmp_path: Path) -> None:
    one, two = made.scenario(tmp_path / "1.csv"), made.scenario(tmp_path / "2.csv")
    assert one.stimuli.read_bytes() == two.stimuli.read_bytes()
    assert (one.results, one.until_ms, one.phases) == (two.results, two.until_ms, two.phases)


def test_single_readings_come_close_to_where_the_result_changes(made: Made, tmp_path: Path) -> None:
    if made.recipe is SERIES:
        pytest.skip("a series shows its transitions by itself")
    scenario = made.scenario(tmp_path / "s.csv")
    walked = [r for r in scenario.results if r.t_ms < scenario.phases[7].start_ms]
    confident = [r.confidence for r in walked]
    assert all(r.sure for r in walked)
    for a, b in itertools.pairwise(walked):
        if a.label != b.label:
            assert min(a.confidence, b.confidence) < np.median(confident)
    assert SURE_LSB > 1


def test_a_sender_gets_its_readings_as_lines(made: Made, tmp_path: Path) -> None:
    scenario = made.scenario(tmp_path / "s.csv", period_ms=0, sensor="serial")
    text = scenario.stimuli.read_text()
    assert max(b.t_ms - a.t_ms for a, b in itertools.pairwise(scenario.results)) >= 1500  # the sender pauses
    assert text.startswith("t_ms,serial\n20,")
    assert text.splitlines()[1].count(",") == 3


def test_a_class_without_a_recording_is_fixable(made: Made, tmp_path: Path) -> None:
    fewer = dataclasses.replace(made, held_out=[(k, x) for k, x in made.held_out if k != 1])
    with pytest.raises(Fixable, match="no held-out recording of class 'mid'"):
        fewer.scenario(tmp_path / "s.csv")
