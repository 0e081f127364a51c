"""Proposals as the architect writes them: a network from nothing, or an edit of a parent on the front, with a claim.

`early stride: cv5s2c8 ds3c16` is new. `B fewer MACs: 2ds3c16` is network B with stage 2 replaced (one beyond its last
is added), `B fewer MACs: -2` without stage 2, `B fewer MACs: 2C` B's stages before the second, then C's from it on.
An edit takes a dozen tokens, where the network takes two dozen, and its claim is a comparison that figures can settle.

What may be written is computed before it is asked for: the edits offered lead to networks that are new, can be built,
keep every budget, and have the costs that the claim says. All that is left to the model is which of them to make.
"""

import math
import random
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from tools.artifacts import Architecture, Candidate, Estimate
from tools.errors import Fixable
from tools.notation import compact, expand, stage_pattern, stage_words
from tools.search_space import MAX_STAGES

LETTERS = "ABCDE"
"""Names of the parents in the prompt: one token each, where an id takes four."""
GOALS: Mapping[str, Callable[[Estimate, Estimate], bool]] = {
    "fewer MACs": lambda child, parent: child.macs < parent.macs,
    "less arena": lambda child, parent: child.arena_bytes < parent.arena_bytes,
    "less flash": lambda child, parent: child.model_flash_bytes < parent.model_flash_bytes,
    "more accurate": lambda child, parent: child.macs > parent.macs,
}
"""What an edit may claim against its parent, and the costs that it must have for that; only the last is a hope, and
training shows whether it holds."""
CLAIMS = {
    "conv": ("early stride", "separable blocks", "inverted residuals", "large kernel", "few channels",
             "growing channels"),
    "mlp": ("one layer", "few units", "falling width"),
}  # fmt: skip
"""What a new network may claim; tools/claims.py judges all of them."""
WORDS = 64
"""Stages offered for a place of a parent, drawn at random: others each time, or the model makes the same edit again."""
_BANDS = ((4, 6, 8), (12, 16), (24, 32), (48,), (64,))
"""Of channels: taken in their order they grow."""

_EDIT = re.compile(r"(?P<parent>[A-E]) (?P<goal>[a-zA-Z ]+): ?(?:(?P<position>\d)(?P<put>\S+)|-(?P<dropped>\d))")
_NEW = re.compile(r"(?P<claim>[a-zA-Z ,]+): ?(?P<words>.+)")

Cost = Callable[[Architecture], Estimate | None]
"""The estimate of a network that can be built and keeps the budgets; None for any other."""


class Proposal(NamedTuple):
    """A network, why it was proposed, and the letter of its parent or nothing."""

    architecture: Architecture
    claim: str
    parent: str


# --- what may be written --------------------------------------------------------------------------------


def claims(form: str, stages: int) -> tuple[str, ...]:
    """What a new network of so many stages may claim."""
    impossible = {"growing channels", "falling width"} if not 1 < stages <= len(_BANDS) else set()
    impossible |= {"one layer"} if stages > 1 else set()
    return tuple(claim for claim in CLAIMS["mlp" if form == "mlp" else "conv"] if claim not in impossible)


def new_pattern(form: str, stages: int, claim: str, input_shape: Sequence[int]) -> str:
    """Regular expression of a network from nothing with that number of stages, of which the claim is true.

    Only so many stages may shrink the map as there is something to shrink.
    """
    halvings = math.ceil(math.log2(max(input_shape[:-1], default=1)))
    told = [_stage_options(claim, place, stages) for place in range(stages)]
    told = [options if place < halvings else {**options, "stride": ""} for place, options in enumerate(told)]
    return f"{claim}: " + " ".join(f"({stage_pattern(form, **options)})" for options in told)


def _stage_options(claim: str, place: int, stages: int) -> dict[str, Any]:
    """The part of the space that makes the claim true of the stage at `place`, or the whole."""
    of_first: dict[str, dict[str, Any]] = {
        "early stride": {"stride": "s2"},
        "large kernel": {"kernels": "57"},
        "separable blocks": {"blocks": ("ds",)},
        "inverted residuals": {"blocks": ("mb",)},
    }
    if claim in ("few channels", "few units"):
        return {"channels": (4, 6, 8)}
    if claim in ("growing channels", "falling width"):
        # The last bands are left out, not the first: a network grows from few channels, and falls to few.
        return {"channels": _BANDS[place if claim == "growing channels" else stages - 1 - place]}
    return of_first.get(claim, {}) if place == 0 else {}


