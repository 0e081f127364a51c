"""Two small firmwares that work, made from invented data with networks trained in seconds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evals.firmwares import architecture, assemble, make_network, read_base, ready, window
from evals.synthetic import Kind, write_data
from evals.verify import Working
from tools.artifacts import Condition, Led, Print, Rule

FRUIT = {"apple": (0.60, 0.24, 0.16), "banana": (0.36, 0.38, 0.26), "orange": (0.47, 0.35, 0.18)}


def write_fruit(folder: Path) -> Path:
    rng = np.random.default_rng(7)
    folder.mkdir()
    for name, mean in FRUIT.items():
        rows = np.clip(np.array(mean) + rng.normal(0, 0.012, (80, 3)), 0.01, 1)
        rows /= rows.sum(axis=1, keepdims=True)
        lines = ["Red,Green,Blue", *(",".join(f"{v:.3f}" for v in row) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def made(kind: Kind, data: Path, form: str, rules: Sequence[Rule], root: Path) -> Working:
    readied = ready(root / "run", data, kind, window(kind))
    make_network(root / "run", readied, architecture(form))
    base = read_base(root / "run", readied)
    return assemble(base, "nano33ble", kind, rules, root / "firmware", root / "builds")


@pytest.fixture(scope="session")
def fruit(tmp_path_factory: pytest.TempPathFactory) -> Working:
    """Single colour readings; a LED for each fruit."""
    root = tmp_path_factory.mktemp("fruit")
    rules = [
        Rule(trigger="while", condition=Condition(labels=(name,)), actions=(Led(name=led),))
        for name, led in zip(FRUIT, ("red", "green", "blue"), strict=True)
    ]
    return made("color", write_fruit(root / "data"), "mlp", rules, root)


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
    return made("imu", write_data("imu", 3, 7, root / "data"), "conv1d", rules, root)
