import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tools.artifacts import Architecture, Stage
from tools.deploy import import_model
from tools.errors import BadInput
from tools.layers import macs
from tools.network import build_network
from tools.process import run
from tools.quantise import quantise_network
from tools.tflite_file import infer_bytes, pack, parse, write_tflite
from tools.tflite_rewrite import macs_of, rewrite

KWS = Path(__file__).resolve().parents[3] / "shared/models/kws_ref_model.tflite"
ARCH = Architecture(
    form="conv2d",
    stages=(Stage(block="conv", channels=8, stride=2), Stage(block="dsconv", channels=8, skip=True)),
)
OP = schema.BuiltinOperator


@pytest.fixture(scope="module")
def ours() -> bytes:
    torch.manual_seed(0)
    network = build_network(ARCH, (8, 8, 1), 4)
    return write_tflite(quantise_network(network, np.random.default_rng(0).normal(0, 1, (32, 8, 8, 1)).astype("f4")))


def codes(size: int = 64) -> NDArray[np.int8]:
    return np.random.default_rng(1).integers(-128, 128, (20, size)).astype(np.int8)


def operator(model: Any, code: int, inputs: list[int], outputs: list[int]) -> Any:
    entry = schema.OperatorCodeT()
    entry.builtinCode = entry.deprecatedBuiltinCode = code
    entry.version = 1
    model.operatorCodes.append(entry)
    made = schema.OperatorT()
    made.opcodeIndex, made.inputs, made.outputs = len(model.operatorCodes) - 1, inputs, outputs
    return made


def tensor(graph: Any, shape: list[int], like: int, scale: float | None = None) -> int:
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = f"t{len(graph.tensors)}", shape, schema.TensorType.INT8, 0
    made.quantization = graph.tensors[like].quantization
    if scale is not None:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = np.float32([scale]), np.int64([-128])
    graph.tensors.append(made)
    return len(graph.tensors) - 1


def constant(model: Any, values: NDArray[Any]) -> int:
    graph = model.subgraphs[0]
    made, buffer = schema.TensorT(), schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    model.buffers.append(buffer)
    made.name, made.shape, made.type, made.buffer = "c", list(values.shape), 2, len(model.buffers) - 1
    graph.tensors.append(made)
    return len(graph.tensors) - 1


def names(content: bytes) -> list[int]:
    model = parse(content)
    return [int(model.operatorCodes[o.opcodeIndex].builtinCode) for o in model.subgraphs[0].operators]


def test_our_own_files_pass_unchanged(ours: bytes) -> None:
    assert np.array_equal(infer_bytes(rewrite(ours), codes()), infer_bytes(ours, codes()))
    network = build_network(ARCH, (8, 8, 1), 4)
    assert macs_of(rewrite(ours)) == macs(network.layers)


def test_softmax_dynamic_batch_versions_and_reshape_options_are_mended(ours: bytes, tmp_path: Path) -> None:
    model = parse(ours)
    graph = model.subgraphs[0]
    out = int(graph.outputs[0])
    soft = tensor(graph, [1, 4], out, scale=1 / 256)
    last = operator(model, OP.SOFTMAX, [out], [soft])
    last.builtinOptionsType, last.builtinOptions = schema.BuiltinOptions.SoftmaxOptions, schema.SoftmaxOptionsT()
    last.builtinOptions.beta = 1.0
    graph.operators.append(last)
    graph.outputs = [soft]
    graph.tensors[int(graph.inputs[0])].shapeSignature = [-1, 8, 8, 1]
    for entry in model.operatorCodes[:3]:
        entry.version = 2
    for op in graph.operators:
        if model.operatorCodes[op.opcodeIndex].builtinCode == OP.RESHAPE:
            op.builtinOptions, op.builtinOptionsType = None, 0
    (tmp_path / "m.tflite").write_bytes(pack(model))
    made = import_model(tmp_path / "m.tflite", None, tmp_path / "run/model", ("a", "b", "c", "d"))
    written = (tmp_path / "run" / made.tflite).read_bytes()
    assert np.array_equal(infer_bytes(written, codes()), infer_bytes(ours, codes()))
    assert made.parity.mismatches == 0
    assert (made.accuracy_float, made.accuracy_int8) == (None, None)
    told = json.loads((tmp_path / "run/model/parity.json").read_text())
    assert told["agreement_with_original"] == 1.0
    assert told["of"] == {"random_vectors": 100}


