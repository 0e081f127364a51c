"""Networks in few tokens, one notation for the architect's proposals, its feedback, the validator and the report.

`cv5s2c8 +mb3c16d2e4 relu6`: BLOCK KERNEL s STRIDE c CHANNELS d DEPTH, inverted residuals with their expansion e, `+`
for skip connections; `fc16 fc8` for the MLP form; a last word `relu6` where the activation is not relu. A stride or
depth of 1 is left out, which saves the language model a third of its tokens; written, it is understood all the same.
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
_STAGE = re.compile(
    r"(?P<skip>\+?)(?P<block>cv|ds|mb)(?P<kernel>[1357])(?:s(?P<stride>[12]))?c(?P<channels>\d+)"
    r"(?:d(?P<depth>[1-4]))?(?:e(?P<expansion>[1-6]))?"
)


def compact(arch: Architecture) -> str:
    """The whole architecture but its form, which the input's rank decides."""
    words = [_word(stage) for stage in arch.stages]
    return " ".join(words + ["relu6"] * (arch.activation == "relu6"))


def _word(stage: Stage) -> str:
    if stage.block == "dense":
        return f"fc{stage.channels}"
    expansion = f"e{stage.expansion}" if stage.block == "mbconv" else ""
    skip = "+" if stage.skip else ""
    stride = f"s{stage.stride}" if stage.stride > 1 else ""
    depth = f"d{stage.depth}" if stage.depth > 1 else ""
    return f"{skip}{_SHORT[stage.block]}{stage.kernel}{stride}c{stage.channels}{depth}{expansion}"


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
    # An expansion belongs to an inverted residual, and to nothing else.
    if not found or (found["block"] == "mb") != (found["expansion"] is not None):
        raise Fixable(f"'{word}' is not a stage: write e.g. ds3s2c16, or mb3s2c16e4 for an inverted residual")
    fields = ("kernel", "stride", "channels", "depth", "expansion")
    numbers = {name: int(found[name]) for name in fields if found[name] is not None}
    return Stage.model_validate({"block": BLOCKS[found["block"]], "skip": bool(found["skip"]), **numbers})


def stage_words(form: str) -> list[str]:
    """Every stage that the architect may put into a network, without skip connections."""
    if form == "mlp":
        return [f"fc{n}" for n in UNITS]
    tails = {"cv": ("", "d2"), "ds": ("", "d2"), "mb": tuple(f"{d}e{e}" for d in ("", "d2") for e in EXPANSIONS)}
    return [
        f"{block}{kernel}{stride}c{channels}{tail}"
        for block in BLOCKS for kernel in (3, 5, 7) for stride in ("", "s2") for channels in CHANNELS
        for tail in tails[block]
    ]  # fmt: skip


def stage_pattern(
    form: str,
    *,
    blocks: Sequence[str] = tuple(BLOCKS),
    kernels: str = "357",
    stride: str = "(s2)?",
    channels: Sequence[int] = (),
) -> str:
    """Regular expression of a stage for the architect's schema: a choice of the space, or of the part that is named."""
    if form == "mlp":
        return f"fc({_choice(channels or UNITS)})"
    tail = f"[{kernels}]{stride}c({_choice(channels or CHANNELS)})(d2)?"
    return "|".join(f"{block}{tail}" + f"e({_choice(EXPANSIONS)})" * (block == "mb") for block in blocks)


def _choice(numbers: Sequence[int]) -> str:
    return "|".join(map(str, numbers))
