"""A rationale's claims against the figures: what it says of blocks, strides and costs, and what the network really has.

Only claims that arithmetic can settle are judged; everything else in the sentence is left alone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from tools.artifacts import Architecture, Candidate, Stage

_MEASURES: dict[str, tuple[str, Callable[[Candidate], float]]] = {
    r"macs|multiplications|operations|compute": ("MACs", lambda c: c.estimate.macs if c.estimate else 0),
    r"arena|memory|sram|ram": ("bytes of arena", lambda c: c.estimate.arena_bytes if c.estimate else 0),
    r"flash|weights|parameters|params": ("bytes of flash", lambda c: c.estimate.model_flash_bytes if c.estimate else 0),
    r"stages|layers": ("stages", lambda c: len(c.architecture.stages)),
}
_ACCURATE = re.compile(r"\bmore accurate than (r\d+[a-z]\w*)")
_LESS = r"fewer|less|lower|smaller|saves|half the|reduced"
_MORE = r"more|larger|higher|bigger|twice the|double the"


def _has_block(block: str) -> Callable[[Architecture], bool]:
    return lambda arch: any(stage.block == block for stage in arch.stages)


def _widths_rise(stages: Sequence[Stage]) -> bool:
    return len(stages) > 1 and all(before.channels < after.channels for before, after in pairwise(stages))


_FEATURES: tuple[tuple[str, str, Callable[[Architecture], bool]], ...] = (
    (r"separable|depthwise", "it has no depthwise-separable block", _has_block("dsconv")),
    (r"inverted residuals?", "it has no inverted residual block", _has_block("mbconv")),
    (r"skips?\b|residual connections?", "it has no skip connection", lambda a: any(s.skip for s in a.stages)),
    (r"early strides?|strides? early", "its first stage has no stride", lambda a: a.stages[0].stride == 2),
    (r"\bsingle (?:layer|stage)|\bone (?:layer|stage)", "it has several stages", lambda a: len(a.stages) == 1),
    (r"large kernels?", "no stage has a kernel of 5 or 7", lambda a: any(s.kernel >= 5 for s in a.stages)),
    (r"few (?:channels|units)", "a stage has more than 8", lambda a: all(s.channels <= 8 for s in a.stages)),
    (r"growing channels", "they do not grow from each stage to the next", lambda a: _widths_rise(a.stages)),
    (r"falling width", "it does not fall from each layer to the next", lambda a: _widths_rise(a.stages[::-1])),
)  # fmt: skip


def false_claims(candidate: Candidate, others: Mapping[str, Candidate]) -> tuple[str, ...]:
    """A sentence for each claim of the rationale that the network's figures contradict; `others` by their id.

    A comparison is judged where the rationale names the other network ("fewer MACs than r1n0"); one that names an id
    that does not exist is false as well. "More accurate than r1n0" is judged as soon as both are trained.
    """
    text = candidate.rationale.lower()
    found = [
        f"'{match.group(0)}': {wrong}"
        for pattern, wrong, holds in _FEATURES
        if (match := _affirmed(pattern, text)) and not holds(candidate.architecture)
    ]
    for kernel in re.findall(r"\b([1357])\s*x\s*\1\b|\bkernel (?:of )?([1357])\b", text):
        size = int(kernel[0] or kernel[1])
        if candidate.architecture.form != "mlp" and all(s.kernel != size for s in candidate.architecture.stages):
            found.append(f"'kernel {size}': no stage has it")
    return (*found, *_comparisons(candidate, text, others))


def _affirmed(pattern: str, text: str) -> re.Match[str] | None:
    match = re.search(pattern, text)
    negated = match and re.search(r"\b(?:no|without|not|instead of|than)\W+(?:\w+\W+)?$", text[: match.start()])
    return None if negated else match


def _comparisons(candidate: Candidate, text: str, others: Mapping[str, Candidate]) -> list[str]:
    found = []
    by_id = {name.lower(): other for name, other in others.items()}
    for direction, better in ((_LESS, -1), (_MORE, 1)):
        for measure, (unit, value) in _MEASURES.items():
            pattern = rf"\b(?:{direction})\s+(?:{measure})\s+(?:than|of)\s+(r\d+[a-z]\w*)"
            for match in re.finditer(pattern, text):
                other = by_id.get(match.group(1))
                if other is None:
                    found.append(f"'{match.group(0)}': there is no network {match.group(1)}")
                elif (value(candidate) - value(other)) * better <= 0:
                    found.append(f"'{match.group(0)}': it has {value(candidate):,} {unit}, {other.id} {value(other):,}")
    return found + _accuracies(candidate, text, by_id)


def _accuracies(candidate: Candidate, text: str, by_id: Mapping[str, Candidate]) -> list[str]:
    found = []
    for match in _ACCURATE.finditer(text):
        other = by_id.get(match.group(1))
        if other is None:
            found.append(f"'{match.group(0)}': there is no network {match.group(1)}")
        elif candidate.accuracy is not None and other.accuracy is not None and candidate.accuracy <= other.accuracy:
            found.append(f"'{match.group(0)}': it reached {candidate.accuracy:.3f}, {other.id} {other.accuracy:.3f}")
    return found
