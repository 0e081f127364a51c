"""Pictures sent over the serial line: from data to firmware that is proven on emulated boards, and broken senders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hw.board import boards, sensors
from tools.artifacts import Architecture, Build, Condition, Converted, Led, Prepared, Print, Rule, Stage, TaskSpec
from tools.behaviour_cpp import to_cpp
from tools.compile import compile_sketch
from tools.convert import convert
from tools.data import RawData, load
from tools.estimate import portable_for
from tools.golden import check_on_board, golden_samples, inference_ms
from tools.recipe import default_recipe, held_out, run_recipe
from tools.scenario import build_scenario
from tools.sketch import app, sample_period_ms, scaffold, write_sketch
from tools.train import load_network, train
from tools.verify import Behaviour, Verified, verify

SERIAL = sensors()["serial"]
NET = Architecture(form="conv2d", stages=(Stage(block="conv", channels=6, stride=2),))
DENSE = Architecture(form="mlp", stages=(Stage(block="dense", channels=8),))


@dataclass(frozen=True)
class Made:
    """A trained network with its firmware."""

    raw: RawData
    prepared: Prepared
    converted: Converted
    build: Build
    board: str
    root: Path
    rules: tuple[Rule, ...]

    @property
    def tflite(self) -> Path:
        return self.root / self.converted.tflite

    @property
    def elf(self) -> Path:
        return Path(self.build.elf)

    def proven(self) -> Verified:
        compute_ms = inference_ms(self.elf, boards()[self.board], self.converted, self.root / "build")
        scenario = build_scenario(
            held_out(self.root), self.prepared.recipe, SERIAL, self.raw.card.channels, self.converted, self.tflite, 0,
            self.root / "build" / "stimuli.csv", self.rules, compute_ms,
        )  # fmt: skip
        behaviour = Behaviour(self.rules, self.raw.classes)
        bytes_in = int(np.prod(self.converted.input_shape))
        return verify(self.elf, boards()[self.board], behaviour, scenario, self.root / "build", bytes_in)


def rules_of(classes: Sequence[str]) -> tuple[Rule, ...]:
    return (
        Rule(trigger="result", actions=(Print(template="{label} {confidence}"),)),
        Rule(trigger="while", condition=Condition(labels=(classes[0],)), actions=(Led(name="builtin"),)),
        Rule(trigger="serial", text="1", actions=(Print(template="told"),)),
    )


def make(raw: RawData, arch: Architecture, board: str, root: Path, rules: tuple[Rule, ...], epochs: int) -> Made:
    prepared = run_recipe(raw, default_recipe(raw.card, SERIAL), 1, root)
    trained = train(arch, prepared, root, epochs=epochs, seed=1)
    with np.load(root / prepared.arrays) as arrays:
        train_x, test_x, test_y = (arrays[name] for name in ("x_train", "x_test", "y_test"))
    network = load_network(trained, root)
    portable = portable_for(boards()[board])
    converted = convert(network, arch, trained.input_shape, trained.classes, train_x, test_x, test_y, root / "model",
                        portable=portable)  # fmt: skip
    spec = TaskSpec(request="look", name="trial", board=board, sensor="serial", classes=raw.classes, behaviour=rules)
    period = sample_period_ms(prepared.recipe, SERIAL, None)
    files = scaffold(spec, boards()[board], SERIAL, prepared.recipe, raw.card.channels, period, converted.input_shape)
    files["app.h"] = app(spec, to_cpp(rules, raw.classes))
    folder = write_sketch(root / "firmware" / "trial", files, root / converted.c_dir)
    build = compile_sketch(folder, boards()[board], root / "build")
    assert build.ok, build.diagnostics
    return Made(raw, prepared, converted, build, board, root, rules)


def stripes(folder: Path) -> RawData:
    """Two classes of 24 coloured pictures each, 12 x 10 pixels: stripes across or upright, at any phase."""
    rng = np.random.default_rng(4)
    rows, columns = np.mgrid[0:10, 0:12]
    for name, along in (("across", rows), ("upright", columns)):
        (folder / name).mkdir(parents=True)
        for i in range(24):
            wave = 128 + 70 * np.sin(along * 2 * np.pi / 6 + rng.uniform(0, 2 * np.pi))
            colour = wave[..., None] * rng.uniform(0.7, 1.0, 3) + rng.normal(0, 6, (10, 12, 3))
            Image.fromarray(colour.clip(0, 255).astype(np.uint8)).save(folder / name / f"{i}.png")
    return load(folder)


@pytest.fixture(scope="module")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("coloured")
    raw = stripes(root / "pictures")
    return make(raw, NET, "nano33ble", root / "run", rules_of(raw.classes), epochs=12)


@pytest.mark.toolchain
def test_coloured_pictures_are_proven_on_a_board(coloured: Made, tmp_path: Path) -> None:
    assert coloured.converted.input_shape == (10, 12, 3)
    done = coloured.proven()
    assert done.objections == []
    told = {check.check: check for check in done.checks if check.exercised}
    assert all(check.passed for check in told.values())
    assert any(name.startswith("every inference is of the readings shown") for name in told)
    assert any(name.startswith("it touches no memory") for name in told)
    samples = golden_samples(coloured.root / coloured.prepared.arrays)
    board = boards()[coloured.board]
    parity, _ = check_on_board(coloured.elf, board, coloured.converted, coloured.tflite, samples, tmp_path)
    assert (parity.mismatches, parity.vectors) == (0, len(samples))
