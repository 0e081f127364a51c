import os
import random
from pathlib import Path

import pytest

from hw.board import Board, boards, sensors
from tools.arena import Buffer, lower_bound, place
from tools.artifacts import (
    Architecture,
    Budgets,
    Normalise,
    Picture,
    Print,
    Recipe,
    Rule,
    Spectrogram,
    Stage,
    Step,
    TaskSpec,
    Window,
)
from tools.behaviour_cpp import to_cpp
from tools.c_code import generate
from tools.compile import compile_sketch
from tools.errors import Fixable
from tools.estimate import estimate, kernel_of, portable_for, smallest
from tools.layers import layers_of
from tools.quantise import placeholder
from tools.search_space import random_architecture
from tools.sketch import app, sample_period_ms, scaffold, write_sketch
from tools.tflite_file import write_tflite

SHAPES = [(3,), (12,), (40, 6), (33, 5), (8, 8, 1), (9, 7, 3), (24, 24, 3)]
MLP = Architecture(form="mlp", stages=(Stage(block="dense", channels=16),))
RULES = (Rule(trigger="result", actions=(Print(template="{label} {confidence}"),)),)
# The kernels of the C compiler, under the names of hw/firmware_size.toml.
NAMES = {
    "cmsis_nn.conv2d_s8.v4.0.0": {"cmsis_conv"},
    "cmsis_nn.depthwise_conv2d_s8.v4.0.0": {"cmsis_depthwise", "cmsis_depthwise_3x3"},
    "optimized.linear_oi2.v1": {"linear_pairs"},
    "optimized.linear_oi2_tail.v1": {"linear_pairs_tail"},
    "portable.linear_s8.v1": {"linear"},
    "portable.conv2d_s8.v1": {"conv"},
    "optimized.conv2d_1x1_o2.v1": {"conv_1x1"},
    "portable.depthwise_conv2d_s8.v1": {"depthwise"},
    "optimized.depthwise_3x3_c2.v1": {"depthwise_3x3"},
    "portable.add_s8.v1": {"add"},
    "portable.average_pool2d_s8.v1": {"pool"},
    "portable.flatten_view.v1": {"reshape"},
}


def board(core: str = "Cortex-M4F", **budgets: int) -> Board:
    return Board(
        id="test",
        name="Test",
        chip="T1",
        core=core,
        clock_hz=64_000_000,
        ram_bytes=256_000,
        flash_bytes=1_000_000,
        fqbn="a:b:c",
        sensors=(),
        budgets=budgets,
    )


@pytest.mark.parametrize("core", ["Cortex-M4F", "AVR"])
def test_arena_constants_and_kernels_equal_what_the_generated_code_reports(core: str, tmp_path: Path) -> None:
    rng = random.Random(5)
    for _ in range(int(os.environ.get("TINYSMITH_NETWORKS", "30"))):
        shape = rng.choice(SHAPES)
        arch = random_architecture(rng, shape)
        layers = layers_of(arch, shape, 5)
        code = generate(write_tflite(placeholder(layers)), tmp_path / "c", cmsis=core != "AVR")
        expected = estimate(arch, shape, 5, Budgets(), board(core))
        assert (expected.arena_bytes, expected.model_flash_bytes) == (code.arena_bytes, code.constant_bytes), arch
        for layer, kernel in zip(layers, code.kernels, strict=True):
            assert kernel_of(layer, core != "AVR") in NAMES[kernel], (arch, layer)


def test_arenas_of_random_networks_reach_the_lower_bound() -> None:
    from tools.arena import buffers_of

    rng = random.Random(6)
    worse = 0
    for _ in range(100):
        shape = rng.choice(SHAPES)
        buffers = buffers_of(layers_of(random_architecture(rng, shape), shape, 5))
        offsets, total = place(buffers)
        worse += total > lower_bound(buffers)
        for i, a in enumerate(buffers):
            assert offsets[i] % 4 == 0
            for j, b in enumerate(buffers[:i]):
                if a.birth < b.death and b.birth < a.death:
                    assert offsets[i] >= offsets[j] + b.size or offsets[j] >= offsets[i] + a.size
    assert worse <= 2


def test_a_chain_that_first_fit_in_order_of_birth_would_fragment() -> None:
    chain = [Buffer(0, 2, 40), Buffer(1, 3, 80), Buffer(2, 4, 120)]
    assert place(chain)[1] == 200


def test_a_broken_budget_is_a_sentence_with_both_numbers() -> None:
    wide = Architecture(form="conv2d", stages=(Stage(block="conv", channels=64),))
    over = estimate(wide, (24, 24, 3), 5, Budgets(arena_bytes=30_000, macs=10), board())
    assert f"{over.arena_bytes:,} bytes, over the budget of 30,000 (arena_bytes)" in over.violations[0]
    assert f"{over.macs:,} multiply-accumulates, over the budget of 10 (macs)" in over.violations[1]
    assert estimate(MLP, (3,), 3, Budgets(), board()).violations == ()


