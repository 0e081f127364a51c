"""Which networks of a round are trained: the architect's, arithmetic's, or in one pool those that promise most.

In the pool (strategy `mixed`) the architect's feasible proposals compete with hundreds that arithmetic draws and
breeds, by the hypervolume that a surrogate expects of each (tools/surrogate.py): a proposal of the language model is
trained where it promises more, and no training is spent on it elsewhere. The first networks are the architect's.
"""

import random
from collections.abc import Sequence
from typing import Any

from graph.state import SearchState
from hw.board import boards
from tools.artifacts import Architecture, Candidate, Estimate
from tools.edits import Cost
from tools.errors import Fixable
from tools.estimate import estimate
from tools.evolution import evolve, random_networks
from tools.progress import report
from tools.store import content_hash
from tools.surrogate import promising


def select(state: SearchState) -> dict[str, Any]:
    """The networks to train in this round: adds those that are found without a language model, and skips others."""
    config, proposed = state["config"], state["proposed"]
    missing = config.candidates - sum(c.status == "trained" for c in state.get("candidates", []))
    if config.strategy in ("llm", "blind") and state["round"] <= config.rounds:
        return {}
    if config.strategy != "mixed":
        count = missing if state["round"] > config.rounds else min(config.per_round, missing)
        return {"proposed": [*proposed, *_calculated(state, count)]}
    return {"proposed": _chosen(state, min(config.per_round, missing))}


def within_budgets(state: SearchState) -> Cost:
    """What a network costs, or None where it cannot be built or breaks a budget."""
    prepared, spec = state["prepared"], state["spec"]
    shape, classes, board = prepared.input_shape, len(prepared.classes), boards()[spec.board]

    def cost(arch: Architecture) -> Estimate | None:
        try:
            found = estimate(arch, shape, classes, spec.budgets, board, spec.sensor)
        except Fixable:
            return None
        return None if found.violations else found

    return cost


def _calculated(state: SearchState, count: int) -> list[Candidate]:
    """`count` networks without a language model."""
    strategy, cost = state["config"].strategy, within_budgets(state)
    known, rng, shape = _known(state), _random(state), state["prepared"].input_shape
    if strategy == "random":
        return _candidates(state, "random", random_networks(count, known, rng, shape, lambda a: cost(a) is not None))
    if strategy == "evolution":
        founders, children = evolve(count, known, rng, shape, lambda a: cost(a) is not None)
        return _candidates(state, "random", founders) + _candidates(state, "evolution", children)
    founders, chosen = promising(count, known, rng, shape, cost)
    return _candidates(state, "random", founders) + _candidates(state, "guided", chosen)


def _chosen(state: SearchState, count: int) -> list[Candidate]:
    """The round's networks after the choice: the architect's with their fate, and what arithmetic adds."""
    settled = state.get("candidates", [])
    ready = [c for c in state["proposed"] if c.status == "proposed"]
    offered = ready + [c for c in settled if c.status == "skipped"]
    offered_ids = {c.id for c in offered}
    others = [c for c in settled if c.id not in offered_ids] + [c for c in state["proposed"] if c.status != "proposed"]
    shape = state["prepared"].input_shape
    founders, chosen = promising(count, others, _random(state), shape, within_budgets(state), offered)
    wanted = {content_hash(arch) for arch in chosen}
    taken = [c.model_copy(update=_TAKEN) for c in offered if content_hash(c.architecture) in wanted]
    left = [c.model_copy(update=_LEFT) for c in ready if content_hash(c.architecture) not in wanted]
    mine = {content_hash(c.architecture) for c in taken}
    made = _candidates(state, "random", founders)
    made += _candidates(state, "guided", [arch for arch in chosen if content_hash(arch) not in mine], len(made))
    report("select", f"{len(taken)} of the architect's and {len(made)} calculated networks promise most")
    return [*(c for c in state["proposed"] if c.status != "proposed"), *taken, *left, *made]


_TAKEN = {"status": "proposed", "reason": ""}
_LEFT = {"status": "skipped", "reason": "other networks promised more"}


def _candidates(state: SearchState, author: str, found: Sequence[Architecture], first: int = 0) -> list[Candidate]:
    cost, round_ = within_budgets(state), state["round"]
    return [
        Candidate(
            id=f"r{round_}{author[0]}{i}", round=round_, author=author, architecture=arch, estimate=cost(arch),
            status="proposed",
        )
        for i, arch in enumerate(found, start=first)
    ]  # fmt: skip


def _known(state: SearchState) -> list[Candidate]:
    return [*state.get("candidates", []), *state["proposed"]]


def _random(state: SearchState) -> random.Random:
    return random.Random(f"{state['config'].seed}/{state['round']}")
