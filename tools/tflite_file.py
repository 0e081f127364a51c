"""Write a quantised network as a full-INT8 .tflite file, operation by operation, and run it on TFLM.

Written with the schema's object API: no converter, no framework, milliseconds. Operator versions and options are those
that both TFLM and the C compiler (bakenn) accept.
"""

import struct
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tools.errors import BadInput
from tools.layers import Layer
from tools.quantise import Affine, Constants, Quantised

_ALIGNMENT = 16
"""Of constant data, as the schema demands (force_align of Buffer.data)."""
_CODES: dict[str, tuple[int, int]] = {
    "conv": (schema.BuiltinOperator.CONV_2D, 3),
    "depthwise": (schema.BuiltinOperator.DEPTHWISE_CONV_2D, 3),
    "dense": (schema.BuiltinOperator.FULLY_CONNECTED, 4),
    "add": (schema.BuiltinOperator.ADD, 2),
    "pool": (schema.BuiltinOperator.AVERAGE_POOL_2D, 2),
    "reshape": (schema.BuiltinOperator.RESHAPE, 1),
}
_ACTIVATIONS = {
    None: schema.ActivationFunctionType.NONE,
    "relu": schema.ActivationFunctionType.RELU,
    "relu6": schema.ActivationFunctionType.RELU6,
}


# What following a wild offset may raise.
DAMAGED = (
    *(struct.error, ValueError, IndexError, KeyError, TypeError, AttributeError),
    *(ArithmeticError, MemoryError, RecursionError),
)


class _AlignedBuffer(schema.BufferT):
    """A buffer whose data starts at a multiple of 16 bytes, which the object API alone does not ensure."""

    def Pack(self, builder: Any) -> int:
        """As the schema's own Pack."""
        if self.data is not None and len(self.data):
            builder.StartVector(1, len(self.data), _ALIGNMENT)
            builder.head -= len(self.data)
            builder.Bytes[builder.head : builder.head + len(self.data)] = self.data.tobytes()
            data = builder.EndVector()
        schema.BufferStart(builder)
        if self.data is not None and len(self.data):
            schema.BufferAddData(builder, data)
        return int(schema.BufferEnd(builder))


def pack(model: Any) -> bytes:
    """Serialise a schema ModelT, constants aligned."""
    for position, buffer in enumerate(model.buffers):
        aligned = _AlignedBuffer()
        if buffer.data is not None:
            aligned.data = np.frombuffer(bytes(bytearray(buffer.data)), np.uint8)
        model.buffers[position] = aligned
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def parse(content: bytes) -> Any:
    """The schema's ModelT of a .tflite file. Raises BadInput for anything else, damaged files included."""
    if content[4:8] != b"TFL3":
        raise BadInput("this is not a TensorFlow Lite model: bytes 4 to 7 of a .tflite file read TFL3")
    try:
        return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(content), 0))
    except DAMAGED as error:
        raise BadInput(f"the TensorFlow Lite model is damaged ({type(error).__name__} at its tables)") from error


def write_tflite(network: Quantised) -> bytes:
    """The .tflite file of a quantised network: input and output are int8, batch 1."""
    return _Writer(network).finish()


class _Writer:
    def __init__(self, network: Quantised) -> None:
        self.network = network
        self.buffers = [schema.BufferT()]
        self.tensors: list[Any] = []
        self.operators: list[Any] = []
        self.codes: list[str] = []

    def finish(self) -> bytes:
        values = [self._value("input", self.network.layers[0].in_shape, self.network.values[0])]
        for index, layer in enumerate(self.network.layers):
            operator = schema.OperatorT()
            operator.opcodeIndex = self._code(layer.op)
            operator.inputs = [values[i] for i in layer.inputs] + self._constants(index, layer)
            output = self._value(f"{index}_{layer.op}", layer.out_shape, self.network.values[index + 1])
            operator.outputs = [output]
            operator.builtinOptionsType, operator.builtinOptions = _options(layer)
            self.operators.append(operator)
            values.append(output)
        graph = schema.SubGraphT()
        graph.name = "main"
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = [values[0]], [values[-1]]
        model = schema.ModelT()
        model.version = 3
        model.description = "tinysmith"
        model.operatorCodes = [operator_code(*_CODES[op]) for op in self.codes]
        model.subgraphs, model.buffers = [graph], self.buffers
        return pack(model)

    def _code(self, op: str) -> int:
        if op not in self.codes:
            self.codes.append(op)
        return self.codes.index(op)

    def _constants(self, index: int, layer: Layer) -> list[int]:
        constants = self.network.constants[index]
        if constants is not None:
            return self._weights(index, layer, constants)
        if layer.op == "reshape":
            shape = np.array((1, *layer.out_shape), np.int32)
            return [self._tensor(f"{index}_shape", shape.shape, schema.TensorType.INT32, data=shape)]
        return []

    def _weights(self, index: int, layer: Layer, constants: Constants) -> list[int]:
        axis = 3 if layer.op == "depthwise" else 0
        in_scale = self.network.values[layer.inputs[0]].scale
        bias_scales = (in_scale * constants.scales.astype(np.float64)).astype(np.float32)
        weight, bias = constants.weight, constants.bias
        weight_type, bias_type = schema.TensorType.INT8, schema.TensorType.INT32
        return [
            self._tensor(f"{index}_weight", weight.shape, weight_type, constants.scales, axis=axis, data=weight),
            self._tensor(f"{index}_bias", bias.shape, bias_type, bias_scales, data=bias),
        ]

    def _value(self, name: str, shape: tuple[int, ...], value: Affine) -> int:
        scale = np.array([value.scale], np.float32)
        return self._tensor(name, (1, *shape), schema.TensorType.INT8, scale, value.zero_point)

    def _tensor(
        self,
        name: str,
        shape: tuple[int, ...],
        kind: int,
        scales: NDArray[np.float32] | None = None,
        zero_point: int = 0,
        axis: int = 0,
        data: NDArray[Any] | None = None,
    ) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, 0
        if scales is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = np.full(len(scales), zero_point, np.int64)
            tensor.quantization.quantizedDimension = axis
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1


