"""A network as a neutral list of layers: the one source of the torch module, the estimate and the .tflite file.

Shapes are channels last without the batch. 1-D inputs run as images of width 1, which is how the INT8 kernels on
the device run them. Padding is TensorFlow's SAME: no PAD operation and no padded copy of a map in the arena.
"""

from dataclasses import dataclass
from math import prod
from typing import Literal

from tools.artifacts import Architecture, Stage
from tools.errors import Fixable

Op = Literal["conv", "depthwise", "dense", "add", "pool", "reshape"]
Activation = Literal["relu", "relu6"] | None
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One operation. Value 0 is the network's input, value i + 1 the output of layer i."""

    op: Op
    inputs: tuple[int, ...]
    in_shape: Shape
    """(H, W, C) of a map, (F,) of a vector; of `add`, that of either operand."""
    out_shape: Shape
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    activation: Activation = None
    normalised: bool = False
    """BatchNorm follows in training; it is folded into weights and bias for the device."""

    @property
    def weight_shape(self) -> Shape:
        """In the order of TensorFlow Lite: conv (O, H, W, I), depthwise (1, H, W, C), dense (O, I); else ()."""
        if self.op == "conv":
            return (self.out_shape[-1], *self.kernel, self.in_shape[-1])
        if self.op == "depthwise":
            return (1, *self.kernel, self.in_shape[-1])
        return (self.out_shape[0], self.in_shape[0]) if self.op == "dense" else ()

    @property
    def params(self) -> int:
        """Weights and biases on the device."""
        return prod(self.weight_shape) + self.out_shape[-1] if self.weight_shape else 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference, padded positions included (as TensorFlow and fvcore count)."""
        positions = prod(self.out_shape[:-1])
        return positions * prod(self.weight_shape) if self.weight_shape else 0

    @property
    def padding(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """((top, bottom), (left, right)) of TensorFlow's SAME."""
        if self.op not in ("conv", "depthwise"):
            return ((0, 0), (0, 0))
        top, left = (same_padding(self.in_shape[axis], self.kernel[axis], self.stride[axis]) for axis in (0, 1))
        return (top, left)


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after one axis, as tf.nn defines SAME: the odd one out goes after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def macs(layers: tuple[Layer, ...]) -> int:
    """Multiply-accumulates of one inference."""
    return sum(layer.macs for layer in layers)


def params(layers: tuple[Layer, ...]) -> int:
    """Weights and biases on the device (BatchNorm folded)."""
    return sum(layer.params for layer in layers)


def check_shape(arch: Architecture, input_shape: Shape) -> None:
    """Raise Fixable, in one sentence, when `arch` cannot be built for `input_shape` (channels last, no batch)."""
    rank = {"conv1d": 2, "conv2d": 3}.get(arch.form)
    if rank is not None and len(input_shape) != rank:
        right = {1: "mlp", 2: "conv1d or mlp", 3: "conv2d or mlp"}.get(len(input_shape), "no")
        raise Fixable(
            f"form {arch.form} needs an input of {rank} axes, but the data is {input_shape}: use form {right}",
            input_shape=input_shape,
        )
    size = list(input_shape[:-1])
    for number, stage in enumerate(arch.stages, start=1):
        if (stage.block == "dense") != (arch.form == "mlp"):
            right = "dense" if arch.form == "mlp" else "conv, dsconv or mbconv"
            raise Fixable(f"stage {number} is {stage.block}, but the stages of form {arch.form} must be {right}")
        if arch.form == "mlp" or stage.stride == 1:
            continue
        if max(size) == 1:
            raise Fixable(
                f"stage {number} has stride 2, but the stages before it leave only {' x '.join(map(str, size))} of "
                f"the input {input_shape}: give it stride 1",
                input_shape=input_shape,
            )
        size = [-(-n // 2) for n in size]


def layers_of(arch: Architecture, input_shape: Shape, classes: int) -> tuple[Layer, ...]:
    """The layers of `arch` on inputs of `input_shape` (channels last, no batch), the last one giving `classes` logits.

    Raises Fixable where check_shape does.
    """
    check_shape(arch, input_shape)
    builder = _Builder(arch.activation, device_shape(arch, input_shape))
    for stage in arch.stages:
        for repetition in range(stage.depth):
            builder.block(stage, stage.stride if repetition == 0 else 1, vertical=arch.form == "conv1d")
    builder.head(classes)
    return tuple(builder.layers)


def device_shape(arch: Architecture, input_shape: Shape) -> Shape:
    """Shape of the model's input on the device: the same bytes in the same order as `input_shape`."""
    if arch.form == "mlp":
        return (prod(input_shape),)
    return (input_shape[0], 1, input_shape[1]) if arch.form == "conv1d" else input_shape


class _Builder:
    """Appends layers; `shape` and `value` are those of the latest output."""

    def __init__(self, activation: Activation, shape: Shape) -> None:
        self.activation = activation
        self.layers: list[Layer] = []
        self.shape = shape
        self.value = 0

    def block(self, stage: Stage, stride: int, vertical: bool) -> None:
        """One repetition of a stage; `vertical`: kernels have width 1."""
        if stage.block == "dense":
            self._append("dense", (stage.channels,), activation=self.activation)
            return
        kernel = (stage.kernel, 1 if vertical else stage.kernel)
        strides = (stride, 1 if vertical else stride)
        source, shape = self.value, self.shape
        residual = stage.skip and stride == 1 and shape[-1] == stage.channels
        if stage.block == "conv":
            self._conv(stage.channels, kernel, strides, None if residual else self.activation)
        else:
            if stage.block == "mbconv" and stage.expansion > 1:
                self._conv(shape[-1] * stage.expansion, (1, 1), (1, 1), self.activation)
            self._conv(None, kernel, strides, self.activation)
            # The projection of an inverted residual is linear (arXiv 1801.04381, section 3.2).
            linear = residual or stage.block == "mbconv"
            self._conv(stage.channels, (1, 1), (1, 1), None if linear else self.activation)
        if residual:
            activation = None if stage.block == "mbconv" else self.activation
            self._append("add", self.shape, activation=activation, inputs=(source, self.value))

    def head(self, classes: int) -> None:
        """Linear layer; of a map, global average pool and 1x1 convolution (CMSIS-NN has it per channel, dense not)."""
        if len(self.shape) == 1:
            self._append("dense", (classes,))
            return
        if self.shape[:2] != (1, 1):
            self._append("pool", (1, 1, self.shape[2]), kernel=(self.shape[0], self.shape[1]))
        self._append("conv", (1, 1, classes))
        self._append("reshape", (classes,))

    def _conv(
        self, channels: int | None, kernel: tuple[int, int], stride: tuple[int, int], activation: Activation
    ) -> None:
        """A convolution, depthwise where `channels` is None, with BatchNorm."""
        height, width, depth = self.shape
        size = (-(-height // stride[0]), -(-width // stride[1]))
        op: Op = "depthwise" if channels is None else "conv"
        self._append(op, (*size, channels or depth), kernel, stride, activation, normalised=True)

    def _append(
        self,
        op: Op,
        out_shape: Shape,
        kernel: tuple[int, int] = (1, 1),
        stride: tuple[int, int] = (1, 1),
        activation: Activation = None,
        normalised: bool = False,
        inputs: tuple[int, ...] | None = None,
    ) -> None:
        self.layers.append(
            Layer(op, inputs or (self.value,), self.shape, out_shape, kernel, stride, activation, normalised)
        )
        self.shape, self.value = out_shape, len(self.layers)
