"""Architect: proposes networks of the staged skeleton in a compact form, by schema-constrained decoding."""

import json
import random
import re
from collections.abc import Sequence
from typing import Any

from agents.llm import LanguageModels, render
from tools.artifacts import Architecture, Budgets, Candidate, Stage
from tools.errors import Fixable
from tools.search_space import form_of

BLOCKS = {"cv": "conv", "ds": "dsconv", "mb": "mbconv"}
_SHORT = {long: short for short, long in BLOCKS.items()}
CHANNELS = (4, 6, 8, 12, 16, 24, 32, 48, 64)
UNITS = (4, 6, 8, 12, 16, 24, 32, 48)


def compact(arch: Architecture) -> str:
    """The few-token form of a network: `cv5s2c8d1 +ds3s1c16d2`, `fc16 fc8`."""
    return " ".join(_compact_stage(stage) for stage in arch.stages)


def _compact_stage(stage: Stage) -> str:
    if stage.block == "dense":
        return f"fc{stage.channels}"
    skip = "+" if stage.skip else ""
    return f"{skip}{_SHORT[stage.block]}{stage.kernel}s{stage.stride}c{stage.channels}d{stage.depth}"


def expand(words: Sequence[str], form: str) -> Architecture:
    """Architecture of a compact form; raises Fixable naming the first word that is not in the vocabulary."""
    stages = [_stage(word, form) for word in words]
    return Architecture.model_validate({"form": form, "stages": stages})


def _stage(word: str, form: str) -> Stage:
    if form == "mlp":
        if found := re.fullmatch(r"fc(\d+)", word):
            return Stage(block="dense", channels=int(found.group(1)))
        raise Fixable(f"'{word}' is not a layer: write fc and a number of units, e.g. fc16")
    found = re.fullmatch(r"(\+?)(cv|ds|mb)([1357])s([12])c(\d+)d([1-4])", word)
    if not found:
        raise Fixable(f"'{word}' is not a stage: write e.g. ds3s2c16d1")
    skip, block, kernel, stride, channels, depth = found.groups()
    numbers = {"kernel": int(kernel), "stride": int(stride), "channels": int(channels), "depth": int(depth)}
    return Stage.model_validate({"block": BLOCKS[block], "skip": bool(skip), **numbers})


def schema(form: str, stages: Sequence[int]) -> dict[str, Any]:
    """JSON schema of one proposal per entry of `stages`, which is its number of stages.

    Left to itself the 1.5B model fills every list to its maximum and repeats the network: exact lengths make the
    proposals differ and keep them short.
    """
    if form == "mlp":
        word: dict[str, Any] = {"enum": [f"fc{n}" for n in UNITS]}
    else:
        channels = "|".join(map(str, CHANNELS))
        word = {"type": "string", "pattern": rf"^[+]?(cv|ds|mb)[357]s[12]c({channels})d[12]$"}
    why = {"type": "string", "pattern": "^[a-zA-Z0-9 ,.'-]{5,60}$"}
    nets = {}
    for i, count in enumerate(stages, start=1):
        net = {"type": "array", "items": word, "minItems": count, "maxItems": count}
        nets[f"net{i}"] = _object({"why": why, "net": net})
    return _object(nets)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def stage_counts(form: str, count: int, seed: int) -> list[int]:
    """Numbers of stages of the next `count` proposals, ascending: 1 to 3 layers for mlp, else 2 to 5 stages."""
    rng = random.Random(seed)
    choices = (1, 2, 2, 3) if form == "mlp" else (2, 3, 3, 4, 5)
    return sorted(rng.choice(choices) for _ in range(count))


def propose(
    models: LanguageModels,
    *,
    input_shape: tuple[int, ...],
    classes: int,
    budgets: Budgets,
    candidates: Sequence[Candidate],
    feedback: str,
    count: int,
    round_: int,
    seed: int,
) -> list[Candidate]:
    """`count` proposals; what was tried and what the front teaches is in the prompt.

    Raises Fixable on a broken answer.
    """
    form = form_of(input_shape)
    limits = {k.removesuffix("_bytes"): v for k, v in budgets.model_dump().items() if v is not None}
    user = render(
        "architect_user",
        input_shape=input_shape,
        classes=classes,
        budgets=", ".join(f"{k} {v:,}" for k, v in limits.items()),
        feedback=feedback,
        tried=[compact(c.architecture) for c in candidates][-12:],
        count=count,
    )
    answer = models.ask(
        "architect",
        render("architect_system", form=form),
        user,
        schema=schema(form, stage_counts(form, count, 1000 * seed + round_)),
        parse=lambda text: _parse(text, form),
        # A round that brought nothing new is asked hotter.
        temperature=min(1.2, 0.6 + 0.2 * (round_ - 1)),
        seed=1000 * seed + round_,
        max_tokens=100 * count,
    )
    return [
        Candidate(id=f"r{round_}n{i}", round=round_, author="llm", architecture=arch, rationale=why, status="proposed")
        for i, (arch, why) in enumerate(answer.value)
    ]


def _parse(text: str, form: str) -> list[tuple[Architecture, str]]:
    return [(expand(entry["net"], form), entry["why"].strip()) for entry in json.loads(text).values()]
