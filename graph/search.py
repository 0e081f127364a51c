"""The search subgraph: propose, validate, select, mini-train, pareto, and again until enough networks are trained."""

from pathlib import Path
from typing import Any, Literal

from langgraph.graph import END, START, StateGraph

from agents import architect, validator
from graph.hop import hop, language_models
from graph.pool import select, within_budgets
from graph.state import SearchState
from hw.board import boards
from tools.artifacts import Architecture, Candidate, Verdict
from tools.claims import false_claims
from tools.errors import Fixable, Infeasible
from tools.estimate import estimate, smallest
from tools.notation import compact
from tools.pareto import feedback, parents, pareto_front, rounds_stuck
from tools.progress import report
from tools.pruning import PRUNERS
from tools.search_space import form_of
from tools.store import append_line, content_hash, write_json
from tools.train import mini_train


def propose(state: SearchState) -> dict[str, Any]:
    """New networks of the architect, where the strategy has one and as long as it may be asked."""
    config, round_ = state["config"], state.get("round", 0) + 1
    settled = state.get("candidates", [])
    if round_ == 1:
        _check_feasible(state)
    missing = config.candidates - sum(c.status == "trained" for c in settled)
    asked = config.strategy in ("llm", "blind", "mixed") and round_ <= config.rounds
    count = min(config.per_round, max(2, missing))
    return {"round": round_, "proposed": _architects(state, round_, count) if asked else []}


def _architects(state: SearchState, round_: int, count: int) -> list[Candidate]:
    config, prepared, budgets = state["config"], state["prepared"], state["spec"].budgets
    settled = [] if config.strategy == "blind" else state.get("candidates", [])
    front = pareto_front(settled)
    shown = parents(settled, front)
    report("propose", f"round {round_}: asking the architect for {count} networks")
    try:
        return architect.propose(
            language_models(state),
            input_shape=prepared.input_shape,
            classes=len(prepared.classes),
            budgets=budgets,
            parents=shown,
            known={compact(c.architecture) for c in settled},
            cost=within_budgets(state),
            feedback=feedback(settled, front, budgets, shown) if settled else "",
            count=count,
            round_=round_,
            seed=config.seed,
            stuck=state["front"].stuck if "front" in state else 0,
        )
    except Fixable as error:
        report("propose", f"the architect's answer was not usable: {error}")
        return []


def validate(state: SearchState) -> dict[str, Any]:
    """Exact figures first; then the small local model's verdict, and its repair where a budget is broken."""
    seen = {_identity(c.architecture) for c in state.get("candidates", [])}
    checked = [_measured(state, c, seen) for c in state["proposed"]]
    try:
        waiting = [c for c in checked if c.status == "proposed"]
        verdicts = validator.judge(language_models(state), waiting, within_budgets(state))
    except Fixable:
        verdicts = {}  # its word is advice: without it the figures decide alone
    judged, repaired = [], []
    known = {c.id: c for c in (*state.get("candidates", []), *checked)}
    for candidate in checked:
        flags = false_claims(candidate, known)
        fits = Verdict(feasible=True) if candidate.estimate and not candidate.estimate.violations else None
        candidate = candidate.model_copy(update={"verdict": verdicts.get(candidate.id, fits), "flags": flags})
        if candidate.status == "proposed" and candidate.estimate and candidate.estimate.violations:
            repaired += _repair(state, candidate, seen)
            candidate = _settled(candidate, "rejected", "; ".join(candidate.estimate.violations))
        judged.append(candidate)
    count = sum(c.status == "proposed" for c in (*judged, *repaired))
    report("validate", f"{count} of {len(judged)} networks are new and within budget ({len(repaired)} repaired)")
    return {"proposed": [*judged, *repaired]}


def mini_train_(state: SearchState) -> dict[str, Any]:
    """Short trainings of what passed, in parallel."""
    config = state["config"]
    missing = config.candidates - sum(c.status == "trained" for c in state.get("candidates", []))
    waiting = [c for c in state["proposed"] if c.status == "proposed"][:missing]
    trained = mini_train(
        waiting,
        state["prepared"],
        Path(state["run_dir"]),
        epochs=config.epochs_mini,
        seed=config.seed,
        limit=config.samples_mini,
        pruner=PRUNERS.get(config.early_stop),
        settled=state.get("candidates", []),
    )
    done = {c.id: c for c in trained}
    return {"proposed": [done.get(c.id, c) for c in state["proposed"] if c.status != "proposed" or c.id in done]}


