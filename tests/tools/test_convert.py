import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tools.artifacts import Architecture, Converted, Stage
from tools.convert import confusion, convert
from tools.errors import BadInput
from tools.kernels import SYMBOL
from tools.network import Network, build_network
from tools.parity import DRIVER, c_infer, compare, vectors
from tools.process import run
from tools.quantise import affine, quantise, quantise_network
from tools.search_space import random_architecture
from tools.tflite_file import infer_bytes, tflm_infer, write_tflite

# Small networks train faster on one thread, above all beside other work.
torch.set_num_threads(1)
FloatArray = NDArray[np.float32]
BARE_METAL = Path(__file__).parent / "bare_metal"
CONV = Architecture(
    form="conv2d",
    stages=(
        Stage(block="conv", channels=8),
        Stage(block="dsconv", channels=16, stride=2, depth=2, skip=True),
        Stage(block="mbconv", channels=16, stride=2, depth=2, skip=True),
    ),
)
MLP = Architecture(form="mlp", stages=(Stage(block="dense", channels=16), Stage(block="dense", channels=9)))
CONV1D = Architecture(
    form="conv1d",
    activation="relu6",
    stages=(Stage(block="conv", channels=8, kernel=5, stride=2), Stage(block="dsconv", channels=12, stride=2)),
)


def trained(arch: Architecture, x: FloatArray, y: NDArray[np.int64], classes: int, epochs: int) -> Network:
    torch.manual_seed(0)
    network = build_network(arch, x.shape[1:], classes)
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for batch in order[: len(x) // 50 * 50].reshape(-1, 50):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs[batch]), labels[batch]).backward()
            optimiser.step()
    return network


def digits() -> tuple[FloatArray, NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.images))
    return (data.images[order, :, :, None] / 16).astype(np.float32), data.target[order].astype(np.int64)