def test_padding_that_same_expresses_costs_no_arena(ours: bytes) -> None:
    model = parse(ours)
    graph = model.subgraphs[0]
    first = graph.operators[0]
    source = int(first.inputs[0])
    padded = tensor(graph, [1, 9, 9, 1], source)
    pads = constant(model, np.array([[0, 0], [0, 1], [0, 1], [0, 0]], np.int32))
    pad = operator(model, OP.PAD, [source, pads], [padded])
    pad.builtinOptionsType, pad.builtinOptions = schema.BuiltinOptions.PadOptions, schema.PadOptionsT()
    first.inputs[0] = padded
    first.builtinOptions.padding = schema.Padding.VALID
    graph.operators.insert(0, pad)
    content = pack(model)
    assert np.array_equal(infer_bytes(content, codes()), infer_bytes(ours, codes()))
    assert OP.PAD not in names(rewrite(content))
    assert np.array_equal(infer_bytes(rewrite(content), codes()), infer_bytes(ours, codes()))


def test_a_global_mean_keeps_its_scale(ours: bytes) -> None:
    model = parse(ours)
    graph = model.subgraphs[0]
    pool = next(o for o in graph.operators if model.operatorCodes[o.opcodeIndex].builtinCode == OP.AVERAGE_POOL_2D)
    axes = constant(model, np.array([1, 2], np.int32))
    mean = operator(model, OP.MEAN, [int(pool.inputs[0]), axes], [int(pool.outputs[0])])
    mean.builtinOptionsType, mean.builtinOptions = schema.BuiltinOptions.ReducerOptions, schema.ReducerOptionsT()
    mean.builtinOptions.keepDims = True
    model.operatorCodes[-1].version = 2
    graph.operators[graph.operators.index(pool)] = mean
    content = pack(model)
    before, after = infer_bytes(content, codes()), infer_bytes(rewrite(content), codes())
    assert OP.MEAN not in names(rewrite(content))
    assert np.abs(before.astype(int) - after).max() <= 1


