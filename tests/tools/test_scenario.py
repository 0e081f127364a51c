"""What the board is shown: every class, readings near the boundaries, TFLM's answers, the same each time."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from hw.board import sensors
from tools.artifacts import Architecture, Normalise, Ratio, Recipe, Stage, Window
from tools.convert import convert
from tools.errors import Fixable
from tools.features import device_features
from tools.network import build_network
from tools.quantise import quantise
from tools.scenario import SURE_LSB, Scenario, build_scenario
from tools.tflite_file import tflm_infer

CLASSES = ("low", "mid", "high")
CHANNELS = tuple(c.name for c in sensors()["color"].channels)
SHARES = np.array([(0.6, 0.25, 0.15), (0.4, 0.35, 0.25), (0.2, 0.3, 0.5)])
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
    converted: object
    tflite: Path

    def scenario(self, path: Path, period_ms: int = 100, sensor: str = "color") -> Scenario:
        channels = CHANNELS if sensor == "color" else ("r", "g", "b")
        return build_scenario(
            self.held_out, self.recipe, sensors()[sensor], channels, self.converted, self.tflite, period_ms, path
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


def rows_of(path: Path) -> np.ndarray:
    return np.array([[float(v) for v in line.split(",")] for line in path.read_text().splitlines()[1:]])


def test_every_class_and_every_transition_is_shown(made: Made, tmp_path: Path) -> None:
    scenario = made.scenario(tmp_path / "s.csv")
    shown = [label for _, label in scenario.phases]
    pairs = set(itertools.pairwise(shown))
    assert pairs == {(a, b) for a in CLASSES for b in CLASSES if a != b}
    assert {r.label for r in scenario.results if r.sure} == set(CLASSES)
    assert scenario.until_ms > scenario.results[-1].t_ms


def test_the_expected_results_are_tflms_on_what_is_written(made: Made, tmp_path: Path) -> None:
    scenario = made.scenario(tmp_path / "s.csv")
    readings = rows_of(scenario.stimuli)[:, 1:]
    features = device_features(readings, made.recipe)
    size, stride = (10, 5) if made.recipe is SERIES else (1, 1)
    windows = np.stack([features[s : s + size] for s in range(0, len(features) - size + 1, stride)])
    c = made.converted
    x = windows.reshape(len(windows), *c.input_shape)  # type: ignore[attr-defined]
    logits = tflm_infer(made.tflite, quantise(x, c.input_scale, c.input_zero_point))  # type: ignore[attr-defined]
    assert [r.index for r in scenario.results] == [int(k) for k in logits.reshape(len(x), -1).argmax(axis=1)]
    steps = {b.t_ms - a.t_ms for a, b in itertools.pairwise(scenario.results)}
    assert steps == {100 * stride}


def test_the_same_again_gives_the_same(made: Made, tmp_path: Path) -> None:
    one, two = made.scenario(tmp_path / "1.csv"), made.scenario(tmp_path / "2.csv")
    assert one.stimuli.read_bytes() == two.stimuli.read_bytes()
    assert (one.results, one.until_ms, one.phases) == (two.results, two.until_ms, two.phases)


def test_single_readings_come_close_to_where_the_result_changes(made: Made, tmp_path: Path) -> None:
    if made.recipe is SERIES:
        pytest.skip("a series shows its transitions by itself")
    scenario = made.scenario(tmp_path / "s.csv")
    confident = [r.confidence for r in scenario.results]
    assert all(r.sure for r in scenario.results)
    for a, b in itertools.pairwise(scenario.results):
        if a.label != b.label:
            assert min(a.confidence, b.confidence) < np.median(confident)
    assert SURE_LSB > 1


def test_a_sender_gets_its_readings_as_lines(made: Made, tmp_path: Path) -> None:
    text = made.scenario(tmp_path / "s.csv", period_ms=0, sensor="serial").stimuli.read_text()
    assert text.startswith("t_ms,serial\n20,")
    assert text.splitlines()[1].count(",") == 3


def test_a_class_without_a_recording_is_fixable(made: Made, tmp_path: Path) -> None:
    fewer = dataclasses.replace(made, held_out=[(k, x) for k, x in made.held_out if k != 1])
    with pytest.raises(Fixable, match="no held-out recording of class 'mid'"):
        fewer.scenario(tmp_path / "s.csv")
