"""bakenn's quantised graph -> .tflite, for models that reach us through bakenn's PyTorch front end."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tools.tflite_file import operator_code, pack

_OP = schema.BuiltinOperator
_KINDS = schema.BuiltinOptions


def ir_to_tflite(graph: Any) -> bytes:
    """A .tflite that computes what a bakenn QuantizedGraph does. Raises ValueError for what it cannot express."""
    return _Emitter(graph).finish()


class _Emitter:
    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.buffers = [schema.BufferT()]
        self.tensors: list[Any] = []
        self.operators: list[Any] = []
        self.codes: list[int] = []
        self.index: dict[str, int] = {}
        """Tensor of each value that has been met."""

    def finish(self) -> bytes:
        emitters: dict[str, Callable[[Any], None]] = {
            "Conv2DOp": self._conv,
            "DepthwiseConv2DOp": self._conv,
            "Conv1DOp": self._conv1d,
            "LinearOp": self._linear,
            "AddOp": self._add,
            "AveragePool2DOp": self._pool,
            "MaxPool2DOp": self._pool,
            "ReduceMeanOp": self._mean,
            "RequantizeOp": self._requantise,
            "FlattenOp": self._reshape,
            "ReshapeOp": self._reshape,
            "Pad2DOp": self._pad,
            "SoftmaxOp": self._softmax,
        }
        for op in self.graph.ops:
            name = type(op).__name__
            if name not in emitters:
                raise ValueError(f"it uses {name.removesuffix('Op')}, which cannot run on the device")
            emitters[name](op)
        part = schema.SubGraphT()
        part.name, part.tensors, part.operators = "main", self.tensors, self.operators
        part.inputs, part.outputs = [self._value(self.graph.inputs[0])], [self._value(self.graph.outputs[0])]
        model = schema.ModelT()
        model.version, model.description = 3, "tinysmith"
        model.subgraphs, model.buffers = [part], self.buffers
        model.operatorCodes = [operator_code(code, _VERSIONS.get(code, 1)) for code in self.codes]
        return pack(model)

    # --- tensors ---

    def _value(self, name: str) -> int:
        if name not in self.index:
            self.index[name] = self._activation(self.graph.values[name].shape, name)
        return self.index[name]

    def _activation(self, shape: Any, like: str) -> int:
        """A tensor with the scale of value `like`."""
        qparams = self.graph.values[like].qparams
        return self._tensor(shape, schema.TensorType.INT8, (qparams.scale,), qparams.zero_point)

    def _constant(self, values: NDArray[Any], scales: tuple[float, ...] = (), axis: int = 0) -> int:
        kind = schema.TensorType.INT8 if values.dtype == np.int8 else schema.TensorType.INT32
        index = self._tensor(values.shape, kind, scales, 0, axis)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.tensors[index].buffer = len(self.buffers)
        self.buffers.append(buffer)
        return index

    def _tensor(self, shape: Any, kind: int, scales: tuple[float, ...], zero_point: int, axis: int = 0) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = f"t{len(self.tensors)}", list(shape), kind, 0
        if scales:
            quantised = tensor.quantization = schema.QuantizationParametersT()
            quantised.scale = np.array(scales, np.float32)
            quantised.zeroPoint = np.full(len(scales), zero_point, np.int64)
            quantised.quantizedDimension = axis
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def _emit(self, code: int, inputs: list[int], output: int, kind: int = 0, options: Any = None) -> None:
        if code not in self.codes:
            self.codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = self.codes.index(code), inputs, [output]
        operator.builtinOptionsType, operator.builtinOptions = kind, options
        self.operators.append(operator)

    def _activation_function(self, op: Any) -> int:
        qparams = self.graph.values[op.output].qparams
        if (op.activation_min, op.activation_max) == (-128, 127):
            return int(schema.ActivationFunctionType.NONE)
        six = min(127, round(6 / qparams.scale) + qparams.zero_point)
        if op.activation_min == max(-128, qparams.zero_point):
            if op.activation_max == 127:
                return int(schema.ActivationFunctionType.RELU)
            if abs(op.activation_max - six) <= 1:
                return int(schema.ActivationFunctionType.RELU6)
        raise ValueError(f"the limits of {op.name} are neither those of ReLU nor of ReLU6")

    # --- operations ---

    def _conv(self, op: Any) -> None:
        weight, qparams = self.graph.constants[op.weight], self.graph.values[op.weight].qparams
        depthwise = type(op).__name__ == "DepthwiseConv2DOp"
        source = self._padded(self._value(op.input), op.input, op.padding)
        output = self._value(op.output)
        self._convolution(op, source, output, weight[None] if depthwise else weight, qparams.scales, depthwise)

    def _convolution(
        self, op: Any, source: int, output: int, weight: NDArray[np.int8], scales: Any, depthwise: bool
    ) -> None:
        bias = self._constant(self.graph.constants[op.bias], self.graph.values[op.bias].qparams.scales)
        inputs = [source, self._constant(weight, tuple(scales), 3 if depthwise else 0), bias]
        options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
        options.padding = schema.Padding.VALID
        options.strideH, options.strideW = _pair(op.stride)
        options.dilationHFactor, options.dilationWFactor = _pair(op.dilation)
        options.fusedActivationFunction = self._activation_function(op)
        if depthwise:
            options.depthMultiplier = weight.shape[-1] // self.tensors[source].shape[-1]
            self._emit(_OP.DEPTHWISE_CONV_2D, inputs, output, _KINDS.DepthwiseConv2DOptions, options)
        elif op.groups == 1:
            self._emit(_OP.CONV_2D, inputs, output, _KINDS.Conv2DOptions, options)
        else:
            raise ValueError(f"{op.name} is a grouped convolution, which cannot run on the device")

    def _conv1d(self, op: Any) -> None:
        """As a convolution over a map of width 1."""
        weight, qparams = self.graph.constants[op.weight], self.graph.values[op.weight].qparams
        (_, size, channels), (_, out_size, out_channels) = (
            self.graph.values[name].shape for name in (op.input, op.output)
        )
        depthwise = op.groups == channels > 1
        source = self._activation((1, size, 1, channels), op.input)
        self._emit_reshape(self._value(op.input), source)
        source = self._padded(source, op.input, (*op.padding, 0, 0))
        output = self._activation((1, out_size, 1, out_channels), op.output)
        kernel = weight[:, :, None, :]
        self._convolution(
            op, source, output, kernel.transpose(3, 1, 2, 0) if depthwise else kernel, qparams.scales, depthwise
        )
        self._emit_reshape(output, self._value(op.output))

    def _padded(self, source: int, like: str, padding: tuple[int, ...]) -> int:
        if not any(padding):
            return source
        top, bottom, left, right = padding
        _, height, width, channels = self.tensors[source].shape
        target = self._activation((1, height + top + bottom, width + left + right, channels), like)
        pads = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
        self._emit(_OP.PAD, [source, self._constant(pads)], target, _KINDS.PadOptions, schema.PadOptionsT())
        return target

    def _pad(self, op: Any) -> None:
        top, bottom, left, right = op.padding
        pads = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
        inputs = [self._value(op.input), self._constant(pads)]
        self._emit(_OP.PAD, inputs, self._value(op.output), _KINDS.PadOptions, schema.PadOptionsT())

    def _linear(self, op: Any) -> None:
        weight = self._constant(self.graph.constants[op.weight], self.graph.values[op.weight].qparams.scales)
        bias = self._constant(self.graph.constants[op.bias], self.graph.values[op.bias].qparams.scales)
        options = schema.FullyConnectedOptionsT()
        options.fusedActivationFunction = self._activation_function(op)
        inputs = [self._value(op.input), weight, bias]
        self._emit(_OP.FULLY_CONNECTED, inputs, self._value(op.output), _KINDS.FullyConnectedOptions, options)

    def _add(self, op: Any) -> None:
        options = schema.AddOptionsT()
        options.fusedActivationFunction = self._activation_function(op)
        inputs = [self._value(op.input_a), self._value(op.input_b)]
        self._emit(_OP.ADD, inputs, self._value(op.output), _KINDS.AddOptions, options)

    def _pool(self, op: Any) -> None:
        if any(op.padding):
            raise ValueError(f"{op.name} pools with padding, which cannot run on the device")
        options = schema.Pool2DOptionsT()
        options.padding = schema.Padding.VALID
        options.filterHeight, options.filterWidth = op.kernel
        options.strideH, options.strideW = op.stride
        options.fusedActivationFunction = self._activation_function(op)
        code = _OP.AVERAGE_POOL_2D if type(op).__name__ == "AveragePool2DOp" else _OP.MAX_POOL_2D
        self._emit(code, [self._value(op.input)], self._value(op.output), _KINDS.Pool2DOptions, options)

    def _mean(self, op: Any) -> None:
        options = schema.ReducerOptionsT()
        options.keepDims = op.keepdims
        inputs = [self._value(op.input), self._constant(np.array(op.axes, np.int32))]
        self._emit(_OP.MEAN, inputs, self._value(op.output), _KINDS.ReducerOptions, options)

    def _requantise(self, op: Any) -> None:
        """A change of scale. After a global average pool it becomes a mean, which has not lost the finer scale yet."""
        source, output = self._value(op.input), self._value(op.output)
        last = self.operators[-1] if self.operators else None
        if last is None or last.outputs != [source] or self.codes[last.opcodeIndex] != _OP.AVERAGE_POOL_2D:
            raise ValueError(f"{op.name} only changes a scale, which cannot run on the device")
        if list(self.tensors[source].shape[1:3]) != [1, 1] or self._activation_function(op):
            raise ValueError(f"{op.name} changes the scale of an average pool that is not global")
        self.operators.pop()
        options = schema.ReducerOptionsT()
        options.keepDims = True
        inputs = [last.inputs[0], self._constant(np.array([1, 2], np.int32))]
        self._emit(_OP.MEAN, inputs, output, _KINDS.ReducerOptions, options)

    def _reshape(self, op: Any) -> None:
        self._emit_reshape(self._value(op.input), self._value(op.output))

    def _emit_reshape(self, source: int, target: int) -> None:
        options = schema.ReshapeOptionsT()
        options.newShape = np.array(self.tensors[target].shape, np.int32)
        self._emit(_OP.RESHAPE, [source, self._constant(options.newShape)], target, _KINDS.ReshapeOptions, options)

    def _softmax(self, op: Any) -> None:
        options = schema.SoftmaxOptionsT()
        options.beta = op.beta
        self._emit(_OP.SOFTMAX, [self._value(op.input)], self._value(op.output), _KINDS.SoftmaxOptions, options)


_VERSIONS = {
    _OP.CONV_2D: 3,
    _OP.DEPTHWISE_CONV_2D: 3,
    _OP.FULLY_CONNECTED: 4,
    _OP.ADD: 2,
    _OP.AVERAGE_POOL_2D: 2,
    _OP.MAX_POOL_2D: 2,
    _OP.PAD: 2,
    _OP.MEAN: 2,
    _OP.SOFTMAX: 2,
}


def _pair(value: Any) -> tuple[int, int]:
    """(height, width) of a 2-D or, as (value, 1), of a 1-D parameter."""
    return (value[0], value[1]) if isinstance(value, tuple) else (value, 1)
