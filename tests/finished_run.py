"""A finished run folder, made in a second or two: a small trained network, its sketch, and what `flash` reads."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from hw.board import boards, sensors
from tools.artifacts import (
    Architecture,
    Build,
    Condition,
    Firmware,
    Led,
    Normalise,
    Print,
    Recipe,
    Rule,
    Stage,
    TaskSpec,
)
from tools.behaviour_cpp import to_cpp
from tools.convert import convert
from tools.network import build_network
from tools.sketch import app, sample_period_ms, scaffold, write_sketch
from tools.store import write_arrays, write_json

CLASSES = ("low", "middle", "high")
CHANNELS = ("x", "y", "z")
RULES = (
    Rule(trigger="result", actions=(Print(template="{label} {confidence}"),)),
    Rule(trigger="while", condition=Condition(labels=("high",)), actions=(Led(name="builtin"),)),
    Rule(trigger="every", period_ms=400, actions=(Print(template="alive"),)),
)


def readings(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(count, 3) readings around 0.2, 0.5 and 0.8, and their classes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, count)
    x = 0.2 + 0.3 * y[:, None] + rng.normal(0, 0.05, (count, 3))
    return x.astype(np.float32), y.astype(np.int64)


def finished_run(
    folder: Path, board: str = "nano33ble", sensor: str = "serial", rules: Sequence[Rule] = RULES, seed: int = 1
) -> Path:
    """A run of the name `levels` for `board`; its network has portable C, which suits every board."""
    x, y = readings(300, seed)
    arch = Architecture(form="mlp", stages=(Stage(block="dense", channels=6),))
    torch.manual_seed(seed)
    network = build_network(arch, (3,), len(CLASSES))
    optimiser = torch.optim.Adam(network.parameters(), 2e-2)
    for _ in range(60):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(torch.tensor(x)), torch.tensor(y)).backward()
        optimiser.step()
    converted = convert(network.eval(), arch, (3,), CLASSES, x, x[:150], y[:150], folder / "model", portable=True)
    spec = TaskSpec(request="levels", name="levels", board=board, sensor=sensor, classes=CLASSES, behaviour=rules)
    recipe = Recipe(steps=(Normalise(method="none"),))
    fact = sensors()[sensor]
    channels = tuple(c.name for c in fact.channels) or CHANNELS
    files = scaffold(spec, boards()[board], fact, recipe, channels, sample_period_ms(recipe, fact, None))
    files["app.h"] = app(spec, to_cpp(rules, CLASSES))
    sketch = write_sketch(folder / "firmware" / "levels", files, folder / converted.c_dir)
    write_arrays(folder / "data" / "arrays.npz", x_test=x[:150], x_validation=x[150:200], x_train=x[200:])
    write_json(folder / "spec.json", spec)
    write_json(folder / "model" / "converted.json", converted)
    write_json(folder / "run.json", {"request": "levels", "board": board})
    firmware = Firmware(
        board=board, sketch=str(sketch.relative_to(folder)), elf="", author="rules", tries=0, model_lines=0,
        total_lines=1, build=Build(ok=True, fqbn="", core="emulated"), parity=converted.parity, checks=(),
    )  # fmt: skip
    write_json(folder / "firmware" / "firmware.json", firmware)
    return folder
