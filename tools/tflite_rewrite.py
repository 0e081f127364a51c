"""Bring another tool's full-INT8 .tflite into the form that the C compiler accepts, without changing what it computes.

Removed: float or softmax ends, dynamic batch, shape arithmetic, padding operations that SAME expresses. Replaced:
global means by depthwise convolutions, EXPAND_DIMS and SQUEEZE by RESHAPE. What remains must be an operation of the
device kernels.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tools.errors import BadInput
from tools.layers import same_padding
from tools.tflite_file import DAMAGED, parse
from tools.tflite_graph import OP_NAMES, Graph

_OP = schema.BuiltinOperator
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
    try:
        return _rewritten(_Rewriter(model))
    except DAMAGED as error:
        raise BadInput(f"the TensorFlow Lite model is damaged ({type(error).__name__} in its graph)") from error


def _rewritten(graph: "_Rewriter") -> bytes:
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
    return graph.finish(_VERSIONS)


def macs_of(content: bytes) -> int:
    """Multiply-accumulates of one inference of a rewritten model."""
    graph = Graph(parse(content))
    total = 0
    for operator in graph.operators:
        code = graph.code(operator)
        if code in _WEIGHTED:
            weight, output = graph.shape(operator.inputs[1]), graph.shape(operator.outputs[0])
            positions = prod(output[:-1])
            total += positions * (prod(weight) if code != _OP.DEPTHWISE_CONV_2D else prod(weight[1:]))
    return total


class _Rewriter(Graph):
    """The rewrites, each of one operation, in place."""

    def insert_reshape(self, position: int, source: int, target: int) -> None:
        operator = schema.OperatorT()
        operator.inputs, operator.outputs = [source], [target]
        self.to_reshape(operator)
        self.operators.insert(position, operator)

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

    def check(self, operator: Any) -> None:
        code = self.code(operator)
        if code not in _VERSIONS:
            known = ", ".join(OP_NAMES[c] for c in _VERSIONS)
            raise BadInput(
                f"the model uses {OP_NAMES.get(code, f'operation {code}')}, which cannot run; known: {known}"
            )
        for index in (operator.inputs[0], operator.outputs[0]):
            self._int8_scale(index)
