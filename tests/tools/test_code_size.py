"""Flash under link-time optimisation: how often a kernel is called, and with what."""

from hw.firmware_size import LinkedKernel
from tools.artifacts import Architecture, Stage
from tools.code_size import linked_bytes
from tools.layers import Layer, layers_of

COST = LinkedKernel(once=100, many=1000, call=10, differing=3, argument=1)
TABLE = {"conv": COST}


def convs(*channels: int) -> tuple[Layer, ...]:
    stages = tuple(Stage(block="conv", channels=n) for n in channels)
    layers = layers_of(Architecture(form="conv1d", stages=stages), (16, 4), 3)
    return tuple(layer for layer in layers if layer.op == "conv")[: len(channels)]


def test_a_kernel_that_is_called_once_is_inlined() -> None:
    assert linked_bytes(convs(4), ["conv"], TABLE) == 100


def test_parameters_that_differ_between_the_calls_cost_in_the_kernel_and_in_each_call() -> None:
    alike = linked_bytes(convs(4, 4, 4), ["conv"] * 3, TABLE)
    differing = linked_bytes(convs(4, 8, 8), ["conv"] * 3, TABLE)
    assert alike < differing
    assert (differing - alike) % (3 + 3 * 1) == 0


def test_what_has_no_code_costs_nothing() -> None:
    assert linked_bytes(convs(4), [""], TABLE) == 0
