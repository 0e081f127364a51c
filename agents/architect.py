"""Architect: proposes networks of the staged skeleton in a compact form, by schema-constrained decoding.

All proposals of a call are one string of a fixed pattern: nothing is spent on keys, quotes and line breaks, which took
half of the tokens, and every answer of the right form is a network with a claim (tools/edits.py).
"""

import json
import random
from collections.abc import Collection, Mapping, Sequence
from itertools import cycle, islice
from typing import Any

from agents import validator
from agents.llm import LanguageModels, render
from tools.artifacts import Budgets, Candidate
from tools.edits import Cost, Proposal, claims, edits, new_pattern, pattern_of, read
from tools.errors import Fixable
from tools.notation import compact
from tools.search_space import form_of


def schema(patterns: Sequence[str]) -> dict[str, Any]:
    """JSON schema of an answer with one proposal per pattern, in their order.

    Left to itself the 1.5B model fills every list to its maximum and repeats the network: exact lengths and parents
    make the proposals differ and keep them short.
    """
    nets = {"type": "string", "pattern": f"^{'; '.join(f'({p})' for p in patterns)}$"}
    return {"type": "object", "properties": {"nets": nets}, "required": ["nets"], "additionalProperties": False}


def stage_counts(form: str, count: int, rng: random.Random, stuck: int = 0) -> list[int]:
    """Numbers of stages of the next `count` new networks, ascending: 1 to 3 layers for mlp, else 1 to 5 stages.

    A stuck front widens the range: 1 to 7 stages.
    """
    choices: tuple[int, ...] = (1, 2, 2, 3) if form == "mlp" else (1, 2, 2, 3, 3, 4, 5)
    if stuck and form != "mlp":
        choices = (1, *choices, 6, 7)
    return sorted(rng.choice(choices) for _ in range(count))


def propose(
    models: LanguageModels,
    *,
    input_shape: tuple[int, ...],
    classes: int,
    budgets: Budgets,
    parents: Mapping[str, Candidate],
    known: Collection[str],
    cost: Cost,
    feedback: str,
    count: int,
    round_: int,
    seed: int,
    stuck: int = 0,
) -> list[Candidate]:
    """`count` proposals: an edit of each of the `parents` in turn (by their letters), or new networks without any.

    The schema allows only edits to networks that are not `known` (compact forms) and that `cost` finds within budget.
    `feedback` tells of the parents and of what was tried. After `stuck` rounds without progress it is asked hotter;
    from the second such round on for new networks again, of other sizes, that keep the first stage of the best parent.

    An answer that does not have the asked form is put into it by the validator; raises Fixable when that fails, too.
    """
    form = form_of(input_shape)
    stock = {letter: parent.architecture for letter, parent in parents.items()}
    rng = random.Random(1000 * seed + round_)
    offered = _offered(parents, known, cost, count, rng) if stuck < 2 else []
    patterns = [pattern_of(texts) for texts in offered] or _new_patterns(form, count, input_shape, rng, stuck)
    form_asked, said = schema(patterns), ""

    def parse(text: str) -> list[Proposal]:
        nonlocal said
        said = text
        return [read(part, form, stock) for part in json.loads(text)["nets"].split(";")]

    try:
        proposals = models.ask(
            "architect",
            render("architect_system", form=form),
            render(
                "architect_user",
                input_shape=input_shape,
                classes=classes,
                budgets=_limits(budgets),
                feedback=feedback,
                count=count,
                edited=", ".join(texts[0][0] for texts in offered),
                frozen=_first_stage(stock) if stock and not offered else "",
            ),
            schema=form_asked,
            parse=parse,
            temperature=min(1.2, 0.7 + 0.2 * stuck),
            seed=1000 * seed + round_,
            max_tokens=100 * count + 20,
        ).value
    except Fixable:
        if not said.strip():
            raise
        proposals = validator.mended(models, said, form_asked, parse)
    return [
        Candidate(
            id=f"r{round_}n{i}",
            round=round_,
            author="llm",
            architecture=proposal.architecture,
            rationale=_rationale(proposal, parents),
            status="proposed",
        )
        for i, proposal in enumerate(proposals)
    ]


def _offered(
    parents: Mapping[str, Candidate], known: Collection[str], cost: Cost, count: int, rng: random.Random
) -> list[list[str]]:
    """What may be written in each of `count` places, the parents in turn, as far as anything new is left of them."""
    spent = set(known)  # what is offered in one place is not offered in the next
    found = [edits(letter, parents, spent, cost, rng) for letter in islice(cycle(parents), count)]
    return [texts for texts in found if texts]


def _new_patterns(form: str, count: int, shape: Sequence[int], rng: random.Random, stuck: int) -> list[str]:
    """Patterns of new networks: their sizes and claims differ, or the model would write one network several times."""
    patterns, spent = [], set[str]()
    for stages in stage_counts(form, count, rng, stuck):
        unspent = [c for c in claims(form, stages) if c not in spent] or list(claims(form, stages))
        claim = rng.choice(unspent)
        spent.add(claim)
        patterns.append(new_pattern(form, stages, claim, shape))
    return patterns


def _rationale(proposal: Proposal, parents: Mapping[str, Candidate]) -> str:
    """The claim, with the parent by the id that it has outside of the prompt."""
    return f"{proposal.claim} than {parents[proposal.parent].id}" if proposal.parent else proposal.claim


def _limits(budgets: Budgets) -> str:
    limits = {k.removesuffix("_bytes"): v for k, v in budgets.model_dump().items() if v is not None}
    return ", ".join(f"{k} {v:,}" for k, v in limits.items())


def _first_stage(parents: Mapping[str, Any]) -> str:
    """The first word of the first parent, which is the most accurate one."""
    return compact(next(iter(parents.values()))).split()[0]
