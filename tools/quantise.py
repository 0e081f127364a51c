"""Float network -> full-INT8 constants: TensorFlow Lite's scheme, ranges calibrated on training samples.

Weights are symmetric int8 per output channel, biases int32 with scale input x weight, activations asymmetric int8 per
tensor (arXiv 1712.05877; TensorFlow Lite 8-bit quantization specification).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.layers import Layer

_CALIBRATION_SAMPLES = 512
_BATCH = 64
# The accumulator and the multiplier of a channel whose weights all but vanished must still fit their 32 bits.
_BIAS_LIMIT = 2.0**29
_MULTIPLIER_FLOOR = 2.0**-24
# Operations that copy or average codes: TensorFlow Lite demands the same scale on both sides.
_KEEP_SCALE = ("pool", "reshape")


class Affine(NamedTuple):
    """real = scale * (code - zero_point)."""

    scale: float
    """Exactly representable as float32."""
    zero_point: int


@dataclass(frozen=True)
class Constants:
    """Constants of one layer with weights; `weight` in TensorFlow Lite's order of axes."""

    weight: NDArray[np.int8]
    scales: NDArray[np.float32]
    """Per output channel."""
    bias: NDArray[np.int32]


@dataclass(frozen=True)
class Quantised:
    """A network ready to be written as .tflite: layers, the scale of every value, the constants of every layer."""

    layers: tuple[Layer, ...]
    values: tuple[Affine, ...]
    constants: tuple[Constants | None, ...]


def quantise(x: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.int8]:
    """Codes of real values, rounding halves away from zero in float32: exactly `model_quantise` of model.h.

    Values beyond the range saturate; NaN becomes -128.
    """
    quotient = (np.asarray(x, dtype=np.float32) / np.float32(scale)).astype(np.float64)
    code = np.trunc(quotient + np.copysign(0.5, quotient)) + zero_point
    return np.clip(np.where(np.isnan(code), -128, code), -128, 127).astype(np.int8)


def dequantise(codes: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.float32]:
    """Real values of codes."""
    return ((codes.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)).astype(np.float32)


def quantise_network(network: Any, x_calibration: NDArray[np.float32]) -> Quantised:
    """Quantise a trained tools.network.Network with ranges seen on `x_calibration` (N, *input_shape).

    At most 512 samples are used, evenly spaced over the array. The network is left in evaluation mode.
    """
    from tools.network import folded

    values = calibrated(network, x_calibration)
    constants: list[Constants | None] = []
    for index, (layer, step) in enumerate(zip(network.layers, network.steps, strict=True)):
        if not layer.weight_shape:
            constants.append(None)
            continue
        weight, bias = (tensor.detach().double().numpy() for tensor in folded(step))
        scales = values[layer.inputs[0]].scale, values[index + 1].scale
        constants.append(_constants(layer, weight, bias, *scales))
    return Quantised(network.layers, values, tuple(constants))


def calibrated(network: Any, x_calibration: NDArray[np.float32]) -> tuple[Affine, ...]:
    """Scale and zero point of every value of the network, by the ranges seen on `x_calibration`."""
    return _values(network.layers, _ranges(network, x_calibration))


def placeholder(layers: tuple[Layer, ...]) -> Quantised:
    """Constants of the right shapes without a trained network: costs are exact, results mean nothing.

    Zero points are as training leaves them, equal behind a ReLU and different elsewhere: a compiler that sees the whole
    program drops the parameters of a kernel that are the same in all of its calls.
    """
    linear = [(-1.0, 1.0 + 0.03 * (index % 30)) for index in range(len(layers) + 1)]
    clamped = [(0.0, 1.0) if layer.activation else linear[index + 1] for index, layer in enumerate(layers)]
    values = _values(layers, [linear[0], *clamped])
    constants = [
        Constants(
            np.ones(layer.weight_shape, np.int8),
            np.full(layer.out_shape[-1], 2.0**-7, np.float32),
            np.zeros(layer.out_shape[-1], np.int32),
        )
        if layer.weight_shape
        else None
        for layer in layers
    ]
    return Quantised(layers, values, tuple(constants))


def _ranges(network: Any, samples: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Smallest and largest number of every value of the layer list."""
    import torch

    count = min(len(samples), _CALIBRATION_SAMPLES)
    chosen = samples[np.linspace(0, len(samples) - 1, count).round().astype(int)]
    low = np.zeros(len(network.layers) + 1)
    high = np.zeros(len(network.layers) + 1)
    network.eval()
    with torch.no_grad():
        for start in range(0, count, _BATCH):
            for i, value in enumerate(network.values(torch.from_numpy(chosen[start : start + _BATCH]))):
                low[i] = min(low[i], float(value.min()))
                high[i] = max(high[i], float(value.max()))
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def _values(layers: tuple[Layer, ...], ranges: list[tuple[float, float]]) -> tuple[Affine, ...]:
    values = [affine(*ranges[0])]
    for index, layer in enumerate(layers):
        kept = values[layer.inputs[0]] if layer.op in _KEEP_SCALE else None
        values.append(kept or affine(*ranges[index + 1]))
    return tuple(values)


def affine(low: float, high: float) -> Affine:
    """Scale and zero point of a range, widened to hold 0, which must have a code of its own (padding)."""
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-12:
        return Affine(float(np.float32(1 / 128)), 0)
    scale = float(np.float32((high - low) / 255))
    return Affine(scale, int(np.clip(np.round(-128 - low / scale), -128, 127)))


def _constants(
    layer: Layer, weight: NDArray[np.float64], bias: NDArray[np.float64], in_scale: float, out_scale: float
) -> Constants:
    """Quantise one layer; `weight` in torch's order of axes (O, I, kh, kw) or (O, I)."""
    by_channel = np.abs(weight).reshape(len(bias), -1).max(axis=1)
    floor = np.maximum(np.abs(bias) / (in_scale * _BIAS_LIMIT), _MULTIPLIER_FLOOR * out_scale / in_scale)
    scales = np.maximum(by_channel / 127, floor).astype(np.float32)
    codes = np.round(weight / scales.astype(np.float64).reshape(-1, *[1] * (weight.ndim - 1)))
    codes = np.clip(codes, -127, 127).astype(np.int8)
    if layer.op == "conv":
        codes = codes.transpose(0, 2, 3, 1)
    elif layer.op == "depthwise":
        codes = codes.transpose(1, 2, 3, 0)
    bias_codes = np.round(bias / (in_scale * scales.astype(np.float64))).astype(np.int32)
    return Constants(np.ascontiguousarray(codes), scales, bias_codes)
