"""A .tflite file as a graph to be read and edited: operations, tensors, constants."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tools.tflite_file import operator_code, pack

OP_NAMES: dict[int, str] = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}


class Graph:
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
        """Builtin operator of an operation."""
        return self.codes[operator.opcodeIndex]

    def shape(self, index: int) -> list[int]:
        """Static shape of a tensor, batch included."""
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
        """Content of a constant tensor; None for an activation."""
        data = self.buffers[self.tensors[index].buffer].data
        return None if data is None or len(data) == 0 else bytes(bytearray(data))

    def name(self, index: int) -> str:
        """Name of a tensor, for messages."""
        name = self.tensors[index].name
        return name.decode(errors="replace") if isinstance(name, bytes) else str(name or index)

    def consumers(self, index: int) -> list[Any]:
        """Operations that read a tensor."""
        return [operator for operator in self.operators if index in operator.inputs]

    # --- editing ---

    def each(self, code: int, edit: Callable[[Any], None]) -> None:
        """Apply `edit` to every operation of a kind."""
        for operator in list(self.operators):
            if self.code(operator) == code:
                edit(operator)

    def set_code(self, operator: Any, code: int) -> None:
        """Turn an operation into one of another kind."""
        if code not in self.codes:
            self.codes.append(code)
        operator.opcodeIndex = self.codes.index(code)

    def constant(self, name: str, values: NDArray[Any], kind: int) -> int:
        """A new constant tensor of schema type `kind`; returns its index."""
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

    def finish(self, versions: Mapping[int, int]) -> bytes:
        """Serialise with nothing but what is used; the batch is 1. `versions` of the operations, 1 where not given."""
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
        model.buffers, model.operatorCodes = (
            buffers,
            [operator_code(code, versions.get(code, 1)) for code in self.codes],
        )
        model.metadata = model.metadataBuffer = model.signatureDefs = None
        return pack(model)