def operator_code(builtin: int, version: int) -> Any:
    """The schema's entry of an operation; old readers take the code from the deprecated field."""
    code = schema.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode = builtin, min(builtin, 127)
    code.version = version
    return code


def _options(layer: Layer) -> tuple[int, Any]:
    """Type and table of the builtin options of one operation."""
    kinds = schema.BuiltinOptions
    if layer.op in ("conv", "depthwise"):
        convolution = schema.Conv2DOptionsT() if layer.op == "conv" else schema.DepthwiseConv2DOptionsT()
        convolution.padding = schema.Padding.SAME
        convolution.strideH, convolution.strideW = layer.stride
        convolution.fusedActivationFunction = _ACTIVATIONS[layer.activation]
        if layer.op == "depthwise":
            convolution.depthMultiplier = 1
        return (kinds.Conv2DOptions if layer.op == "conv" else kinds.DepthwiseConv2DOptions), convolution
    if layer.op == "pool":
        pool = schema.Pool2DOptionsT()
        pool.padding = schema.Padding.VALID
        pool.filterHeight, pool.filterWidth = pool.strideH, pool.strideW = layer.kernel
        return kinds.Pool2DOptions, pool
    if layer.op == "reshape":
        reshape = schema.ReshapeOptionsT()
        reshape.newShape = np.array((1, *layer.out_shape), np.int32)
        return kinds.ReshapeOptions, reshape
    table = schema.AddOptionsT() if layer.op == "add" else schema.FullyConnectedOptionsT()
    table.fusedActivationFunction = _ACTIVATIONS[layer.activation]
    return (kinds.AddOptions if layer.op == "add" else kinds.FullyConnectedOptions), table


def tflm_infer(tflite: Path, x_int8: NDArray[np.int8]) -> NDArray[np.int8]:
    """Outputs (N, ...) of TFLM, the ground truth of a device, for int8 inputs (N, ...) of any shape of the right size.

    Raises BadInput when TFLM cannot run the file.
    """
    return infer_bytes(tflite.read_bytes(), x_int8)


def infer_bytes(model: bytes, x_int8: NDArray[np.int8]) -> NDArray[np.int8]:
    """As tflm_infer, from the file's content."""
    interpreter, shape, _ = open_interpreter(model)
    codes = np.ascontiguousarray(x_int8, dtype=np.int8)
    return np.stack([invoke(interpreter, sample) for sample in codes.reshape(-1, *shape)])


def open_interpreter(model: bytes) -> tuple[Any, tuple[int, ...], dict[str, Any]]:
    """TFLM's interpreter of a model, with shape and details of its input."""
    from tflite_micro import runtime

    parse(model)  # TFLM itself follows the offsets of a damaged file out of bounds
    try:
        # Ten times the file, the wheel's own guess, is too little for a small network on a large input.
        interpreter = runtime.Interpreter.from_bytes(model, arena_size=len(model) * 10 + (16 << 20))
        details = interpreter.get_input_details(0)
    except (RuntimeError, ValueError) as error:
        raise BadInput(f"TFLM cannot run the model: {str(error).splitlines()[0]}") from error
    return interpreter, tuple(int(n) for n in details["shape"]), details


def invoke(interpreter: Any, sample: NDArray[Any]) -> NDArray[Any]:
    """Outputs of one inference, flat. Raises BadInput when TFLM refuses."""
    try:
        interpreter.set_input(sample, 0)
        interpreter.invoke()
    except (RuntimeError, ValueError) as error:
        raise BadInput(f"TFLM cannot run the model: {str(error).splitlines()[0]}") from error
    return np.array(interpreter.get_output(0)).reshape(-1)
