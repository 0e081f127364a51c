"""Architecture -> torch module, layer by layer from the neutral list, so that it is what estimate and convert see."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.artifacts import Architecture
from tools.layers import Layer, check_shape, layers_of

__all__ = ["Network", "activate", "build_network", "check_shape", "to_channels_first"]


class Network(nn.Module):
    """The layers of an architecture. Input: float32 channels last (N, F), (N, T, C) or (N, H, W, C); logits out.

    A training batch needs at least two samples (BatchNorm).
    """

    def __init__(self, layers: tuple[Layer, ...], form: str) -> None:
        super().__init__()
        self.layers = layers
        self.form = form
        self.steps = nn.ModuleList(_STEPS.get(layer.op, _Plain)(layer) for layer in layers)

    def forward(self, batch: Tensor) -> Tensor:
        """Logits (N, classes)."""
        value: Tensor = self.values(batch)[-1]
        return value

    def values(self, batch: Tensor) -> list[Tensor]:
        """Every value of the layer list for `batch`, maps as (N, C, H, W); for calibration and pictures."""
        values = [to_channels_first(batch, self.form)]
        for layer, step in zip(self.layers, self.steps, strict=True):
            values.append(activate(step(*(values[i] for i in layer.inputs)), layer))
        return values


def build_network(arch: Architecture, input_shape: tuple[int, ...], classes: int) -> Network:
    """A freshly initialised network (seed torch first). Raises Fixable where check_shape does."""
    return Network(layers_of(arch, input_shape, classes), arch.form)


def to_channels_first(batch: Tensor, form: str) -> Tensor:
    """A batch as the layers take it: (N, F) of an MLP, else (N, C, H, W)."""
    if form == "mlp":
        return batch.flatten(1)
    if form == "conv1d":
        batch = batch.unsqueeze(2)
    return batch.permute(0, 3, 1, 2)


def activate(value: Tensor, layer: Layer) -> Tensor:
    """The layer's activation on its output."""
    if layer.activation is None:
        return value
    return F.relu(value) if layer.activation == "relu" else F.relu6(value)


class Convolution(nn.Module):
    """Convolution with TensorFlow's SAME padding, then BatchNorm, or a bias in the head."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        (top, bottom), (left, right) = layer.padding
        symmetric = top == bottom and left == right
        self.pad = (0, 0, 0, 0) if symmetric else (left, right, top, bottom)
        inputs, outputs = layer.in_shape[-1], layer.out_shape[-1]
        self.conv = nn.Conv2d(
            inputs,
            outputs,
            layer.kernel,
            layer.stride,
            padding=(top, left) if symmetric else 0,
            groups=inputs if layer.op == "depthwise" else 1,
            bias=not layer.normalised,
        )
        self.norm = nn.BatchNorm2d(outputs) if layer.normalised else None
        if layer.normalised:
            nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")

    def forward(self, value: Tensor) -> Tensor:
        """Maps (N, C, H, W)."""
        if any(self.pad):
            value = F.pad(value, self.pad)
        result: Tensor = self.conv(value)
        return result if self.norm is None else self.norm(result)


class Dense(nn.Module):
    """Linear layer."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.linear = nn.Linear(layer.in_shape[0], layer.out_shape[0])
        if layer.activation is not None:
            nn.init.kaiming_normal_(self.linear.weight, nonlinearity="relu")
            nn.init.zeros_(self.linear.bias)

    def forward(self, value: Tensor) -> Tensor:
        """Vectors (N, F)."""
        linear: Tensor = self.linear(value)
        return linear


class _Plain(nn.Module):
    """Operations without weights: add, global average pool, reshape."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.op = layer.op

    def forward(self, *values: Tensor) -> Tensor:
        """Maps (N, C, H, W); `reshape` gives vectors (N, C)."""
        if self.op == "add":
            return values[0] + values[1]
        if self.op == "pool":
            return values[0].mean(dim=(2, 3), keepdim=True)
        return values[0].flatten(1)


_STEPS: dict[str, type[nn.Module]] = {"conv": Convolution, "depthwise": Convolution, "dense": Dense}


@torch.no_grad()
def folded(step: nn.Module) -> tuple[Tensor, Tensor]:
    """Weight and bias of a layer for inference, BatchNorm folded in; torch's order of axes."""
    if isinstance(step, Dense):
        return step.linear.weight, step.linear.bias
    if not isinstance(step, Convolution):
        raise TypeError(f"{type(step).__name__} has no weights")
    if step.norm is None:
        assert step.conv.bias is not None
        return step.conv.weight, step.conv.bias
    mean, variance = step.norm.running_mean, step.norm.running_var
    assert mean is not None
    assert variance is not None
    gain = step.norm.weight / torch.sqrt(variance + step.norm.eps)
    return step.conv.weight * gain[:, None, None, None], step.norm.bias - mean * gain