def pareto(state: SearchState) -> dict[str, Any]:
    """Front over accuracy, MACs, arena and flash; what it teaches goes into the next prompt."""
    run_dir = Path(state["run_dir"])
    for candidate in state["proposed"]:
        append_line(run_dir / "search" / "candidates.jsonl", candidate.model_dump_json())
    taken_up = {c.id for c in state["proposed"]}  # skipped in a former round, trained in this one
    candidates = [c for c in state.get("candidates", []) if c.id not in taken_up] + state["proposed"]
    known = {c.id: c for c in candidates}
    candidates = [c.model_copy(update={"flags": false_claims(c, known)}) for c in candidates]
    before = state["front"].history if "front" in state else ()
    front = pareto_front(candidates)
    history = (*before, front.hypervolume)
    front = front.model_copy(update={"history": history, "stuck": rounds_stuck(history)})
    write_json(run_dir / "search" / "front.json", front)
    best = max((c.accuracy or 0.0 for c in candidates), default=0.0)
    trained = sum(c.status == "trained" for c in candidates)
    report("pareto", f"{trained} trained, {len(front.members)} on the front, best accuracy {best:.3f}", accuracy=best)
    return {"candidates": candidates, "front": front, "proposed": []}


# --- helpers of the nodes -----------------------------------------------------------------------------


def _check_feasible(state: SearchState) -> None:
    spec, prepared = state["spec"], state["prepared"]
    board, shape = boards()[spec.board], prepared.input_shape
    least = smallest(shape, len(prepared.classes), form_of(shape), board, spec.sensor, spec.budgets)
    if least.violations:
        raise Infeasible(
            f"no network fits: with the smallest one {'; '.join(least.violations)}. The nearest feasible budget on "
            f"{board.name} is {least.ram_bytes:,} bytes of RAM, {least.flash_bytes:,} bytes of flash, "
            f"{least.arena_bytes:,} bytes of arena and {least.macs:,} MACs",
            ram_bytes=least.ram_bytes,
            flash_bytes=least.flash_bytes,
            arena_bytes=least.arena_bytes,
            macs=least.macs,
        )


def _measured(state: SearchState, candidate: Candidate, seen: set[str]) -> Candidate:
    prepared, spec = state["prepared"], state["spec"]
    identity = _identity(candidate.architecture)
    if identity in seen:
        return _settled(candidate, "duplicate", "proposed before")
    seen.add(identity)
    try:
        shape, classes = prepared.input_shape, len(prepared.classes)
        cost = estimate(candidate.architecture, shape, classes, spec.budgets, boards()[spec.board], spec.sensor)
    except Fixable as error:
        return _settled(candidate, "rejected", str(error))
    return candidate.model_copy(update={"estimate": cost})


def _repair(state: SearchState, candidate: Candidate, seen: set[str]) -> list[Candidate]:
    """The network with the validator's change; empty where there is none, or where it was proposed before."""
    hint = candidate.verdict.hint if candidate.verdict else ""
    arch = validator.repairs(candidate.architecture, within_budgets(state)).get(hint)
    if arch is None:
        return []
    fresh = Candidate(
        id=f"{candidate.id}v",
        round=candidate.round,
        author="repair",
        architecture=arch,
        rationale=f"{candidate.id} with {hint.replace('_', ' ')}, as the validator advised",
        status="proposed",
    )
    fresh = _measured(state, fresh, seen)
    if fresh.status != "proposed":
        return []
    return [fresh.model_copy(update={"verdict": Verdict(feasible=True, hint=hint)})]


def _identity(arch: Architecture) -> str:
    return content_hash(arch)


def _settled(candidate: Candidate, status: Literal["duplicate", "rejected"], reason: str) -> Candidate:
    return candidate.model_copy(update={"status": status, "reason": reason})


# --- route --------------------------------------------------------------------------------------------


def after_pareto(state: SearchState) -> Literal["propose", "__end__"]:
    """Round again until enough networks are trained; at most three rounds without the architect follow."""
    config = state["config"]
    trained = sum(c.status == "trained" for c in state["candidates"])
    if trained >= config.candidates or state["round"] >= config.rounds + 3:
        return "__end__"
    return "propose"


def search_graph() -> Any:
    """The compiled subgraph."""
    graph = StateGraph(SearchState)
    graph.add_node("propose", hop(propose))
    graph.add_node("validate", hop(validate))
    graph.add_node("select", hop(select))
    graph.add_node("mini_train", hop(mini_train_))
    graph.add_node("pareto", hop(pareto))
    graph.add_edge(START, "propose")
    graph.add_edge("propose", "validate")
    graph.add_edge("validate", "select")
    graph.add_edge("select", "mini_train")
    graph.add_edge("mini_train", "pareto")
    graph.add_conditional_edges("pareto", after_pareto, {"propose": "propose", "__end__": END})
    return graph.compile(name="search")
