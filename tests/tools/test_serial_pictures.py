"""Pictures sent over the serial line: from data to firmware that is proven on emulated boards, and broken senders."""

import dataclasses
import shutil
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
from tools.data import RawData, load, subset
from tools.emulate import emulate
from tools.estimate import portable_for
from tools.features import device_features
from tools.golden import VECTORS, check_on_board, golden_samples, inference_ms
from tools.live import REQUEST, live_answer
from tools.quantise import quantise
from tools.recipe import default_recipe, held_out, run_recipe
from tools.scenario import build_scenario
from tools.sketch import app, sample_period_ms, scaffold, write_sketch
from tools.tflite_file import tflm_infer
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


def proof_of(made: Made, folder: Path) -> None:
    """Everything that a run demands of its firmware."""
    done = made.proven()
    assert done.objections == []
    told = {check.check: check for check in done.checks if check.exercised}
    for name in ("every inference is of the readings shown", "it touches no memory", "after a pause", "with noise"):
        assert any(check.startswith(name) for check in told)
    board, samples = boards()[made.board], golden_samples(made.root / made.prepared.arrays)
    compute_ms = inference_ms(made.elf, board, made.converted, folder)
    parity, _ = check_on_board(made.elf, board, made.converted, made.tflite, samples, folder, compute_ms)
    assert (parity.mismatches, parity.vectors) == (0, min(VECTORS, len(samples)))


@pytest.fixture(scope="module")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("coloured")
    raw = stripes(root / "pictures")
    return make(raw, NET, "nano33ble", root / "run", rules_of(raw.classes), epochs=12)


@pytest.mark.toolchain
def test_coloured_pictures_are_proven_on_a_board(coloured: Made, tmp_path: Path) -> None:
    assert coloured.converted.input_shape == (10, 12, 3)
    proof_of(coloured, tmp_path)


@pytest.mark.toolchain
@pytest.mark.parametrize(("board", "arch"), [("netduinoplus2", NET), ("uno", DENSE)])
def test_the_digits_are_proven_on_other_boards(board: str, arch: Architecture, tmp_path: Path) -> None:
    raw = load("digits")
    made = make(subset(raw, 400, 1), arch, board, tmp_path / "run", rules_of(raw.classes)[:2], epochs=8)
    assert made.converted.input_shape == (8, 8, 1)
    proof_of(made, tmp_path / "golden")
    text = ("1,2,3", *(["0,0,0,0,0,0,0,0"] * 7))  # no command is known to it, so that it tells what is no row
    run = emulate(
        made.elf, boards()[board], None, 900, tmp_path / "run", lines=[(20 + 5 * k, t) for k, t in enumerate(text)]
    )
    assert [line.text for line in run.serial] == ["error: expected 8 rows of 8 numbers separated by commas"]


@pytest.mark.toolchain
def test_firmware_that_takes_colours_in_another_order_is_told(coloured: Made, tmp_path: Path) -> None:
    source = coloured.root / "firmware" / "trial"
    wrong = shutil.copytree(source, tmp_path / "trial")
    right, swapped = "pixel[taken % SENSOR_CHANNELS] =", "pixel[SENSOR_CHANNELS - 1 - taken % SENSOR_CHANNELS] ="
    text = (wrong / "sensor.cpp").read_text()
    assert text.count(right) == 1
    (wrong / "sensor.cpp").write_text(text.replace(right, swapped))
    build = compile_sketch(wrong, boards()[coloured.board], tmp_path / "build")
    assert build.ok, build.diagnostics
    assert dataclasses.replace(coloured, build=build).proven().objections


class Sender:
    """Sends lines as fast as the board takes them, and knows what must come of whole pictures."""

    def __init__(self, made: Made) -> None:
        self.made, self.lines, self.t_ms, self.wanted = made, [(20, REQUEST)], 30, list[str]()

    def rows(self, number: int) -> list[str]:
        """Lines of a held-out picture."""
        picture = held_out(self.made.root)[number][1]
        return [",".join(str(int(level)) for level in row.reshape(-1)) for row in picture]

    def send(self, *lines: str, pause_ms: int = 60) -> None:
        """Lines, and silence after the last."""
        for line in lines:
            self.lines.append((self.t_ms, line))
            self.t_ms += len(line) // 11 + 2
        self.t_ms += pause_ms

    def whole(self, number: int) -> None:
        """A whole picture, of which a result is wanted."""
        self.send(*self.rows(number))
        made, c = self.made, self.made.converted
        features = device_features(held_out(made.root)[number][1], made.prepared.recipe)
        codes = quantise(features[None], c.input_scale, c.input_zero_point)
        self.wanted.append(live_answer(codes, tflm_infer(made.tflite, codes).reshape(-1)))

    def said(self, folder: Path) -> list[str]:
        """What the board says of its inferences: "~!", a digest of the input, the outputs."""
        run = emulate(self.made.elf, boards()[self.made.board], None, self.t_ms + 300, folder, lines=self.lines)
        assert run.status == "done"
        return [line.text.lower() for line in run.serial if line.text.startswith(REQUEST)]


@pytest.mark.toolchain
@pytest.mark.parametrize("at", [0, 3, 9])
def test_a_broken_row_costs_its_picture_and_no_other(at: int, coloured: Made, tmp_path: Path) -> None:
    sender = Sender(coloured)
    sender.whole(0)
    sevens = ",".join("7" * 36)
    short, long, letter = sevens[:-2], f"{sevens},7", f"7,x{sevens[3:]}"
    endless, open_ended = sevens[:-1] + "7" * 40, f"{sevens},"
    for k, fault in enumerate((short, long, letter, endless, open_ended)):
        rows = sender.rows(1)
        rows[at] = fault
        sender.send(*rows)
        if k % 2:
            sender.whole(k)
    sender.whole(1)
    assert sender.said(tmp_path) == sender.wanted


@pytest.mark.toolchain
def test_an_empty_line_or_a_pause_begins_a_picture_anew(coloured: Made, tmp_path: Path) -> None:
    sender = Sender(coloured)
    sender.whole(0)
    sender.send(*sender.rows(1)[:4], "")
    sender.whole(2)
    sender.send("")
    sender.send(*sender.rows(3)[:7], "1,2", pause_ms=1100)
    sender.whole(4)
    assert sender.said(tmp_path) == sender.wanted


@pytest.mark.toolchain
def test_the_self_test_amid_a_picture_costs_that_one_only(coloured: Made, tmp_path: Path) -> None:
    sender = Sender(coloured)
    rows = sender.rows(1)
    sender.send(*rows[:4], "~?", *rows[4:])
    sender.whole(2)
    assert sender.said(tmp_path) == sender.wanted


@pytest.mark.toolchain
def test_a_command_amid_a_picture_costs_nothing(coloured: Made, tmp_path: Path) -> None:
    sender = Sender(coloured)
    sender.whole(0)
    rows = sender.rows(0)
    sender.send(*rows[:4], "1", "hello", "x" * 300, *rows[4:])
    assert sender.said(tmp_path) == sender.wanted * 2
