"""Firmwares that work, made in seconds from invented data: what the suite `verify` puts faults into.

A variant says everything about one; the network is shared by all variants with the same data and trained once.
"""

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from evals.rulesets import draw_rules
from evals.synthetic import Kind, write_data
from evals.verify import Working
from hw.board import boards, sensors
from tools.artifacts import Architecture, Converted, Prepared, Recipe, Rule, Stage, TaskSpec, Window
from tools.behaviour_cpp import to_cpp
from tools.convert import convert
from tools.data import load
from tools.estimate import portable_for
from tools.recipe import default_recipe, held_out, run_recipe
from tools.scenario import build_scenario
from tools.sketch import app, sample_period_ms, scaffold, write_sketch
from tools.store import content_hash, read_model, write_json, write_text
from tools.verify import Behaviour

NAME = "trial"
"""Of every sketch, so that one build folder serves all of a board."""
_VERSION = 1
"""Raised when the same variant would become another firmware, so that kept networks are made again."""
_making = threading.Lock()


class Variant(BaseModel):
    """One firmware: where it runs, what it senses, the network's form, and the seeds of data and rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board: str
    data: Kind
    form: str = Field(pattern="^(mlp|conv1d)$")
    classes: int = Field(ge=2, le=5)
    seed: int
    """Of data and training."""
    rules: int
    """Seed of the rules."""

    @property
    def id(self) -> str:
        """A name for tables: nano33ble-color-mlp-3-1.7 is data of seed 1 with rules of seed 7."""
        return f"{self.board}-{self.data}-{self.form}-{self.classes}-{self.seed}.{self.rules}"

    @property
    def sensor(self) -> str:
        """Key of hw/sensors."""
        return "serial" if self.data.startswith("serial") else self.data


@dataclass(frozen=True)
class Readied:
    """Data after the recipe, in a run folder: all that the text of a sketch depends on."""

    prepared: Prepared
    channels: tuple[str, ...]
    period_ms: int


@dataclass(frozen=True)
class Base:
    """What variants share: prepared data and the network in C, in the folder `root`."""

    root: Path
    ready: Readied
    converted: Converted
    samples: np.ndarray
    """(N, *input_shape): test, then training."""


def architecture(form: str) -> Architecture:
    """A network small enough for an Uno."""
    if form == "mlp":
        return Architecture(form="mlp", stages=(Stage(block="dense", channels=8),))
    stages = (Stage(block="conv", channels=6, kernel=5, stride=2), Stage(block="conv", channels=8, stride=2))
    return Architecture(form="conv1d", stages=stages)


def window(kind: Kind) -> Window | None:
    """The window over recordings: short, so that many results come in a short run; None for single readings."""
    return {"imu": Window(size=30, stride=10), "serial_series": Window(size=12, stride=4)}.get(kind)


def rules_of(variant: Variant, classes: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of a variant."""
    return draw_rules(variant.rules, classes, boards()[variant.board])


def working(variant: Variant, cache: Path, builds: Path) -> Working:
    """The firmware of a variant; networks are kept in `cache`, build folders in `builds`, and used again."""
    made = base(variant, cache)
    rules = rules_of(variant, made.ready.prepared.classes)
    return assemble(made, variant.board, variant.sensor, rules, builds / "firmwares" / variant.id, builds)


def base(variant: Variant, cache: Path) -> Base:
    """Data, recipe, trained and converted network; read from `cache` where they are there already."""
    portable = portable_for(boards()[variant.board])
    facts = variant.model_dump(exclude={"board", "rules"}) | {"portable": portable, "version": _VERSION}
    root = cache / "networks" / content_hash(facts)
    with _making:
        if not (root / "converted.json").exists():
            shutil.rmtree(root, ignore_errors=True)
            ready = ready_of(variant, root)
            make_network(root, ready, architecture(variant.form), portable)
    return read_base(root, ready_of(variant, root))


def ready_of(variant: Variant, root: Path) -> Readied:
    """Write the variant's data into `root` and run the recipe on them; always the same."""
    data = write_data(variant.data, variant.classes, variant.seed, root / "readings")
    return ready(root, data, variant.sensor, window(variant.data))


