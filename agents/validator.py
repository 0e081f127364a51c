"""Validator: the small local model's word on networks that break a budget: which change would bring them within it.

Budgets are arithmetic and decided before; networks that keep them are not asked about. The change is applied here and
checked again by the estimator.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from agents.llm import LanguageModels, render
from tools.artifacts import Architecture, Candidate, Stage, Verdict
from tools.edits import Cost
from tools.notation import CHANNELS, UNITS, compact

T = TypeVar("T")
CHANGES = ("fewer_channels", "more_stride", "less_depth", "drop_stage")
MOST_TIMES = 4
"""How often one change is made, until the network fits."""


def repairs(arch: Architecture, cost: Cost) -> dict[str, Architecture]:
    """The changes that bring a network within the budgets, made as often as needed, and the networks they lead to."""
    found: dict[str, Architecture] = {}
    for change in CHANGES:
        changed = arch
        for _ in range(MOST_TIMES):
            before, changed = changed, apply_change(changed, change)
            if changed == before:
                break
            if cost(changed) is not None:
                found[change] = changed
                break
    return found


def judge(models: LanguageModels, candidates: Sequence[Candidate], cost: Cost) -> dict[str, Verdict]:
    """A verdict with the change to make, per id of those `candidates` that break a budget, by one question for all.

    Only changes that help are offered; where one alone does there is nothing to ask, where none does no verdict.
    `cost`: estimate of a network within the budgets, None for any other. Raises Fixable on a broken answer.
    """
    over = [c for c in candidates if c.estimate and c.estimate.violations]
    helping = {c.id: list(repairs(c.architecture, cost)) for c in over}
    settled = {name: Verdict(feasible=False, hint=ways[0]) for name, ways in helping.items() if len(ways) == 1}
    broken = [c for c in over if len(helping[c.id]) > 1]
    if not broken:
        return settled
    keys = [str(i) for i in range(1, len(broken) + 1)]
    schema = {
        "type": "object",
        "properties": {key: {"enum": helping[c.id]} for key, c in zip(keys, broken, strict=True)},
        "required": keys,
        "additionalProperties": False,
    }

    def parse(text: str) -> dict[str, Verdict]:
        said = dict(json.loads(text).items())
        advised = {c.id: str(said[key]) for key, c in zip(keys, broken, strict=True) if key in said}
        return {name: Verdict(feasible=False, hint=way) for name, way in advised.items() if way in helping[name]}

    networks = [
        {"key": key, "net": compact(c.architecture), "violations": c.estimate.violations, "ways": helping[c.id]}
        for key, c in zip(keys, broken, strict=True)
        if c.estimate
    ]
    answer = models.ask(
        "validator",
        render("validator_system"),
        render("validator_user", networks=networks),
        schema=schema,
        parse=parse,
        max_tokens=15 * len(keys) + 20,
    )
    return settled | answer.value


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
