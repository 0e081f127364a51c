"""Validator: the small local model's word on networks whose figures are already exact, and its repairs.

Budgets are arithmetic and decided before; the model says whether a network suits the request and which change
would bring a violating one into budget. Its change is applied here and checked again by the estimator.
"""

import json
from collections.abc import Sequence
from typing import Any

from agents.llm import LanguageModels, render
from tools.artifacts import Architecture, Candidate, Stage, Verdict
from tools.notation import CHANNELS, UNITS, compact

CHANGES = ("fewer_channels", "more_stride", "less_depth", "drop_stage", "more_channels", "add_stage", "none")


def judge(models: LanguageModels, request: str, candidates: Sequence[Candidate]) -> dict[str, Verdict]:
    """A verdict per candidate id, one question for all: `feasible` by the estimator, `fits` and `hint` by the model."""
    if not candidates:
        return {}
    networks = [
        {
            "id": c.id,
            "net": compact(c.architecture),
            "macs": c.estimate.macs,
            "arena": c.estimate.arena_bytes,
            "flash": c.estimate.model_flash_bytes,
            "violation": "; ".join(c.estimate.violations),
        }
        for c in candidates
        if c.estimate
    ]
    entry: dict[str, Any] = {"fits": {"type": "boolean"}, "change": {"enum": list(CHANGES)}}
    one = {"type": "object", "properties": entry, "required": list(entry), "additionalProperties": False}
    ids = [str(n["id"]) for n in networks]
    schema = {"type": "object", "properties": {i: one for i in ids}, "required": ids, "additionalProperties": False}

    def parse(text: str) -> dict[str, Verdict]:
        said = dict(json.loads(text).items())
        return {
            c.id: Verdict(
                feasible=bool(c.estimate and not c.estimate.violations),
                fits=said[c.id]["fits"],
                hint=said[c.id]["change"],
            )
            for c in candidates
            if c.id in said
        }

    return models.ask(
        "validator",
        render("validator_system"),
        render("validator_user", networks=networks, request=request),
        schema=schema,
        parse=parse,
        max_tokens=30 * len(ids) + 20,
    ).value


def apply_change(arch: Architecture, change: str) -> Architecture:
    """The architecture with the validator's change; the same one where the change does not apply."""
    stages = list(arch.stages)
    match change:
        case "fewer_channels":
            stages = [s.model_copy(update={"channels": _step(s, -1)}) for s in stages]
        case "more_channels":
            stages = [s.model_copy(update={"channels": _step(s, +1)}) for s in stages]
        case "more_stride":
            flat = next((i for i, s in enumerate(stages) if s.stride == 1 and s.block != "dense"), None)
            if flat is not None:
                stages[flat] = stages[flat].model_copy(update={"stride": 2})
        case "less_depth":
            stages = [s.model_copy(update={"depth": max(1, s.depth - 1)}) for s in stages]
        case "drop_stage":
            stages = stages[:-1] or stages
        case "add_stage":
            stages = [*stages, stages[-1].model_copy(update={"stride": 1})][:7]
    return arch.model_copy(update={"stages": tuple(stages)})


def _step(stage: Stage, by: int) -> int:
    ladder = UNITS if stage.block == "dense" else CHANNELS
    nearest = min(range(len(ladder)), key=lambda i: abs(ladder[i] - stage.channels))
    return ladder[min(max(nearest + by, 0), len(ladder) - 1)]