def edits(letter: str, parents: Mapping[str, Candidate], known: set[str], cost: Cost, rng: random.Random) -> list[str]:
    """Edits of parent `letter` with the claims that are true of them: a sample of those that lead to a network within
    the budgets that is not `known` (compact forms); from now on they are."""
    parent, stock = parents[letter], {name: c.architecture for name, c in parents.items()}
    found = []
    for change in _changes(letter, stock, known, rng):
        made = _made(letter, change, stock)
        child = None if compact(made) in known else cost(made)
        known.add(compact(made))
        if child is not None and parent.estimate is not None:
            found += [f"{letter} {goal}: {change}" for goal, holds in GOALS.items() if holds(child, parent.estimate)]
    return found


def _made(letter: str, change: str, stock: Mapping[str, Architecture]) -> Architecture:
    return read(f"{letter} {next(iter(GOALS))}: {change}", stock[letter].form, stock).architecture


def _changes(letter: str, stock: Mapping[str, Architecture], known: set[str], rng: random.Random) -> list[str]:
    """Places with words, places with the letter of the parent that goes on from there, and stages to leave out."""
    arch = stock[letter]
    count, words = len(arch.stages), stage_words(arch.form)
    places = range(1, max(count, min(count + 1, MAX_STAGES[arch.form])) + 1)
    found = []
    for place in places:
        changes = [f"{place}{word}" for word in words]
        if (
            len(words) <= WORDS
        ):  # so few that chance would draw the same ones again: only what is left, and half of that
            changes = [change for change in changes if compact(_made(letter, change, stock)) not in known]
        found += rng.sample(changes, min(WORDS, -(-len(changes) // 2)))
    for other, donor in stock.items():
        # The first stage stays, or the child would be the donor; stages beyond both would leave a gap.
        found += [f"{n}{other}" for n in range(2, min(count + 1, len(donor.stages)) + 1) if other != letter]
    return found + [f"-{n}" for n in range(1, count + 1) if count > 1]


def pattern_of(texts: Collection[str]) -> str:
    """Regular expression of exactly these texts, each letter once: what a sampler can follow at no cost."""
    branches: dict[str, list[str]] = {}
    for text in texts:
        if text:
            branches.setdefault(text[0], []).append(text[1:])
    if not branches:
        return ""
    told = [f"{'[+]' if first == '+' else first}{pattern_of(rest)}" for first, rest in branches.items()]
    one = told[0] if len(told) == 1 else f"({'|'.join(told)})"
    return f"({one})?" if "" in texts else one


# --- what was written -----------------------------------------------------------------------------------


def read(text: str, form: str, parents: Mapping[str, Architecture]) -> Proposal:
    """The network that a proposal stands for; raises Fixable with the part that says nothing."""
    if edit := _EDIT.fullmatch(text.strip()):
        if edit["parent"] not in parents:
            raise Fixable(f"'{text}' changes network {edit['parent']}, which there is not")
        return Proposal(_edited(edit, form, parents), edit["goal"], edit["parent"])
    if new := _NEW.fullmatch(text.strip()):
        return Proposal(expand(new["words"].split(), form), new["claim"], "")
    raise Fixable(f"'{text}' is no proposal: write CLAIM: STAGES, or PARENT GOAL: EDIT")


def _edited(edit: re.Match[str], form: str, parents: Mapping[str, Architecture]) -> Architecture:
    arch = parents[edit["parent"]]
    place = int(edit["position"] or edit["dropped"]) - 1
    beyond = place > len(arch.stages) - (1 if edit["dropped"] else 0)
    if place < 0 or beyond:
        raise Fixable(f"network {edit['parent']} has {len(arch.stages)} stages, and no place {place + 1}")
    before, after = arch.stages[:place], arch.stages[place + 1 :]
    if edit["dropped"]:
        stages = (*before, *after)
    elif edit["put"] in parents:
        stages = (*before, *parents[edit["put"]].stages[place:])
    else:
        stages = (*before, *expand([edit["put"]], form).stages, *after)
    if not stages:
        raise Fixable(f"network {edit['parent']} has a single stage, which cannot be left out")
    return Architecture(form=arch.form, stages=stages, activation=arch.activation)
