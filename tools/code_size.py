"""Flash of the code that runs a network, by the kernels that it calls and how often.

Where the core is linked with -flto (AVR), a kernel that is called once is inlined with all of its parameters known, and
of one that is called more often the parameters that are the same in all calls are dropped. So the flash depends on how
many calls there are and on how many parameters differ between them.
"""

from collections.abc import Mapping, Sequence

from hw.firmware_size import LinkedKernel
from tools.layers import Layer

Parameters = tuple[object, ...]


def linked_bytes(layers: Sequence[Layer], kernels: Sequence[str], table: Mapping[str, LinkedKernel]) -> int:
    """Flash in bytes under link-time optimisation; `kernels`: that of each layer, a key of `table` ("": no code)."""
    calls: dict[str, list[Parameters]] = {}
    for index, name in enumerate(kernels):
        if name:
            calls.setdefault(name, []).append(_parameters(layers, index))
    return sum(_kernel_bytes(table[name], made) for name, made in calls.items())


def _kernel_bytes(cost: LinkedKernel, calls: Sequence[Parameters]) -> int:
    if len(calls) == 1:
        return cost.once
    differing = sum(len(set(values)) > 1 for values in zip(*calls, strict=True))
    return cost.many + cost.differing * differing + len(calls) * (cost.call + cost.argument * differing)


def _parameters(layers: Sequence[Layer], index: int) -> Parameters:
    """What the generated code hands to the kernel of a layer, buffers apart."""
    layer = layers[index]
    zero_points = (*(_zero_point(layers, value) for value in layer.inputs), _zero_point(layers, index + 1))
    if layer.op in ("dense", "add"):
        return (layer.in_shape, layer.out_shape, *zero_points)
    (top, _), (left, _) = layer.padding
    return (*layer.in_shape, *layer.out_shape, *layer.kernel, *layer.stride, top, left, *zero_points)


def _zero_point(layers: Sequence[Layer], value: int) -> object:
    """The same for all values behind a ReLU, whose range begins at 0; of its own for every other."""
    return "clamped" if value and layers[value - 1].activation else value
