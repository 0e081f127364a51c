"""Two small firmwares that work, made from invented data with networks trained in seconds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evals.verify import Working
from hw.board import boards, sensors
from tools.artifacts import Architecture, Condition, Led, Print, Recipe, Rule, Stage, TaskSpec, Window
from tools.behaviour_cpp import to_cpp
from tools.convert import convert
from tools.data import load
from tools.network import build_network
from tools.recipe import default_recipe, held_out, run_recipe
from tools.scenario import build_scenario
from tools.sketch import app, sample_period_ms, scaffold, write_sketch

BOARD = boards()["nano33ble"]
FRUIT = {"apple": (0.60, 0.24, 0.16), "banana": (0.36, 0.38, 0.26), "orange": (0.47, 0.35, 0.18)}
PERIOD_MS = 20
# Of each motion the acceleration (x, y, z in g) at a time in seconds.
MOTIONS = {"rest": (0.0, 0.0), "walk": (2.0, 0.4), "shake": (6.0, 1.6)}


def write_fruit(folder: Path) -> Path:
    rng = np.random.default_rng(7)
    folder.mkdir()
    for name, mean in FRUIT.items():
        rows = np.clip(np.array(mean) + rng.normal(0, 0.012, (80, 3)), 0.01, 1)
        rows /= rows.sum(axis=1, keepdims=True)
        lines = ["Red,Green,Blue", *(",".join(f"{v:.3f}" for v in row) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def write_motions(folder: Path) -> Path:
    """A folder per class with ten recordings of 2.4 s, at 50 Hz."""
    rng = np.random.default_rng(7)
    t = np.arange(120) * PERIOD_MS / 1000
    for name, (hz, g) in MOTIONS.items():
        (folder / name).mkdir(parents=True)
        for k in range(10):
            phase = rng.uniform(0, 2 * np.pi)
            swing = g * np.sin(2 * np.pi * hz * rng.uniform(0.9, 1.1) * t + phase)
            turned = np.roll(swing, 7)  # other phases, so that no axis can stand for another
            xyz = np.stack([swing, 0.3 * turned, 1 + 0.5 * np.abs(swing)], axis=1) + rng.normal(0, 0.03, (120, 3))
            lines = ["t_ms,accX,accY,accZ"]
            lines += [f"{i * PERIOD_MS}," + ",".join(f"{v:.3f}" for v in row) for i, row in enumerate(xyz)]
            (folder / name / f"{k}.csv").write_text("\n".join(lines) + "\n")
    return folder


def trained(arch: Architecture, arrays: dict[str, np.ndarray], classes: int) -> object:
    import torch

    torch.manual_seed(1)
    x, y = torch.tensor(arrays["x_train"]), torch.tensor(arrays["y_train"])
    network = build_network(arch, tuple(x.shape[1:]), classes)
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    network.train()
    for _ in range(120):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        optimiser.step()
    return network.eval()


def working(
    data: Path, sensor_id: str, arch: Architecture, rules: Sequence[Rule], run: Path, window: Window | None = None
) -> Working:
    raw, sensor = load(data), sensors()[sensor_id]
    recipe = default_recipe(raw.card, sensor)
    if window:
        steps = tuple(window if isinstance(step, Window) else step for step in recipe.steps)
        recipe = Recipe(steps=steps)
    run.mkdir(parents=True)
    prepared = run_recipe(raw, recipe, 1, run)
    with np.load(run / prepared.arrays) as stored:
        arrays = {name: stored[name] for name in stored.files}
    network = trained(arch, arrays, len(prepared.classes))
    converted = convert(
        network, arch, prepared.input_shape, prepared.classes,
        arrays["x_train"], arrays["x_test"], arrays["y_test"], run / "model",
    )  # fmt: skip
    period = sample_period_ms(prepared.recipe, sensor, raw.card.sample_rate_hz)
    spec = TaskSpec(
        request="a test", name="trial", board=BOARD.id, sensor=sensor_id, classes=prepared.classes,
        behaviour=tuple(rules),
    )  # fmt: skip
    files = scaffold(spec, BOARD, sensor, prepared.recipe, raw.card.channels, period)
    files["app.h"] = app(spec, to_cpp(rules, spec.classes))
    folder = write_sketch(run / "firmware" / "trial", files, run / converted.c_dir)
    tflite = run / converted.tflite
    scenario = build_scenario(
        held_out(run), prepared.recipe, sensor, raw.card.channels, converted, tflite, period, run / "stimuli.csv"
    )
    samples = np.concatenate([arrays["x_test"], arrays["x_train"]])
    return Working(folder, BOARD, tuple(rules), scenario, converted, tflite, samples, run / "build")


@pytest.fixture(scope="session")
def fruit(tmp_path_factory: pytest.TempPathFactory) -> Working:
    """Single colour readings; a LED for each fruit."""
    root = tmp_path_factory.mktemp("fruit")
    rules = [
        Rule(trigger="while", condition=Condition(labels=(name,)), actions=(Led(name=led),))
        for name, led in zip(FRUIT, ("red", "green", "blue"), strict=True)
    ]
    arch = Architecture(form="mlp", stages=(Stage(block="dense", channels=8),))
    return working(write_fruit(root / "fruit_data"), "color", arch, rules, root / "run")


@pytest.fixture(scope="session")
def motion(tmp_path_factory: pytest.TempPathFactory) -> Working:
    """Windows over acceleration; prints changes, blinks, holds a LED, greets and says that it is alive."""
    root = tmp_path_factory.mktemp("motion")
    rules = [
        Rule(trigger="start", actions=(Print(template="hello"),)),
        Rule(trigger="every", period_ms=1000, actions=(Print(template="alive"),)),
        Rule(trigger="change", actions=(Print(template="now {label} {confidence}"),)),
        Rule(trigger="while", condition=Condition(labels=("walk",)), actions=(Led(name="green"),)),
        Rule(
            trigger="becomes",
            condition=Condition(labels=("shake",)),
            actions=(Led(name="red", state="blink", times=2, duration_ms=100),),
        ),
        Rule(trigger="becomes", condition=Condition(labels=("rest",)), actions=(Led(name="blue", duration_ms=150),)),
    ]
    arch = Architecture(
        form="conv1d",
        stages=(Stage(block="conv", channels=6, kernel=5, stride=2), Stage(block="conv", channels=8, stride=2)),
    )
    window = Window(size=30, stride=10)
    return working(write_motions(root / "motion_data"), "imu", arch, rules, root / "run", window)