def waves(samples: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """Windows (40, 6) of noisy sines of three frequencies."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, samples)
    time = np.arange(40)[None, :, None] / 40
    phase = rng.uniform(0, 6.28, (samples, 1, 6))
    x = np.sin(6.28 * (2 + 3 * y[:, None, None]) * time + phase) + rng.normal(0, 0.2, (samples, 40, 6))
    return x.astype(np.float32), y.astype(np.int64)


@pytest.fixture(scope="module")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Converted, Path]:
    x, y = digits()
    network = trained(CONV, x[:1300], y[:1300], 10, epochs=5)
    home = tmp_path_factory.mktemp("run")
    names = tuple("0123456789")
    return convert(network, CONV, (8, 8, 1), names, x[:1300], x[1300:], y[1300:], home / "model"), home


def test_int8_keeps_the_accuracy_and_the_c_equals_tflm(digits_run: tuple[Converted, Path]) -> None:
    made, home = digits_run
    assert made.accuracy_float is not None
    assert made.accuracy_int8 is not None
    assert made.accuracy_float > 0.9
    assert made.accuracy_int8 > made.accuracy_float - 0.02
    assert made.parity.vectors == 497
    assert made.parity.bytes == 4970
    assert made.parity.mismatches == 0
    assert sum(map(sum, made.confusion_int8)) == 497
    assert json.loads((home / "model/parity.json").read_text())["of"] == {"test_vectors": 497, "training_vectors": 0}


def test_reported_accuracy_is_that_of_tflm_on_the_written_file(digits_run: tuple[Converted, Path]) -> None:
    made, home = digits_run
    x, y = digits()
    codes = quantise(x[1300:], made.input_scale, made.input_zero_point)
    assert (tflm_infer(home / made.tflite, codes).argmax(axis=1) == y[1300:]).mean() == made.accuracy_int8


def test_the_file_holds_only_what_the_device_needs(digits_run: tuple[Converted, Path]) -> None:
    made, home = digits_run
    content = bytearray((home / made.tflite).read_bytes())
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    codes = {model.operatorCodes[op.opcodeIndex].builtinCode for op in model.subgraphs[0].operators}
    builtin = schema.BuiltinOperator
    assert codes == {
        builtin.CONV_2D,
        builtin.DEPTHWISE_CONV_2D,
        builtin.ADD,
        builtin.AVERAGE_POOL_2D,
        builtin.RESHAPE,
    }
    raw = schema.Model.GetRootAsModel(content, 0)
    for i in range(raw.BuffersLength()):
        data = raw.Buffers(i)
        if data.DataLength():
            assert (data._tab.Vector(data._tab.Offset(4))) % 16 == 0


def test_model_h_says_what_the_artefact_says(digits_run: tuple[Converted, Path], tmp_path: Path) -> None:
    made, home = digits_run
    (tmp_path / "print.c").write_text(
        '#include <stdio.h>\n#include "model.h"\nint main(void) { printf("%d %d %.9g %d %.9g %d %d", MODEL_INPUT_BYTES,'
        "MODEL_CLASSES, MODEL_INPUT_SCALE, MODEL_INPUT_ZERO_POINT, MODEL_OUTPUT_SCALE, MODEL_OUTPUT_ZERO_POINT,"
        "MODEL_ARENA_BYTES); return 0; }"
    )
    run(["gcc", "-I", home / made.c_dir, "print.c", "-o", "print", "-lm"], timeout_s=60, cwd=tmp_path)
    seen = run([tmp_path / "print"], timeout_s=10).stdout.split()
    assert [int(seen[i]) for i in (0, 1, 3, 5, 6)] == [
        64,
        10,
        made.input_zero_point,
        made.output_zero_point,
        made.arena_bytes,
    ]
    assert np.float32(seen[2]) == np.float32(made.input_scale)
    assert np.float32(seen[4]) == np.float32(made.output_scale)


def test_the_folder_compiles_without_include_flags_from_anywhere(
    digits_run: tuple[Converted, Path], tmp_path: Path
) -> None:
    made, home = digits_run
    shutil.copytree(home / made.c_dir, tmp_path / "src" / "model")
    for source in (tmp_path / "src" / "model").glob("*.c"):
        done = run(["gcc", "-std=gnu11", "-Wall", "-Werror", "-c", source, "-o", "x.o"], timeout_s=60, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    (tmp_path / "main.cpp").write_text(
        '#include "src/model/model.h"\nint main() { model_infer(nullptr, nullptr); return model_quantise(1.0f); }'
    )
    assert run(["g++", "-Wall", "-Werror", "-c", "main.cpp"], timeout_s=60, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("portable", [False, True])
def test_windows_and_tabular_data_convert_exactly(portable: bool, tmp_path: Path) -> None:
    x, y = waves(400)
    network = trained(CONV1D, x[:300], y[:300], 3, epochs=15)
    made = convert(network, CONV1D, (40, 6), ("a", "b", "c"), x[:300], x[300:], y[300:], tmp_path / "w/model", portable)
    assert made.parity.mismatches == 0
    assert made.accuracy_int8 is not None
    assert made.accuracy_int8 > 0.9
    rng = np.random.default_rng(1)
    x = rng.dirichlet((1, 1, 1), 300).astype(np.float32)
    y = x.argmax(axis=1).astype(np.int64)
    network = trained(MLP, x[:250], y[:250], 3, epochs=30)
    made = convert(network, MLP, (3,), ("r", "g", "b"), x[:250], x[250:], y[250:], tmp_path / "t/model", portable)
    assert made.parity.mismatches == 0
    assert made.accuracy_int8 is not None
    assert made.accuracy_int8 > 0.9
    assert made.parity.vectors == 100
    told = json.loads((tmp_path / "t/model/parity.json").read_text())
    assert told["of"] == {"test_vectors": 50, "training_vectors": 50}


def test_untrained_networks_of_all_kinds_run_exactly_within_their_arena(tmp_path: Path) -> None:
    """With address and undefined-behaviour checks on: a wrong arena layout would be seen."""
    from tools.c_code import generate

    rng = random.Random(11)
    for number in range(4):
        shape = rng.choice([(12,), (33, 5), (9, 7, 3)])
        network = messy(random_architecture(rng, shape), shape, number)
        samples = np.random.default_rng(number).normal(0, 1, (40, *shape)).astype(np.float32)
        quantised = quantise_network(network, samples)
        tflite = write_tflite(quantised)
        generate(tflite, tmp_path / "c", cmsis=number % 2 == 0)
        codes = quantise(samples, *quantised.values[0]).reshape(40, -1)
        flags = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover"]
        assert np.array_equal(c_infer(tmp_path / "c", codes, flags), infer_bytes(tflite, codes))


def messy(arch: Architecture, shape: tuple[int, ...], seed: int) -> Network:
    """A network whose BatchNorm statistics and gains are as uneven as after training."""
    torch.manual_seed(seed)
    network = build_network(arch, shape, 5)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(module.bias, 0, 0.3)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    return network


def test_a_dead_channel_and_a_constant_input_still_convert(tmp_path: Path) -> None:
    from tools.c_code import generate

    network = messy(CONV, (8, 8, 1), 0)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            with torch.no_grad():
                module.weight[0] = 1e-12
                module.bias[0] = 3.0
                module.weight[1] = 0.0
    tflite = write_tflite(quantise_network(network, np.zeros((4, 8, 8, 1), np.float32)))
    generate(tflite, tmp_path / "c", cmsis=True)
    codes = np.random.default_rng(0).integers(-128, 128, (20, 64)).astype(np.int8)
    assert np.array_equal(c_infer(tmp_path / "c", codes), infer_bytes(tflite, codes))


def test_c_that_differs_from_tflm_is_never_accepted(digits_run: tuple[Converted, Path], tmp_path: Path) -> None:
    made, home = digits_run
    shutil.copytree(home / made.c_dir, tmp_path / "c")
    weights = tmp_path / "c" / f"{SYMBOL}_weights.c"
    text = weights.read_text()
    start = text.index("{\n") + 2
    end = text.index(",", start)
    weights.write_text(text[:start] + str(-int(text[start:end]) - 20) + text[end:])
    tflite = (home / made.tflite).read_bytes()
    codes = quantise(digits()[0][:100], made.input_scale, made.input_zero_point).reshape(100, -1)
    with pytest.raises(RuntimeError, match="output bytes of 100 vectors"):
        compare(lambda block: infer_bytes(tflite, block), codes, c_infer(tmp_path / "c", codes), on="host")


def test_quantise_rounds_as_the_device_does(tmp_path: Path) -> None:
    """model_quantise of model.h, compiled, on halves, limits, infinities and NaN."""
    from tools.c_code import generate

    network = messy(MLP, (3,), 0)
    quantised = quantise_network(network, np.linspace(-1.3, 2.9, 30, dtype=np.float32).reshape(10, 3))
    generate(write_tflite(quantised), tmp_path / "c", cmsis=False)
    scale, zero_point = quantised.values[0]
    halves = (np.arange(-140, 140) + 0.5).astype(np.float32) * np.float32(scale)
    random_values = np.random.default_rng(0).normal(0, 2, 2000).astype(np.float32)
    values = np.concatenate([halves, random_values, np.float32([0, np.inf, -np.inf, np.nan, 1e30, -1e30])])
    values.tofile(tmp_path / "values.bin")
    (tmp_path / "print.c").write_text(
        '#include <stdio.h>\n#include "model.h"\nint main(void) { float v; FILE *f = fopen("values.bin", "rb");'
        'while (fread(&v, 4, 1, f) == 1) printf("%d ", model_quantise(v)); return 0; }'
    )
    run(["gcc", "-I", tmp_path / "c", "print.c", "-o", "print", "-lm"], timeout_s=60, cwd=tmp_path)
    seen = [int(word) for word in run([tmp_path / "print"], timeout_s=10, cwd=tmp_path).stdout.split()]
    assert seen == quantise(values, scale, zero_point).tolist()


def test_ranges_always_hold_zero_exactly() -> None:
    for low, high in [(0.5, 2.0), (-3.0, -1.0), (-1.0, 1.0), (0.0, 0.0)]:
        scale, zero_point = affine(low, high)
        assert -128 <= zero_point <= 127
        assert scale > 0
        assert (min(low, 0) / scale + zero_point, max(high, 0) / scale + zero_point) >= (-128.6, -128.6)
    assert affine(0.5, 2.0).zero_point == -128
    assert affine(-3.0, -1.0).zero_point == 127


def test_few_test_samples_are_filled_up_with_training_samples() -> None:
    assert len(vectors(np.zeros((7, 2)), np.ones((5, 2)))) == 100
    assert len(vectors(np.zeros((250, 2)), np.ones((5, 2)))) == 250


def test_confusion_rows_are_the_truth() -> None:
    assert confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2) == ((1, 1), (0, 1))


def test_a_file_that_tflm_cannot_run_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "x.tflite").write_bytes(b"not a model at all, not even close")
    with pytest.raises(BadInput, match="not a TensorFlow Lite model"):
        tflm_infer(tmp_path / "x.tflite", np.zeros((1, 3), np.int8))
    (tmp_path / "x.tflite").write_bytes(b"\x1c\x00\x00\x00TFL3" + b"\xff" * 60)
    with pytest.raises(BadInput, match="damaged"):
        tflm_infer(tmp_path / "x.tflite", np.zeros((1, 3), np.int8))


@pytest.mark.toolchain
@pytest.mark.parametrize(("core", "machine"), [("cortex-m4", "mps2-an386"), ("cortex-m7", "mps2-an500")])
def test_an_emulated_core_computes_what_tflm_computes(
    core: str, machine: str, digits_run: tuple[Converted, Path], tmp_path: Path
) -> None:
    made, home = digits_run
    codes = quantise(digits()[0][1300:1340], made.input_scale, made.input_zero_point).reshape(40, -1)
    codes.tofile(tmp_path / "inputs.bin")
    (tmp_path / "driver.c").write_text(DRIVER)
    flags = [
        f"-mcpu={core}",
        "-mthumb",
        "-Os",
        "-std=gnu11",
        "-Wall",
        "-Werror",
        "-ffunction-sections",
        "-Wl,--gc-sections",
        "--specs=rdimon.specs",
        "-nostartfiles",
    ]
    files = [BARE_METAL / "startup.c", tmp_path / "driver.c", *(home / made.c_dir).glob("*.c")]
    compiler = ["arm-none-eabi-gcc", *flags, f"-T{BARE_METAL / 'link.ld'}", f"-I{home / made.c_dir}"]
    done = run([*compiler, *files, "-o", tmp_path / "e.elf", "-lm"], timeout_s=120)
    assert done.returncode == 0, done.stderr
    qemu = ["qemu-system-arm", "-M", machine, "-kernel", "e.elf", "-display", "none", "-monitor", "none"]
    ran = run([*qemu, "-semihosting-config", "enable=on,target=native"], timeout_s=60, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    outputs = np.fromfile(tmp_path / "outputs.bin", np.int8).reshape(40, -1)
    assert np.array_equal(outputs, tflm_infer(home / made.tflite, codes))


@pytest.mark.toolchain
def test_on_avr_the_constants_stay_in_flash(tmp_path: Path) -> None:
    from tools.c_code import generate

    network = messy(MLP, (3,), 0)
    tflite = write_tflite(quantise_network(network, np.random.default_rng(0).normal(0, 1, (20, 3)).astype(np.float32)))
    code = generate(tflite, tmp_path / "c", cmsis=False)
    (tmp_path / "main.c").write_text(
        '#include "model.h"\nstatic int8_t in[MODEL_INPUT_BYTES], out[MODEL_CLASSES];\n'
        "int main(void) { model_infer(in, out); return out[0]; }"
    )
    flags = ["-mmcu=atmega328p", "-Os", "-std=gnu11", "-Wall", "-Werror", "-ffunction-sections", "-Wl,--gc-sections"]
    sources = [tmp_path / "main.c", *(tmp_path / "c").glob("*.c")]
    done = run(["avr-gcc", *flags, f"-I{tmp_path / 'c'}", *sources, "-o", tmp_path / "e.elf"], timeout_s=60)
    assert done.returncode == 0, done.stderr
    text, data, bss = run(["avr-size", tmp_path / "e.elf"], timeout_s=10).stdout.splitlines()[1].split()[:3]
    assert int(data) == 0
    assert int(bss) == code.arena_bytes + 3 + 5
    assert code.constant_bytes < int(text) < code.constant_bytes + 2600
