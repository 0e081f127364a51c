"""From pictures in folders to a board with a camera: the network's results on its frames, pixel for pixel."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hw.board import boards, sensors
from tools.artifacts import (
    Architecture,
    Budgets,
    Condition,
    DataCard,
    Led,
    Normalise,
    Picture,
    Print,
    Recipe,
    Rule,
    Split,
    Stage,
    TaskSpec,
    Window,
)
from tools.behaviour_cpp import to_cpp
from tools.compile import compile_sketch
from tools.convert import convert
from tools.data import load
from tools.demand import Demanded
from tools.emulate import emulate
from tools.errors import BadInput, Fixable
from tools.estimate import estimate
from tools.features import device_features, sensor_readings
from tools.golden import check_on_board
from tools.oracle import compare
from tools.picture import camera_frame, full_frame
from tools.picture_recipe import before_the_lens, crop, device_pixels, grey_pictures
from tools.recipe import check_recipe, default_recipe, held_out, run_recipe
from tools.report_parts import step_sentence
from tools.scenario import build_scenario
from tools.scenario_pictures import shots
from tools.sketch import app, sample_period_ms, scaffold, write_sketch
from tools.train import load_network, train

BOARD, CAMERA = boards()["nano33ble"], sensors()["camera"]
NET = Architecture(form="conv2d", stages=(Stage(block="conv", channels=6, kernel=5, stride=2),))
RULES = (
    Rule(trigger="result", actions=(Print(template="{label} {confidence}"),)),
    Rule(trigger="while", condition=Condition(labels=("across",)), actions=(Led(name="green"),)),
)


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    """Two classes of 24 coloured pictures each, 24 x 20 pixels: stripes across or upright, at any phase."""
    rng = np.random.default_rng(4)
    rows, columns = np.mgrid[0:20, 0:24]
    for name, along in (("across", rows), ("upright", columns)):
        (tmp_path / "stripes" / name).mkdir(parents=True)
        for i in range(24):
            wave = 128 + 70 * np.sin(along * 2 * np.pi / 8 + rng.uniform(0, 2 * np.pi))
            colour = wave[..., None] * rng.uniform(0.7, 1.0, 3) + rng.normal(0, 6, (20, 24, 3))
            Image.fromarray(colour.clip(0, 255).astype(np.uint8)).save(tmp_path / "stripes" / name / f"{i}.png")
    return tmp_path / "stripes"


@pytest.mark.toolchain
def test_the_board_sees_what_the_model_sees(stripes: Path, tmp_path: Path) -> None:
    raw, run_dir = load(stripes), tmp_path / "run"
    recipe = default_recipe(raw.card, CAMERA)
    assert next(s for s in recipe.steps if isinstance(s, Picture)) == Picture(width=24, height=20)
    prepared = run_recipe(raw, recipe, 1, run_dir)
    assert prepared.input_shape == (20, 24, 1)
    trained = train(NET, prepared, run_dir, epochs=12, seed=1)
    with np.load(run_dir / prepared.arrays) as arrays:
        train_x, test_x, test_y = (arrays[name] for name in ("x_train", "x_test", "y_test"))
    network = load_network(trained, run_dir)
    converted = convert(network, NET, trained.input_shape, trained.classes, train_x, test_x, test_y, run_dir / "model")
    assert converted.accuracy_int8 is not None
    assert converted.accuracy_int8 > 0.8
    spec = TaskSpec(request="see", name="trial", board=BOARD.id, sensor=CAMERA.id, classes=raw.classes,
                    behaviour=RULES)  # fmt: skip
    period = sample_period_ms(prepared.recipe, CAMERA, None)
    files = scaffold(spec, BOARD, CAMERA, prepared.recipe, raw.card.channels, period)
    files["app.h"] = app(spec, to_cpp(RULES, raw.classes))
    folder = write_sketch(run_dir / "firmware" / "trial", files, run_dir / converted.c_dir)
    build = compile_sketch(folder, BOARD, run_dir / "build")
    assert build.ok, build.diagnostics
    predicted = estimate(NET, prepared.input_shape, 2, Budgets(), BOARD, CAMERA.id)
    assert abs(predicted.ram_bytes - build.ram_bytes) <= 64
    assert abs(predicted.flash_bytes / build.flash_bytes - 1) < 0.06
    stimuli = run_dir / "build" / "stimuli.csv"
    scenario = build_scenario(held_out(run_dir), prepared.recipe, CAMERA, raw.card.channels, converted,
                              run_dir / converted.tflite, period, stimuli, RULES)  # fmt: skip
    assert {r.label for r in scenario.results if r.sure} == {"across", "upright"}
    run = emulate(Path(build.elf), BOARD, stimuli, scenario.until_ms, tmp_path / "emulated")
    assert run.status == "done"
    assert [line.text.split()[0] for line in run.serial] == [r.label for r in scenario.results]
    for line, result in zip(run.serial, scenario.results, strict=True):
        assert abs(line.t_ms - result.t_ms) <= 40
        assert float(line.text.split()[1]) == pytest.approx(result.confidence, abs=0.006)  # two decimals
    demanded = Demanded(RULES, scenario.results, scenario.until_ms)
    assert [check for check in compare(demanded, run, BOARD) if not check.passed] == []

    parity, _ = check_on_board(
        Path(build.elf), BOARD, converted, run_dir / converted.tflite, test_x, tmp_path / "golden"
    )
    assert (parity.mismatches, parity.vectors) == (0, len(test_x))

    files["sensor.cpp"] = files["sensor.cpp"].replace("row * HEIGHT / ROWS;", "0;")
    folder = write_sketch(tmp_path / "wrong" / "trial", files, run_dir / converted.c_dir)
    wrong_build = compile_sketch(folder, BOARD, tmp_path / "wrong_build")
    assert wrong_build.ok, wrong_build.diagnostics
    wrong = emulate(Path(wrong_build.elf), BOARD, stimuli, scenario.until_ms, tmp_path / "emulated")
    assert not all(check.passed for check in compare(demanded, wrong, BOARD))


def test_pictures_become_grey_at_the_networks_size() -> None:
    colour = np.zeros((40, 40, 3), dtype=np.uint8)
    colour[:20] = (200, 100, 50)
    (grey,) = grey_pictures([colour], Picture(width=20, height=20))
    assert grey.shape == (20, 20, 1)
    assert grey.dtype == np.uint8
    assert (grey[:10] == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)).all()
    assert (grey[10:] == 0).all()
    (larger,) = grey_pictures([np.full((8, 8, 1), 77.0)], Picture(width=16, height=12))
    assert (larger == 77).all()


@pytest.mark.parametrize("size", [(32, 32), (24, 20), (20, 24), (48, 16), (96, 96), (12, 40)])
def test_the_middle_of_a_frame_shows_the_picture(size: tuple[int, int], tmp_path: Path) -> None:
    step = Picture(width=size[0], height=size[1])
    left, top, width, height = crop(step)
    assert (left >= 0, top >= 0, width <= 160, height <= 120) == (True,) * 4
    assert width == 160 or height == 120 or min(width / size[0], height / size[1]) >= 1
    smooth = np.add.outer(np.linspace(20, 120, size[1]), np.linspace(0, 100, size[0])).astype(np.uint8)[..., None]
    path = tmp_path / "p.png"
    Image.fromarray(before_the_lens(smooth, step)).save(path)
    seen = device_pixels(camera_frame(full_frame(path.read_bytes(), "p.png"), 160, 120), step)
    assert seen.shape == smooth.shape
    # Neighbours of a smooth picture blend where their edges do not fall together.
    assert np.abs(seen.astype(int) - smooth.astype(int)).max() <= max(100 / size[0], 100 / size[1]) + 1


def test_a_slow_network_takes_frames_later_but_never_late() -> None:
    assert [shot.begins_ms for shot in shots(100_000, 3)] == [1200, 2200, 3200]
    taken = shots(8_000_000, 3)
    assert all(b.begins_ms > a.result_ms for a, b in itertools.pairwise(taken))


CARD = DataCard(source="s", sha256="", kind="image", classes=("a", "b"), counts={}, channels=("red", "green", "blue"),
                image_shape=(64, 96, 3), maximum=(255.0,) * 3)  # fmt: skip


def test_large_pictures_are_made_small_enough() -> None:
    step = next(s for s in default_recipe(CARD, CAMERA).steps if isinstance(s, Picture))
    assert (step.width, step.height) == (48, 32)
    assert step_sentence(step) == "grey pictures of 48 x 32 pixels"


def test_the_digits_of_sixteen_levels_are_shown_as_a_camera_sees_them(tmp_path: Path) -> None:
    raw = load("digits")
    recipe = default_recipe(raw.card, CAMERA)
    prepared = run_recipe(raw, recipe, 1, tmp_path)
    assert prepared.input_shape == (8, 8, 1)
    label, digit = held_out(tmp_path)[0]
    assert digit.max() <= 16
    shown = sensor_readings(digit, prepared.recipe, CAMERA, ("pixel",))
    assert shown.max() > 200
    with np.load(tmp_path / prepared.arrays) as arrays:
        assert device_features(shown, prepared.recipe) == pytest.approx(arrays["x_test"][0], abs=0.02)
        assert arrays["y_test"][0] == label


def test_what_a_camera_cannot_see_is_refused() -> None:
    with pytest.raises(BadInput, match="these data are series: give a folder of pictures"):
        default_recipe(CARD.model_copy(update={"kind": "series"}), CAMERA)
    with pytest.raises(Fixable, match="`picture` of 200 x 8 pixels: use 4 to 96"):
        check_recipe(Recipe(steps=(Picture(width=200, height=8), Split())), CARD)
    series = CARD.model_copy(update={"kind": "series", "recording_samples": (50, 50), "channels": ("a",)})
    with pytest.raises(Fixable, match="`picture` is for pictures"):
        check_recipe(Recipe(steps=(Picture(width=8, height=8), Window(size=8, stride=4), Split())), series)
    fitted = Normalise(offset=(0.0,) * 3, gain=(1.0,) * 3)
    with pytest.raises(Fixable, match="`normalise` has 3 values for 1 channels"):
        check_recipe(Recipe(steps=(Picture(width=8, height=8), fitted, Split())), CARD)
