"""What a network costs on a board, before it is trained: exact for the model, measured for the firmware around it.

MACs, parameters, arena and constants come from the layer list and the arena planner that the conversion uses, so they
equal what the generated code reports (a test holds that). Whole-firmware figures add hw/firmware_size.toml.
"""

from functools import lru_cache
from math import prod
from typing import NamedTuple

from hw.board import Board
from hw.firmware_size import firmware_size
from tools.arena import arena_bytes
from tools.artifacts import Architecture, Budgets, Estimate
from tools.code_size import linked_bytes
from tools.layers import Layer, layers_of, macs, params
from tools.search_space import Form, smallest_architectures

_QUANTISATION_BYTES = 8
"""Per output channel: multiplier and shift."""
_FAST_LINEAR_MACS = 48
"""bakenn packs weights in pairs from here on."""


class _Cost(NamedTuple):
    layers: tuple[Layer, ...]
    macs: int
    params: int
    arena_bytes: int
    constant_bytes: int
    kernels: frozenset[str]
    """Keys of [code.*] in hw/firmware_size.toml."""
    calls: tuple[str, ...]


def estimate(
    arch: Architecture, input_shape: tuple[int, ...], classes: int, budgets: Budgets, board: Board, sensor: str = ""
) -> Estimate:
    """Cost of `arch` on inputs of `input_shape` (channels last, no batch), and every budget that it breaks.

    A budget that is not given falls back to the board's own, then to the chip. Without `sensor` (key of hw/sensors) the
    firmware is counted with the board's costliest one. Raises Fixable where check_shape does.
    """
    cost = _cost(arch, tuple(input_shape), classes, portable_for(board))
    size = firmware_size(board, sensor)
    if size.linked:
        code = linked_bytes(cost.layers, [_code_of(layer) for layer in cost.layers], size.linked)
    else:
        code = sum(size.code[name] for name in (*cost.kernels, *cost.calls))
    # The window is kept as INT8 codes, in the very buffer that the network reads.
    ram = size.base.ram_bytes + size.base.class_ram_bytes * classes + cost.arena_bytes + prod(input_shape)
    flash = size.base.flash_bytes + code + cost.constant_bytes
    figures = {"arena_bytes": cost.arena_bytes, "macs": cost.macs, "ram_bytes": ram, "flash_bytes": flash}
    return Estimate(
        params=cost.params,
        model_flash_bytes=cost.constant_bytes,
        violations=_violations(figures, budgets, board),
        **figures,
    )


def smallest(
    input_shape: tuple[int, ...],
    classes: int,
    form: Form,
    board: Board,
    sensor: str = "",
    budgets: Budgets | None = None,
) -> Estimate:
    """Estimate of the cheapest network of the search space: when it breaks `budgets`, so does every other.

    Of the least networks the one with the fewest violations, then with the least RAM, which is what runs out.
    """
    nets = smallest_architectures(input_shape, form)
    found = [estimate(net, input_shape, classes, budgets or Budgets(), board, sensor) for net in nets]
    return min(found, key=lambda e: (len(e.violations), e.ram_bytes, e.flash_bytes))


def portable_for(board: Board) -> bool:
    """Whether the board's core lacks the DSP instructions that CMSIS-NN's kernels need."""
    return not board.core.startswith(("Cortex-M4", "Cortex-M7"))


def _code_of(layer: Layer) -> str:
    """The kernel of a layer on a core without DSP instructions; a reshape is none."""
    return "" if layer.op == "reshape" else kernel_of(layer, cmsis=False)


def _violations(figures: dict[str, int], budgets: Budgets, board: Board) -> tuple[str, ...]:
    names = {
        "arena_bytes": "the tensor arena",
        "ram_bytes": "static RAM of the firmware",
        "flash_bytes": "flash of the firmware",
        "macs": "the work of one inference",
    }
    chip = {"ram_bytes": board.ram_bytes, "flash_bytes": board.flash_bytes}
    usual: dict[str, int] = {**chip, **{str(key): limit for key, limit in board.budgets.items()}}
    sentences = []
    for key, name in names.items():
        asked = getattr(budgets, key)
        limit = asked if asked is not None else usual.get(key)
        if limit is None or figures[key] <= limit:
            continue
        unit = "multiply-accumulates" if key == "macs" else "bytes"
        whose = "the budget" if asked is not None or key in board.budgets else f"what the {board.chip} has"
        sentences.append(f"{name} needs {figures[key]:,} {unit}, over {whose} of {limit:,} ({key})")
    return tuple(sentences)


@lru_cache(maxsize=4096)
def _cost(arch: Architecture, input_shape: tuple[int, ...], classes: int, portable: bool) -> _Cost:
    layers = layers_of(arch, input_shape, classes)
    return _Cost(
        layers=layers,
        macs=macs(layers),
        params=params(layers),
        arena_bytes=arena_bytes(layers, cmsis=not portable),
        constant_bytes=sum(_constant_bytes(layer) for layer in layers),
        kernels=kernels_of(layers, cmsis=not portable),
        calls=tuple(f"call_{layer.op}" for layer in layers),
    )


def _constant_bytes(layer: Layer) -> int:
    """int8 weights; int32 bias, multiplier and shift per output channel."""
    channels = layer.out_shape[-1]
    return prod(layer.weight_shape) + (4 + _QUANTISATION_BYTES) * channels if layer.weight_shape else 0


def kernels_of(layers: tuple[Layer, ...], cmsis: bool) -> frozenset[str]:
    """The kernels that the generated code links, as named in hw/firmware_size.toml."""
    found = {"model"} | {kernel_of(layer, cmsis) for layer in layers if layer.op != "reshape"}
    if not found <= {"model", "pool"} and not all(name.startswith(("cmsis", "model", "pool")) for name in found):
        found.add("requantise")
    both = {"cmsis_depthwise", "cmsis_depthwise_3x3"}
    return frozenset(found - both | {"cmsis_depthwise_both"} if both <= found else found)


def kernel_of(layer: Layer, cmsis: bool) -> str:
    """The kernel of one layer, as tools.kernels chooses it."""
    channels, area = layer.out_shape[-1], layer.kernel[0] * layer.kernel[1]
    if layer.op == "dense":
        if not cmsis or channels < 2 or layer.macs < _FAST_LINEAR_MACS:
            return "linear"
        return "linear_pairs_tail" if channels % 2 else "linear_pairs"
    if layer.op == "conv":
        return "cmsis_conv" if cmsis else "conv_1x1" if area == 1 and channels % 2 == 0 else "conv"
    if layer.op == "depthwise":
        small = layer.kernel == (3, 3)
        if cmsis:
            return "cmsis_depthwise_3x3" if small else "cmsis_depthwise"
        return "depthwise_3x3" if small and channels % 2 == 0 else "depthwise"
    return layer.op