def ready(root: Path, data: Path, sensor_id: str, cut: Window | None = None) -> Readied:
    """Run the default recipe, with the window `cut` if given, on `data` in the run folder `root`."""
    raw, sensor = load(data), sensors()[sensor_id]
    recipe = default_recipe(raw.card, sensor)
    if cut:
        recipe = Recipe(steps=tuple(cut if isinstance(step, Window) else step for step in recipe.steps))
    root.mkdir(parents=True, exist_ok=True)
    prepared = run_recipe(raw, recipe, 1, root)
    period = sample_period_ms(prepared.recipe, sensor, raw.card.sample_rate_hz)
    return Readied(prepared, raw.card.channels, period)


def make_network(root: Path, readied: Readied, arch: Architecture, portable: bool = False) -> None:
    """Train a network for seconds and convert it, in the run folder `root`; converted.json is written last."""
    prepared = readied.prepared
    with np.load(root / prepared.arrays) as arrays:
        x, y, x_test, y_test = (arrays[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    network = _trained(arch, x, y, len(prepared.classes))
    converted = convert(
        network, arch, prepared.input_shape, prepared.classes, x, x_test, y_test, root / "model", portable
    )
    write_json(root / "converted.json", converted)


def read_base(root: Path, readied: Readied) -> Base:
    """What make_network left in `root`."""
    with np.load(root / readied.prepared.arrays) as arrays:
        samples = np.concatenate([arrays["x_test"], arrays["x_train"]])
    return Base(root, readied, read_model(root / "converted.json", Converted), samples)


def _trained(arch: Architecture, x: np.ndarray, y: np.ndarray, classes: int) -> object:
    import torch

    from tools.network import build_network

    torch.manual_seed(1)
    inputs, labels = torch.tensor(x), torch.tensor(y)
    network = build_network(arch, tuple(inputs.shape[1:]), classes)
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    network.train()
    for _ in range(120):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(inputs), labels).backward()
        optimiser.step()
    return network.eval()


def sketch_files(readied: Readied, board_id: str, sensor_id: str, rules: Sequence[Rule]) -> dict[str, str]:
    """Text of every file of the sketch but the network, by path."""
    spec = TaskSpec(
        request="a trial of the checks", name=NAME, board=board_id, sensor=sensor_id,
        classes=readied.prepared.classes, behaviour=tuple(rules),
    )  # fmt: skip
    board, sensor, recipe = boards()[board_id], sensors()[sensor_id], readied.prepared.recipe
    files = scaffold(spec, board, sensor, recipe, readied.channels, readied.period_ms)
    return {**files, "app.h": app(spec, to_cpp(rules, spec.classes))}


def write_text_of(variant: Variant, root: Path) -> Path:
    """The sketch of a variant without its network, in `root`: enough to see which faults it can have."""
    readied = ready_of(variant, root / "data")
    rules = rules_of(variant, readied.prepared.classes)
    for name, text in sketch_files(readied, variant.board, variant.sensor, rules).items():
        write_text(root / NAME / name, text)
    return root / NAME


def assemble(made: Base, board_id: str, sensor_id: str, rules: Sequence[Rule], folder: Path, builds: Path) -> Working:
    """The sketch of a base on a board with rules, and its scenario, in `folder`; built below `builds`."""
    ready, converted = made.ready, made.converted
    sketch = write_sketch(folder / NAME, sketch_files(ready, board_id, sensor_id, rules), made.root / converted.c_dir)
    tflite = made.root / converted.tflite
    scenario = build_scenario(
        held_out(made.root), ready.prepared.recipe, sensors()[sensor_id], ready.channels, converted, tflite,
        ready.period_ms, folder / "stimuli.csv", rules,
    )  # fmt: skip
    build_dir = builds / f"{board_id}-{sensor_id}"
    behaviour = Behaviour(tuple(rules), ready.prepared.classes)
    return Working(sketch, boards()[board_id], behaviour, scenario, converted, tflite, made.samples, build_dir)
