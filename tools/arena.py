"""Lay out the tensor arena: which bytes each activation uses, so that the peak is as low as can be.

Offline dynamic storage allocation: buffers that live at the same time must not overlap. The best of several greedy
placements is taken; it usually meets the lower bound, the largest sum of buffers that live at one step.
"""

import random
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from tools.layers import Layer

ALIGNMENT = 4
"""Of every buffer and of the arena, in bytes: the word of the CMSIS-NN kernels."""
_SHUFFLES = 40


class Buffer(NamedTuple):
    """An activation of `size` bytes, alive from step `birth` up to, not including, step `death`."""

    birth: int
    death: int
    size: int


def place(buffers: Sequence[Buffer]) -> tuple[list[int], int]:
    """Offset of each buffer, and the bytes of the whole; the same buffers always get the same offsets."""
    order = sorted(range(len(buffers)), key=lambda i: (-buffers[i].size, buffers[i].birth))
    by_birth = sorted(order, key=lambda i: buffers[i].birth)
    goal = lower_bound(buffers)
    best: tuple[list[int], int] | None = None
    shuffle = random.Random(0)
    for attempt in range(_SHUFFLES + 2):
        if attempt == 1:
            order = by_birth
        elif attempt > 1:
            order = sorted(order)
            shuffle.shuffle(order)
        placed = _greedy(buffers, order)
        if best is None or placed[1] < best[1]:
            best = placed
        if best[1] <= goal:
            break
    assert best is not None
    return best


def lower_bound(buffers: Sequence[Buffer]) -> int:
    """The most bytes that live at one step: no layout can need fewer."""
    steps = {b.birth for b in buffers}
    return max((sum(_aligned(b.size) for b in buffers if b.birth <= step < b.death) for step in steps), default=0)


def _greedy(buffers: Sequence[Buffer], order: Sequence[int]) -> tuple[list[int], int]:
    """Put each buffer, in `order`, at the lowest offset that is free during its life."""
    offsets = [0] * len(buffers)
    done: list[int] = []
    peak = 0
    for i in order:
        b = buffers[i]
        taken = sorted(
            (offsets[j], offsets[j] + _aligned(buffers[j].size))
            for j in done
            if buffers[j].birth < b.death and b.birth < buffers[j].death
        )
        offset = 0
        for start, end in taken:
            if offset + b.size <= start:
                break
            offset = max(offset, end)
        offsets[i] = offset
        done.append(i)
        peak = max(peak, offset + _aligned(b.size))
    return offsets, peak


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def arena_bytes(layers: Sequence[Layer], cmsis: bool) -> int:
    """Bytes of the arena of a network: activations at the worst step, plus scratch of the CMSIS-NN kernels.

    Input and output of the network stand outside, in the caller's memory.
    """
    scratch = max((scratch_bytes(layer) for layer in layers), default=0) if cmsis else 0
    return place(buffers_of(layers))[1] + _aligned(scratch)


def buffers_of(layers: Sequence[Layer]) -> list[Buffer]:
    """The activations that stand in the arena; a reshape shares the buffer of its input."""
    root = list(range(len(layers) + 1))
    last_use = [0] * (len(layers) + 1)
    for index, layer in enumerate(layers):
        if layer.op == "reshape":
            root[index + 1] = root[layer.inputs[0]]
        for value in layer.inputs:
            last_use[root[value]] = index
    kept_outside = {0, root[len(layers)]}
    buffers = []
    for index, layer in enumerate(layers):
        if root[index + 1] == index + 1 and index + 1 not in kept_outside:
            buffers.append(Buffer(index, last_use[index + 1] + 1, prod(layer.out_shape)))
    return buffers


def scratch_bytes(layer: Layer) -> int:
    """Working memory of the CMSIS-NN kernel of one layer (what it uses with the DSP extension)."""
    area = layer.kernel[0] * layer.kernel[1]
    if layer.op == "conv":
        return 0 if area == 1 else 4 * layer.in_shape[-1] * area
    # arm_depthwise_conv_3x3_s8 ignores its context.
    return 2 * layer.in_shape[-1] * area if layer.op == "depthwise" and layer.kernel != (3, 3) else 0