def test_the_chip_limits_where_no_budget_is_given_and_the_boards_budget_comes_between() -> None:
    wide = Architecture(form="conv2d", stages=(Stage(block="conv", channels=512),))
    shape = (32, 32, 3)
    assert "what the T1 has of 256,000 (ram_bytes)" in estimate(wide, shape, 5, Budgets(), board()).violations[0]
    assert "arena_bytes" in estimate(MLP, (3,), 3, Budgets(), board(arena_bytes=4)).violations[0]
    assert estimate(MLP, (3,), 3, Budgets(arena_bytes=400), board(arena_bytes=4)).violations == ()


def test_no_network_of_the_space_is_cheaper_than_the_smallest() -> None:
    rng = random.Random(7)
    for form, shape in (("mlp", (12,)), ("conv1d", (40, 6)), ("conv2d", (24, 24, 3))):
        least = smallest(shape, 5, form, board())  # type: ignore[arg-type]
        for _ in range(100):
            other = estimate(random_architecture(rng, shape), shape, 5, Budgets(), board())
            assert other.ram_bytes >= least.ram_bytes
            assert other.model_flash_bytes >= least.model_flash_bytes


def test_the_smallest_network_is_the_one_that_fits_the_budget() -> None:
    shape = (8, 8, 1)  # less RAM with a depthwise layer, less flash without
    lean = smallest(shape, 5, "conv2d", board())
    tight = Budgets(flash_bytes=lean.flash_bytes - 1)
    assert smallest(shape, 5, "conv2d", board(), budgets=tight).violations == ()
    assert smallest(shape, 5, "conv2d", board(), budgets=Budgets(flash_bytes=10_000)).violations != ()


def test_an_estimate_is_quick() -> None:
    import time

    rng = random.Random(8)
    nets = [random_architecture(rng, (24, 24, 3)) for _ in range(50)]
    started = time.perf_counter()
    for arch in nets:
        estimate(arch, (24, 24, 3), 7, Budgets(), board())
    assert (time.perf_counter() - started) / len(nets) < 0.05


def test_a_network_that_does_not_fit_the_input_is_fixable() -> None:
    with pytest.raises(Fixable, match="use form conv1d or mlp"):
        estimate(Architecture(form="conv2d", stages=(Stage(block="conv", channels=4),)), (40, 6), 3, Budgets(), board())


STRIDED = Architecture(
    form="conv1d",
    stages=(Stage(block="conv", channels=8, stride=2), Stage(block="dsconv", channels=12, stride=2)),
)
FLAT = Architecture(
    form="conv2d",
    stages=(Stage(block="conv", channels=8, stride=2), Stage(block="dsconv", channels=12, stride=2)),
)
READINGS = (Normalise(method="none"),)
SOUND = (Spectrogram(), Window(size=40, stride=20), Normalise(method="none"))
PICTURE = (Picture(width=32, height=24), Normalise(method="none"))


def windows(size: int) -> tuple[Step, ...]:
    return (Window(size=size, stride=size // 2), Normalise(method="none"))


@pytest.mark.toolchain
@pytest.mark.parametrize(
    ("board_id", "sensor_id", "steps", "arch", "shape"),
    [
        ("nano33ble", "color", READINGS, MLP, (3,)),
        ("nano33ble", "imu", windows(20), STRIDED, (20, 3)),
        pytest.param("nano33ble", "serial", windows(20), STRIDED, (20, 3), marks=pytest.mark.slow),
        pytest.param("nano33ble", "microphone", SOUND, STRIDED, (40, Spectrogram().bands), marks=pytest.mark.slow),
        ("nano33ble", "camera", PICTURE, FLAT, (24, 32, 1)),
        pytest.param("netduinoplus2", "serial", windows(20), STRIDED, (20, 3), marks=pytest.mark.slow),
        pytest.param("nucleo_h743zi", "serial", windows(20), STRIDED, (20, 3), marks=pytest.mark.slow),
        ("uno", "serial", READINGS, MLP, (3,)),
        ("uno", "serial", windows(20), STRIDED, (20, 3)),
        pytest.param("mega", "serial", windows(20), STRIDED, (20, 3), marks=pytest.mark.slow),
    ],
)
def test_the_predicted_firmware_is_the_compiled_one(
    board_id: str, sensor_id: str, steps: tuple[Step, ...], arch: Architecture, shape: tuple[int, ...], tmp_path: Path
) -> None:
    on, sensor = boards()[board_id], sensors()[sensor_id]
    channels = [c.name for c in sensor.channels][:3] or ["x", "y", "z"]
    spec = TaskSpec(request="a test", name="fit", board=board_id, sensor=sensor_id, classes=("a", "b", "c"))
    period = sample_period_ms(Recipe(steps=steps), sensor, None)
    files = scaffold(spec, on, sensor, Recipe(steps=steps), channels, period, shape)
    files["app.h"] = app(spec, to_cpp(RULES, spec.classes))
    generate(write_tflite(placeholder(layers_of(arch, shape, 3))), tmp_path / "c", not portable_for(on))
    built = compile_sketch(write_sketch(tmp_path / "fit", files, tmp_path / "c"), on, tmp_path / "build")
    assert built.ok, built.diagnostics
    predicted = estimate(arch, shape, 3, Budgets(), on, sensor_id)
    assert abs(predicted.ram_bytes / built.ram_bytes - 1) <= 0.02
    assert abs(predicted.flash_bytes / built.flash_bytes - 1) <= 0.02
