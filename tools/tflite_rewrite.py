"""Bring another tool's full-INT8 .tflite into the form that the C compiler accepts, without changing what it computes.

Removed: float or softmax ends, dynamic batch, shape arithmetic, padding operations that SAME expresses. Replaced:
global means by depthwise convolutions, EXPAND_DIMS and SQUEEZE by RESHAPE. What remains must be an operation of the
device kernels.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tools.errors import BadInput
from tools.layers import same_padding
from tools.tflite_file import pack, parse

_OP = schema.BuiltinOperator
_NAMES: dict[int, str] = {code: name for name, code in vars(_OP).items() if isinstance(code, int)}
_VERSIONS = {
    _OP.CONV_2D: 3,
    _OP.DEPTHWISE_CONV_2D: 3,
    _OP.FULLY_CONNECTED: 4,
    _OP.ADD: 2,
    _OP.AVERAGE_POOL_2D: 2,
    _OP.MAX_POOL_2D: 2,
    _OP.RESHAPE: 1,
    _OP.PAD: 2,
    _OP.PADV2: 2,
}
_WEIGHTED = (_OP.CONV_2D, _OP.DEPTHWISE_CONV_2D, _OP.FULLY_CONNECTED)


def rewrite(content: bytes) -> bytes:
    """The same network, acceptable to the C compiler; logits where it ended in a softmax.

    Raises BadInput, naming the operation or tensor, for what cannot run on the device.
    """
    model = parse(content)
    if len(model.subgraphs or []) != 1:
        raise BadInput(f"the model has {len(model.subgraphs or [])} subgraphs; one is needed (no control flow)")
    graph = _Graph(model)
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise BadInput(
            f"the model has {len(graph.inputs)} inputs and {len(graph.outputs)} outputs; one of each is needed"
        )
    graph.cut_ends()
    graph.drop_dead()
    graph.each(_OP.EXPAND_DIMS, graph.to_reshape)
    graph.each(_OP.SQUEEZE, graph.to_reshape)
    graph.each(_OP.RESHAPE, graph.to_reshape)
    graph.each(_OP.MEAN, graph.mean_to_depthwise)
    graph.each(_OP.PAD, graph.fold_padding)
    graph.each(_OP.FULLY_CONNECTED, graph.flatten_before)
    graph.drop_dead()
    for operator in graph.operators:
        graph.check(operator)
    return graph.finish()


def macs_of(content: bytes) -> int:
    """Multiply-accumulates of one inference of a rewritten model."""
    graph = _Graph(parse(content))
    total = 0
    for operator in graph.operators:
        code = graph.code(operator)
        if code in _WEIGHTED:
            weight, output = graph.shape(operator.inputs[1]), graph.shape(operator.outputs[0])
            positions = prod(output[:-1])
            total += positions * (prod(weight) if code != _OP.DEPTHWISE_CONV_2D else prod(weight[1:]))
    return total


class _Graph:
    """A schema ModelT with one subgraph, edited in place."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.tensors: list[Any] = list(model.subgraphs[0].tensors)
        self.operators: list[Any] = list(model.subgraphs[0].operators or [])
        self.inputs = [int(i) for i in model.subgraphs[0].inputs]
        self.outputs = [int(i) for i in model.subgraphs[0].outputs]
        self.buffers: list[Any] = list(model.buffers)
        self.codes = [int(max(c.builtinCode, c.deprecatedBuiltinCode)) for c in model.operatorCodes]
        for tensor in self.tensors:
            tensor.shape = [int(n) for n in tensor.shape] if tensor.shape is not None else []
        for operator in self.operators:
            operator.inputs = [int(i) for i in operator.inputs]
            operator.outputs = [int(i) for i in operator.outputs]

    # --- reading ---

    def code(self, operator: Any) -> int:
        return self.codes[operator.opcodeIndex]

    def shape(self, index: int) -> list[int]:
        shape: list[int] = self.tensors[index].shape
        return shape

    def scale(self, index: int) -> float | None:
        """Scale of an int8 tensor with one scale; None for any other."""
        tensor = self.tensors[index]
        quantised = tensor.quantization
        if tensor.type != schema.TensorType.INT8 or quantised is None or quantised.scale is None:
            return None
        return float(quantised.scale[0]) if len(quantised.scale) == 1 else None

    def data(self, index: int) -> bytes | None:
        data = self.buffers[self.tensors[index].buffer].data
        return None if data is None or len(data) == 0 else bytes(bytearray(data))

    def name(self, index: int) -> str:
        name = self.tensors[index].name
        return name.decode(errors="replace") if isinstance(name, bytes) else str(name or index)

    def consumers(self, index: int) -> list[Any]:
        return [operator for operator in self.operators if index in operator.inputs]

    # --- editing ---

    def each(self, code: int, edit: Callable[[Any], None]) -> None:
        for operator in list(self.operators):
            if self.code(operator) == code:
                edit(operator)

    def set_code(self, operator: Any, code: int) -> None:
        if code not in self.codes:
            self.codes.append(code)
        operator.opcodeIndex = self.codes.index(code)

    def constant(self, name: str, values: NDArray[Any], kind: int) -> int:
        tensor, buffer = schema.TensorT(), schema.BufferT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(values.shape), kind, len(self.buffers)
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def activation(self, like: int, shape: list[int]) -> int:
        """A new int8 tensor with the scale of tensor `like`."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = (
            f"added_{len(self.tensors)}",
            shape,
            schema.TensorType.INT8,
            0,
        )
        tensor.quantization = self.tensors[like].quantization
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def insert_reshape(self, position: int, source: int, target: int) -> None:
        operator = schema.OperatorT()
        operator.inputs, operator.outputs = [source], [target]
        self.to_reshape(operator)
        self.operators.insert(position, operator)

    # --- the rewrites ---

    def cut_ends(self) -> None:
        """Take the int8 tensors inside a leading QUANTIZE and a trailing SOFTMAX or DEQUANTIZE as the model's ends."""
        first = self.consumers(self.inputs[0])
        if len(first) == 1 and self.code(first[0]) == _OP.QUANTIZE:
            self.inputs = [first[0].outputs[0]]
            self.operators.remove(first[0])
        while True:
            last = next((o for o in self.operators if self.outputs[0] in o.outputs), None)
            if last is None or self.code(last) not in (_OP.SOFTMAX, _OP.DEQUANTIZE, _OP.QUANTIZE):
                return
            self.outputs = [last.inputs[0]]
            self.operators.remove(last)

    def drop_dead(self) -> None:
        """Remove operations whose results nobody reads (what computed a shape that is known)."""
        while True:
            read = set(self.outputs).union(*(operator.inputs for operator in self.operators))
            alive = [operator for operator in self.operators if read & set(operator.outputs)]
            if len(alive) == len(self.operators):
                return
            self.operators = alive

    def to_reshape(self, operator: Any) -> None:
        """RESHAPE to the static shape of the output, whatever computed it."""
        shape = np.array(self.shape(operator.outputs[0]), np.int32)
        self.set_code(operator, _OP.RESHAPE)
        operator.inputs = [operator.inputs[0], self.constant("shape", shape, schema.TensorType.INT32)]
        operator.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
        operator.builtinOptions = schema.ReshapeOptionsT()
        operator.builtinOptions.newShape = shape

    def mean_to_depthwise(self, operator: Any) -> None:
        """A mean over all positions is a depthwise convolution of the whole map with weights 1 at scale 1 / positions.

        Unlike an average pool it keeps the finer scale of the mean; it costs a byte of flash per position and channel.
        """
        source, target = operator.inputs[0], operator.outputs[0]
        shape = self.shape(source)
        axes = np.frombuffer(self.data(operator.inputs[1]) or b"", np.int32) % max(len(shape), 1)
        if sorted(axes.tolist()) != list(range(1, len(shape) - 1)) or len(shape) not in (3, 4):
            raise BadInput(f"MEAN over axes {axes.tolist()} of {shape}: only the mean over all positions can run")
        height, width, channels = shape[1], shape[2] if len(shape) == 4 else 1, shape[-1]
        if len(shape) == 3:
            mapped = self.activation(source, [1, height, 1, channels])
            self.insert_reshape(self.operators.index(operator), source, mapped)
            source = mapped
        mean = self.activation(target, [1, 1, 1, channels])
        weight = self.constant("ones", np.ones((1, height, width, channels), np.int8), schema.TensorType.INT8)
        quantised = self.tensors[weight].quantization = schema.QuantizationParametersT()
        quantised.scale = np.array([1 / (height * width)], np.float32)
        quantised.zeroPoint = np.zeros(1, np.int64)
        self.set_code(operator, _OP.DEPTHWISE_CONV_2D)
        bias = self._bias(np.zeros(channels, np.int32), weight, self._int8_scale(source))
        operator.inputs, operator.outputs = [source, weight, bias], [mean]
        operator.builtinOptionsType = schema.BuiltinOptions.DepthwiseConv2DOptions
        options = operator.builtinOptions = schema.DepthwiseConv2DOptionsT()
        options.padding = schema.Padding.VALID
        options.strideH = options.strideW = options.depthMultiplier = 1
        self.insert_reshape(self.operators.index(operator) + 1, mean, target)

    def _bias(self, codes: NDArray[np.int32], weight: int, in_scale: float) -> int:
        bias = self.constant("bias", codes, schema.TensorType.INT32)
        weights = np.asarray(self.tensors[weight].quantization.scale, np.float64)
        quantised = self.tensors[bias].quantization = schema.QuantizationParametersT()
        quantised.scale = (in_scale * weights).astype(np.float32)
        quantised.zeroPoint = np.zeros(len(weights), np.int64)
        return bias

    def _int8_scale(self, index: int) -> float:
        scale = self.scale(index)
        if scale is None:
            raise BadInput(
                f"tensor {self.name(index)} is not int8: quantise the model fully (post-training, INT8 only)"
            )
        return scale

    def fold_padding(self, operator: Any) -> None:
        """PAD before a VALID convolution goes away where SAME pads the same; else it stays, at the cost of arena."""
        source, target = operator.inputs[0], operator.outputs[0]
        pads = np.frombuffer(self.data(operator.inputs[1]) or b"", np.int32).reshape(-1, 2)
        readers = self.consumers(target)
        if len(readers) != 1 or self.code(readers[0]) not in _WEIGHTED[:2] or len(pads) != 4:
            return
        options, weight = readers[0].builtinOptions, self.shape(readers[0].inputs[1])
        strides = (options.strideH, options.strideW)
        same = [same_padding(self.shape(source)[1 + i], weight[1 + i], strides[i]) for i in (0, 1)]
        if options.padding != schema.Padding.VALID or (options.dilationHFactor, options.dilationWFactor) != (1, 1):
            return
        if [tuple(int(n) for n in pads[1]), tuple(int(n) for n in pads[2])] == same and not pads[[0, 3]].any():
            options.padding = schema.Padding.SAME
            readers[0].inputs[0] = source
            self.operators.remove(operator)

    def flatten_before(self, operator: Any) -> None:
        """Dense layers take vectors; a bias must be int32 (converters leave all-zero ones in other types)."""
        source = operator.inputs[0]
        if len(self.shape(source)) != 2:
            flat = self.activation(source, [1, prod(self.shape(source)[1:])])
            self.insert_reshape(self.operators.index(operator), source, flat)
            operator.inputs[0] = flat
        target = operator.outputs[0]
        if len(self.shape(target)) != 2:
            units = self.shape(operator.inputs[1])[0]
            if prod(self.shape(target)) != units:
                raise BadInput(f"FULLY_CONNECTED over several positions ({self.shape(target)}) cannot run")
            vector = self.activation(target, [1, units])
            operator.outputs = [vector]
            self.insert_reshape(self.operators.index(operator) + 1, vector, target)
        operator.builtinOptions.keepNumDims = False
        bias = operator.inputs[2] if len(operator.inputs) > 2 else -1
        odd = bias >= 0 and self.tensors[bias].type != schema.TensorType.INT32 and not any(self.data(bias) or b"\0")
        if odd or bias < 0:
            zeros = np.zeros(self.shape(operator.inputs[1])[0], np.int32)
            in_scale = self._int8_scale(operator.inputs[0])
            operator.inputs = [*operator.inputs[:2], self._bias(zeros, operator.inputs[1], in_scale)]

    # --- the end ---

    def check(self, operator: Any) -> None:
        code = self.code(operator)
        if code not in _VERSIONS:
            known = ", ".join(_NAMES[c] for c in _VERSIONS)
            raise BadInput(f"the model uses {_NAMES.get(code, f'operation {code}')}, which cannot run; known: {known}")
        for index in (operator.inputs[0], operator.outputs[0]):
            self._int8_scale(index)

    def finish(self) -> bytes:
        """Serialise with nothing but what is used; the batch is 1."""
        used = sorted(
            {i for o in self.operators for i in (*o.inputs, *o.outputs) if i >= 0} | {*self.inputs, *self.outputs}
        )
        place = {old: new for new, old in enumerate(used)} | {-1: -1}
        buffers = [schema.BufferT()]
        for index in used:
            tensor = self.tensors[index]
            tensor.shapeSignature = None
            data = self.buffers[tensor.buffer].data
            if data is None or len(data) == 0:
                tensor.buffer = 0
                continue
            buffer = schema.BufferT()
            buffer.data = data
            tensor.buffer = len(buffers)
            buffers.append(buffer)
        for operator in self.operators:
            operator.inputs = [place[i] for i in operator.inputs]
            operator.outputs = [place[i] for i in operator.outputs]
        graph = self.model.subgraphs[0]
        graph.tensors, graph.operators = [self.tensors[i] for i in used], self.operators
        graph.inputs, graph.outputs = [place[i] for i in self.inputs], [place[i] for i in self.outputs]
        model = self.model
        model.buffers, model.operatorCodes = buffers, [_operator_code(code) for code in self.codes]
        model.metadata = model.metadataBuffer = model.signatureDefs = None
        return pack(model)


def _operator_code(code: int) -> Any:
    entry = schema.OperatorCodeT()
    entry.builtinCode, entry.deprecatedBuiltinCode = code, min(code, 127)
    entry.version = _VERSIONS.get(code, 1)
    return entry
