"""Networks in few tokens, one notation for the architect's proposals, its feedback, the validator and the report.

`cv5s2c8d1 +mb3s1c16d2e4 relu6`: BLOCK KERNEL s STRIDE c CHANNELS d DEPTH, inverted residuals with their expansion e,
`+` for skip connections; `fc16 fc8` for the MLP form; a last word `relu6` where the activation is not relu.
"""

import re
from collections.abc import Sequence

from tools.artifacts import Architecture, Stage
from tools.errors import Fixable

BLOCKS = {"cv": "conv", "ds": "dsconv", "mb": "mbconv"}
CHANNELS = (4, 6, 8, 12, 16, 24, 32, 48, 64)
UNITS = (4, 6, 8, 12, 16, 24, 32, 48)
EXPANSIONS = (2, 4, 6)
_SHORT = {long: short for short, long in BLOCKS.items()}
_STAGE = re.compile(r"(\+?)(?:(cv|ds)([1357])s([12])c(\d+)d([1-4])|(mb)([1357])s([12])c(\d+)d([1-4])e([1-6]))")


def compact(arch: Architecture) -> str:
    """The whole architecture but its form, which the input's rank decides."""
    words = [_word(stage) for stage in arch.stages]
    return " ".join(words + ["relu6"] * (arch.activation == "relu6"))


def _word(stage: Stage) -> str:
    if stage.block == "dense":
        return f"fc{stage.channels}"
    expansion = f"e{stage.expansion}" if stage.block == "mbconv" else ""
    skip = "+" if stage.skip else ""
    return f"{skip}{_SHORT[stage.block]}{stage.kernel}s{stage.stride}c{stage.channels}d{stage.depth}{expansion}"


def expand(words: Sequence[str], form: str) -> Architecture:
    """Architecture of a compact form; raises Fixable naming the first word that is not in the vocabulary."""
    activation = "relu6" if words and words[-1] == "relu6" else "relu"
    stages = [_stage(word, form) for word in (words[:-1] if activation == "relu6" else words)]
    return Architecture.model_validate({"form": form, "stages": stages, "activation": activation})


def _stage(word: str, form: str) -> Stage:
    if form == "mlp":
        if found := re.fullmatch(r"fc(\d+)", word):
            return Stage(block="dense", channels=int(found.group(1)))
        raise Fixable(f"'{word}' is not a layer: write fc and a number of units, e.g. fc16")
    found = _STAGE.fullmatch(word)
    if not found:
        raise Fixable(f"'{word}' is not a stage: write e.g. ds3s2c16d1, or mb3s2c16d1e4 for an inverted residual")
    skip, *parts = (part for part in found.groups() if part is not None)
    block, kernel, stride, channels, depth, *expansion = parts
    numbers = {"kernel": int(kernel), "stride": int(stride), "channels": int(channels), "depth": int(depth)}
    if expansion:
        numbers["expansion"] = int(expansion[0])
    return Stage.model_validate({"block": BLOCKS[block], "skip": bool(skip), **numbers})


def stage_pattern() -> str:
    """Regular expression of the stages that the architect may write: a choice of the space, for the schema."""
    channels = "|".join(map(str, CHANNELS))
    expansions = "|".join(map(str, EXPANSIONS))
    return rf"^[+]?((cv|ds)[357]s[12]c({channels})d[12]|mb[357]s[12]c({channels})d[12]e({expansions}))$"
