"""Drive bakenn, the compiler from .tflite to C: our arena layout, our choice of kernels.

bakenn is exact where TFLM is (same integer arithmetic), but leaves memory and speed on the table in three places that
are mended here through its public registries and data: arena layout, CMSIS-NN under asymmetric padding, scratch of the
3x3 depthwise kernel.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tools.arena import ALIGNMENT, Buffer, place

NAME = "network"
SYMBOL = f"bknn_{NAME}"
_DEPTHWISE_3X3 = "arm_depthwise_conv_3x3_s8"
"""Ignores its context: needs no scratch."""
# Kernels that measured best on an emulated Cortex-M4; bakenn's own cortex_m4.* kernels are slower than its portable C
# and double the weights, and for a global average pool CMSIS-NN costs scratch and code without a gain.
_KERNELS = ("cmsis_nn.conv2d", "cmsis_nn.depthwise", "optimized.", "portable.")
_PORTABLE_KERNELS = ("optimized.conv2d", "optimized.depthwise")


def compile_tflite(tflite: bytes, folder: Path, cmsis: bool) -> Any:
    """Write the C of `tflite` to `folder`; returns bakenn's CompilationArtifacts. Raises bakenn.errors.BakeNNError.

    As bakenn.compile_tflite, but with our arena layout, and without merging equal constants, which would make the
    flash depend on the values and the estimate before training inexact.
    """
    from bakenn import CORTEX_M4, PORTABLE_32, CBackendOptions, KernelPolicy, import_tflite
    from bakenn.backend.portable_c import generate_portable_c
    from bakenn.passes import fuse_clamps, legalize_graph
    from bakenn.plan import lower_to_plan

    _choose_kernels()
    graph = fuse_clamps(legalize_graph(import_tflite(tflite, name=NAME)))
    plan = _with_layout(lower_to_plan(graph, arena_alignment=ALIGNMENT))
    target = replace(CORTEX_M4 if cmsis else PORTABLE_32, arena_alignment=ALIGNMENT)
    options = CBackendOptions(kernel_policy=KernelPolicy.STATIC_PRIORITY, enable_cmsis_nn=cmsis, target=target)
    return generate_portable_c(plan, folder, model_name=NAME, options=options)


def _with_layout(plan: Any) -> Any:
    """The same plan with its arena laid out by tools.arena."""
    roots = sorted(plan.lifetimes, key=lambda name: plan.lifetimes[name].birth)
    sizes = [max(plan.tensors[name].tensor_type.nbytes for name in plan.alias_groups[root]) for root in roots]
    lives = [plan.lifetimes[root] for root in roots]
    offsets, total = place([Buffer(b.birth, b.death, size) for b, size in zip(lives, sizes, strict=True)])
    tensors = dict(plan.tensors)
    for root, offset in zip(roots, offsets, strict=True):
        for name in plan.alias_groups[root]:
            tensors[name] = replace(tensors[name], offset=offset)
    return replace(plan, tensors=tensors, arena_size=total, activation_arena_size=total)


@cache
def _choose_kernels() -> None:
    """Install our choice of kernels in bakenn's registry, once a process."""
    from bakenn.backend.portable_c import families, selection
    from bakenn.plan import LinearStep
    from bakenn.plan.steps.conv import Conv2DStep, DepthwiseConv2DStep
    from bakenn.plan.steps.pool import AveragePool2DStep, MaxPool2DStep

    assert families  # imported for its registrations, which ours replace
    for kind in (Conv2DStep, DepthwiseConv2DStep, LinearStep, AveragePool2DStep, MaxPool2DStep):
        original = selection.kernel_capabilities.dispatch(kind)
        selection.kernel_capabilities.register(kind, _chosen(original))


def _chosen(original: Any) -> Any:
    def capabilities(step: Any, plan: Any, options: Any) -> tuple[Any, ...]:
        if step.kernel_kind in ("conv2d_s8", "depthwise_conv2d_s8"):
            # bakenn refuses CMSIS-NN for TensorFlow's asymmetric SAME padding, which CMSIS-NN computes exactly:
            # it takes the padding before an axis and finds the one after from the size of the output.
            _, bottom, _, right = step.padding
            step = replace(step, padding=(bottom, bottom, right, right))
        # Small cores without CMSIS-NN get the one small linear kernel rather than up to three faster ones.
        allowed: tuple[str, ...] = _KERNELS if options.enable_cmsis_nn else (*_PORTABLE_KERNELS, "portable.")
        if _is_mean(step, plan):
            allowed = ("portable.",)  # one position: CMSIS-NN's scratch of the size of the map buys nothing
        found = (c for c in original(step, plan, options) if c.kernel_id.startswith(allowed))
        return tuple(_without_scratch(c) if _is_3x3(step, plan) else c for c in found)

    return capabilities


def depthwise_kernels(plan: Any) -> frozenset[str]:
    """The CMSIS-NN kernels that arm_depthwise_conv_wrapper_s8 takes for the depthwise layers of a plan."""
    steps = (s for s in plan.steps if s.kernel_kind == "depthwise_conv2d_s8" and not _is_mean(s, plan))
    return frozenset(_depthwise_kernel(step, plan) for step in steps)


def _depthwise_kernel(step: Any, plan: Any) -> str:
    if step.depth_multiplier != 1 or step.dilation != (1, 1):
        return "arm_depthwise_conv_s8"
    small = plan.constants[step.weight].shape[:2] == (3, 3) and max(step.padding) <= 1
    return _DEPTHWISE_3X3 if small else "arm_depthwise_conv_s8_opt"


def _is_3x3(step: Any, plan: Any) -> bool:
    return step.kernel_kind == "depthwise_conv2d_s8" and _depthwise_kernel(step, plan) == _DEPTHWISE_3X3


def _is_mean(step: Any, plan: Any) -> bool:
    """A depthwise convolution with the whole map (tools.tflite_rewrite makes global means so)."""
    if step.kernel_kind != "depthwise_conv2d_s8" or max(step.padding) > 0:
        return False
    kernel = tuple(plan.constants[step.weight].shape[:2])
    return kernel != (1, 1) and kernel == tuple(plan.tensors[step.input].tensor_type.shape[1:3])


def _without_scratch(capability: Any) -> Any:
    return replace(capability, scratch_size=0, scratch_alignment=1)
