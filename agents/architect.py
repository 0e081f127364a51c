"""Architect: proposes networks of the staged skeleton in a compact form, by schema-constrained decoding."""

import json
import random
from collections.abc import Sequence
from typing import Any

from agents.llm import LanguageModels, render
from tools.artifacts import Architecture, Budgets, Candidate
from tools.notation import UNITS, compact, expand, stage_pattern
from tools.search_space import form_of


def schema(form: str, stages: Sequence[int]) -> dict[str, Any]:
    """JSON schema of one proposal per entry of `stages`, which is its number of stages.

    Left to itself the 1.5B model fills every list to its maximum and repeats the network: exact lengths make the
    proposals differ and keep them short.
    """
    if form == "mlp":
        word: dict[str, Any] = {"enum": [f"fc{n}" for n in UNITS]}
    else:
        word = {"type": "string", "pattern": stage_pattern()}
    why = {"type": "string", "pattern": "^[a-zA-Z0-9 ,.'-]{5,60}$"}
    nets = {}
    for i, count in enumerate(stages, start=1):
        net = {"type": "array", "items": word, "minItems": count, "maxItems": count}
        nets[f"net{i}"] = _object({"why": why, "net": net})
    return _object(nets)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def stage_counts(form: str, count: int, seed: int, stuck: int = 0) -> list[int]:
    """Numbers of stages of the next `count` proposals, ascending: 1 to 3 layers for mlp, else 2 to 5 stages.

    A stuck front widens the range: 1 to 7 stages.
    """
    rng = random.Random(seed)
    choices: tuple[int, ...] = (1, 2, 2, 3) if form == "mlp" else (2, 3, 3, 4, 5)
    if stuck and form != "mlp":
        choices = (1, *choices, 6, 7)
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
    stuck: int = 0,
) -> list[Candidate]:
    """`count` proposals; what was tried and what the front teaches is in the prompt.

    After `stuck` rounds without progress it is asked hotter, with other numbers of stages, and from the second such
    round on to keep the best network's first stage and change the rest.

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
        frozen=_first_stage(candidates) if stuck > 1 else "",
    )
    answer = models.ask(
        "architect",
        render("architect_system", form=form),
        user,
        schema=schema(form, stage_counts(form, count, 1000 * seed + round_, stuck)),
        parse=lambda text: _parse(text, form),
        temperature=min(1.2, 0.6 + 0.2 * stuck),
        seed=1000 * seed + round_,
        max_tokens=100 * count,
    )
    return [
        Candidate(id=f"r{round_}n{i}", round=round_, author="llm", architecture=arch, rationale=why, status="proposed")
        for i, (arch, why) in enumerate(answer.value)
    ]


def _first_stage(candidates: Sequence[Candidate]) -> str:
    """The first word of the most accurate network."""
    trained = [c for c in candidates if c.accuracy is not None]
    best = max(trained, key=lambda c: c.accuracy or 0.0, default=None)
    return compact(best.architecture).split()[0] if best else ""


def _parse(text: str, form: str) -> list[tuple[Architecture, str]]:
    return [(expand(entry["net"], form), entry["why"].strip()) for entry in json.loads(text).values()]