def test_what_cannot_run_is_named(ours: bytes) -> None:
    model = parse(ours)
    graph = model.subgraphs[0]
    out = int(graph.outputs[0])
    target = tensor(graph, [1, 4], out)
    graph.operators.append(operator(model, OP.LOGISTIC, [out], [target]))
    graph.outputs = [target]
    with pytest.raises(BadInput, match="LOGISTIC, which cannot run"):
        rewrite(pack(model))
    model = parse(ours)
    for entry in model.subgraphs[0].tensors:
        if entry.type == schema.TensorType.INT8:
            entry.type = schema.TensorType.FLOAT32
    with pytest.raises(BadInput, match="is not int8"):
        rewrite(pack(model))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("m.tflite", b"", "not a TensorFlow Lite model"),
        ("m.tflite", b"garbage" * 100, "not a TensorFlow Lite model"),
        ("m.tflite", b"\x1c\x00\x00\x00TFL3" + b"\x7f" * 200, "damaged"),
        ("m.onnx", b"x", "onnx2tf"),
        ("m.pt", b"x", "give data as well"),
        ("m.txt", b"x", "not a model that can be read"),
        ("m.keras", b"x", "give data as well"),
        ("absent.tflite", None, "is not there"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(
    name: str, content: bytes | None, sentence: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=sentence) as problem:
        import_model(tmp_path / name, None, tmp_path / "run/model")
    assert "\n" not in str(problem.value)


def test_a_torch_file_that_is_no_exported_program_says_so(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "m.pt")
    with pytest.raises(BadInput, match=r"write it with torch\.export\.save"):
        import_model(tmp_path / "m.pt", np.zeros((5, 8, 8, 1), np.float32), tmp_path / "run/model")


def test_an_exported_torch_program_answers_as_before(tmp_path: Path) -> None:
    """Channels first, PyTorch's padding, flattening in its order: all of it must be translated."""
    torch.manual_seed(0)
    layers = torch.nn
    program = layers.Sequential(
        *(layers.Conv2d(2, 8, 3, stride=2, padding=1, bias=False), layers.BatchNorm2d(8), layers.ReLU()),
        *(layers.Conv2d(8, 8, 3, padding=1, groups=8), layers.ReLU6(), layers.MaxPool2d(2)),
        *(layers.Conv2d(8, 6, 1), layers.Flatten(), layers.Linear(24, 5)),
    ).eval()
    x = np.random.default_rng(0).normal(0, 1, (150, 8, 8, 2)).astype(np.float32)
    first = torch.from_numpy(x).permute(0, 3, 1, 2)
    with torch.no_grad():  # untrained logits differ by less than their means do
        program[-1].bias -= program(first).mean(dim=0)
        y = program(first).argmax(1).numpy()
    torch.export.save(torch.export.export(program, (torch.zeros(1, 2, 8, 8),)), tmp_path / "m.pt2")
    made = import_model(tmp_path / "m.pt2", x, tmp_path / "run/model", x_test=x, y_test=y)
    assert made.accuracy_float == 1.0
    assert made.accuracy_int8 is not None
    assert made.accuracy_int8 > 0.9
    assert len(set(y.tolist())) == 5
    assert made.parity.mismatches == 0


def test_a_truncated_file_never_crashes(ours: bytes, tmp_path: Path) -> None:
    for length in range(8, len(ours), len(ours) // 12):
        (tmp_path / "m.tflite").write_bytes(ours[:length])
        with pytest.raises(BadInput):
            import_model(tmp_path / "m.tflite", None, tmp_path / "run/model")


def test_data_and_classes_must_fit_the_model(ours: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(ours)
    with pytest.raises(BadInput, match="takes inputs"):
        import_model(tmp_path / "m.tflite", np.zeros((5, 3), np.float32), tmp_path / "run/model")
    with pytest.raises(BadInput, match="4 outputs, but 2 classes"):
        import_model(tmp_path / "m.tflite", None, tmp_path / "run/model", ("a", "b"))


@pytest.mark.skipif(not KWS.exists(), reason="the sample model is not here")
def test_the_keyword_spotting_reference_fits_in_16_kb(tmp_path: Path) -> None:
    made = import_model(KWS, None, tmp_path / "run/model")
    assert made.parity.mismatches == 0
    assert made.macs == 2_656_768
    assert made.arena_bytes < 16_200


KERAS = """
import sys
import numpy as np
import tensorflow as tf
x, y, path = np.load(sys.argv[1]), np.load(sys.argv[2]), sys.argv[3]
layers = tf.keras.layers
tf.keras.utils.set_random_seed(0)
model = tf.keras.Sequential([
    tf.keras.Input((8, 8, 1)), layers.Conv2D(12, 3, strides=2, padding="same", use_bias=False),
    layers.BatchNormalization(), layers.ReLU(), layers.DepthwiseConv2D(3, padding="same"), layers.Conv2D(24, 1),
    layers.ReLU(6.0), layers.GlobalAveragePooling2D(), layers.Dense(16, activation="relu"), layers.Dense(3, "softmax"),
])
model.compile(tf.keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
model.fit(x, y, epochs=8, verbose=0)
model.save(path)
"""


def test_a_keras_model_keeps_its_accuracy(tmp_path: Path) -> None:
    from sklearn.datasets import load_digits

    data = load_digits(n_class=3)
    x, y = (data.images[..., None] / 16).astype(np.float32), data.target.astype(np.int64)
    np.save(tmp_path / "x.npy", x[:400])
    np.save(tmp_path / "y.npy", y[:400])
    path = tmp_path / "digits.keras"
    argv = [sys.executable, "-c", KERAS, tmp_path / "x.npy", tmp_path / "y.npy", path]
    assert run(argv, timeout_s=300, env={"TF_CPP_MIN_LOG_LEVEL": "3"}).returncode == 0
    made = import_model(path, x[:400], tmp_path / "run/model", ("0", "1", "2"), x[400:], y[400:])
    assert made.accuracy_float is not None
    assert made.accuracy_int8 is not None
    assert made.accuracy_float > 0.9
    assert made.accuracy_int8 > made.accuracy_float - 0.03
    assert made.parity.mismatches == 0
    assert json.loads((tmp_path / "run/model/parity.json").read_text())["agreement_with_original"] > 0.97
