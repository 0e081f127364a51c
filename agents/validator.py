"""Validator: the small local model's word on networks that break a budget: which change would bring them within it.

Budgets are arithmetic and decided before; networks that keep them are not asked about. The change is applied here and
checked again by the estimator.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from agents.llm import LanguageModels, render
from tools.artifacts import Architecture, Candidate, Stage, Verdict
from tools.notation import CHANNELS, UNITS, compact

T = TypeVar("T")
CHANGES = ("fewer_channels", "more_stride", "less_depth", "drop_stage")


def judge(models: LanguageModels, candidates: Sequence[Candidate]) -> dict[str, Verdict]:
    """A verdict with the change to make, per id of those `candidates` that break a budget, by one question for all.

    Raises Fixable on a broken answer.
    """
    broken = [c for c in candidates if c.estimate and c.estimate.violations]
    if not broken:
        return {}
    keys = [str(i) for i in range(1, len(broken) + 1)]
    schema = {
        "type": "object",
        "properties": {key: {"enum": list(CHANGES)} for key in keys},
        "required": keys,
        "additionalProperties": False,
    }

    def parse(text: str) -> dict[str, Verdict]:
        said = dict(json.loads(text).items())
        advised = {c.id: str(said[key]) for key, c in zip(keys, broken, strict=True) if key in said}
        return {name: Verdict(feasible=False, hint=change) for name, change in advised.items() if change in CHANGES}

    networks = [
        {"key": key, "net": compact(c.architecture), "violations": c.estimate.violations}
        for key, c in zip(keys, broken, strict=True)
        if c.estimate
    ]
    return models.ask(
        "validator",
        render("validator_system"),
        render("validator_user", networks=networks),
        schema=schema,
        parse=parse,
        max_tokens=15 * len(keys) + 20,
    ).value


def mended(models: LanguageModels, broken: str, schema: Mapping[str, Any], parse: Callable[[str], T]) -> T:
    """The value of another role's answer that did not have the asked form, said again under its `schema`.

    Remote models are not held to a schema as the local one is. Raises Fixable when this cannot be read either.
    """
    return models.ask(
        "validator",
        render("validator_repair_system"),
        render("validator_repair_user", broken=" ".join(broken.split())[:_LONGEST]),
        schema=schema,
        parse=parse,
        max_tokens=500,
    ).value


_LONGEST = 2000
"""Characters of a broken answer that are worth reading."""


def apply_change(arch: Architecture, change: str) -> Architecture:
    """The architecture with the validator's change; the same one where the change does not apply."""
    stages = list(arch.stages)
    match change:
        case "fewer_channels":
            stages = [s.model_copy(update={"channels": _narrower(s)}) for s in stages]
        case "more_stride":
            flat = next((i for i, s in enumerate(stages) if s.stride == 1 and s.block != "dense"), None)
            if flat is not None:
                stages[flat] = stages[flat].model_copy(update={"stride": 2})
        case "less_depth":
            stages = [s.model_copy(update={"depth": max(1, s.depth - 1)}) for s in stages]
        case "drop_stage":
            stages = stages[:-1] or stages
    return arch.model_copy(update={"stages": tuple(stages)})


def _narrower(stage: Stage) -> int:
    ladder = UNITS if stage.block == "dense" else CHANNELS
    nearest = min(range(len(ladder)), key=lambda i: abs(ladder[i] - stage.channels))
    return ladder[max(nearest - 1, 0)]
