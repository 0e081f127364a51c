"""The nodes that only decide, by the person or by default: data, plan, budget, network; none has an effect."""

from collections.abc import Mapping
from typing import Any, Literal

from graph.config import BUDGET_KEYS, parse_budgets
from graph.questions import Choice, Question, ask
from graph.state import RunState
from hw.board import boards, sensors
from tools.artifacts import Budgets, Candidate, Estimate, TaskSpec
from tools.behaviour import sentences
from tools.checks import checks_of
from tools.data import load
from tools.errors import BadInput, Fixable, Infeasible
from tools.estimate import smallest
from tools.pareto import choose as preferred
from tools.progress import report
from tools.search_space import form_of


def clarify(state: RunState) -> dict[str, Any]:
    """Data that are missing are asked for; what else is unclear is asked with the plan."""
    spec = state["spec"]
    if spec.data:
        return {}
    question = Question(
        kind="data",
        question=spec.questions[0],
        choices=(
            Choice(value="basic_motions", text="built in: walking, running, standing, badminton; motion sensor"),
            Choice(value="digits", text="built in: handwritten digits, 8 x 8 pixels"),
        ),
        free=True,
        facts=_understood(spec),
    )
    return {"data": ask(state, question, load)}


def _understood(spec: TaskSpec) -> dict[str, Any]:
    return {
        "board": boards()[spec.board].name,
        "sensor": sensors()[spec.sensor].name,
        "classes": list(spec.classes),
        "rules": sentences(spec),
        "checks": list(checks_of(spec.behaviour, spec.classes, boards()[spec.board])) if spec.data else [],
        "budgets": spec.budgets.model_dump(exclude_none=True),
        "assumptions": list(spec.assumptions),
        "questions": list(spec.questions) if spec.data else [],
    }


def confirm(state: RunState) -> dict[str, Any]:
    """The person confirms the behaviour as it was understood, or says it in other words, which are planned anew."""
    spec = state["spec"]
    question = Question(
        kind="confirm",
        question="Is this what the device shall do? (yes, no, or say it again in other words)",
        choices=(Choice(value="yes"), Choice(value="no", text="stop")),
        default="yes",
        free=True,
        facts=_understood(spec),
    )
    answer = ask(state, question)
    if answer.lower() in ("no", "stop", "cancel", "quit", "exit"):
        raise BadInput("the plan was not confirmed: say again what the device shall do, in other words")
    return {} if answer == "yes" else {"request": answer}


# --- budget -------------------------------------------------------------------------------------------


def budget(state: RunState) -> dict[str, Any]:
    """Budgets that not even the smallest network keeps are told before anything is trained; the nearest are offered."""
    spec = state["spec"]
    least = _least(state, spec.budgets)
    if not least.violations:
        return {}
    nearest = _relaxed(spec.budgets, least)
    told = f"no network fits: with the smallest one {'; '.join(least.violations)}"
    if not state.get("confirm") or _least(state, nearest).violations:  # the chip itself is too small
        raise infeasible(spec, least)
    needed = ", ".join(f"{key}={getattr(least, name):,}" for key, name in BUDGET_KEYS.items())
    question = Question(
        kind="budget",
        question=f"{told[0].upper()}{told[1:]}. Take the nearest feasible budgets?",
        choices=(
            Choice(value="stop"),
            Choice(value="nearest", text=f"what the smallest network needs: {needed}"),
        ),
        default="stop",
        free=True,
        facts={
            "violations": list(least.violations),
            "budgets": spec.budgets.model_dump(exclude_none=True),
            "nearest": nearest.model_dump(exclude_none=True),
        },
    )

    def settle(answer: str) -> Budgets:
        if answer in ("stop", "nearest"):
            return nearest
        stated = parse_budgets(answer.replace(",", " ").split())
        wanted = spec.budgets.model_copy(update=stated.model_dump(exclude_none=True))
        if still := _least(state, wanted).violations:
            raise BadInput(f"still too little: {'; '.join(still)}")
        return wanted

    answer = ask(state, question, settle)
    if answer == "stop":
        raise infeasible(spec, least)
    return {"spec": spec.model_copy(update={"budgets": settle(answer)})}


def _least(state: Mapping[str, Any], budgets: Budgets) -> Estimate:
    spec, prepared = state["spec"], state["prepared"]
    shape = prepared.input_shape
    return smallest(shape, len(prepared.classes), form_of(shape), boards()[spec.board], spec.sensor, budgets)


def _relaxed(budgets: Budgets, least: Estimate) -> Budgets:
    """The budgets, each raised to what the smallest network needs."""
    raised = {
        name: max(limit, getattr(least, name)) for name in BUDGET_KEYS.values() if (limit := getattr(budgets, name))
    }
    return budgets.model_copy(update=raised)


def infeasible(spec: TaskSpec, least: Estimate) -> Infeasible:
    """The end of a run whose budgets no network keeps, with the nearest feasible ones."""
    return Infeasible(
        f"no network fits: with the smallest one {'; '.join(least.violations)}. The nearest feasible budget on "
        f"{boards()[spec.board].name} is {least.ram_bytes:,} bytes of RAM, {least.flash_bytes:,} bytes of flash, "
        f"{least.arena_bytes:,} bytes of arena and {least.macs:,} MACs",
        **{name: getattr(least, name) for name in BUDGET_KEYS.values()},
    )


# --- network ------------------------------------------------------------------------------------------


def choose(state: RunState) -> dict[str, Any]:
    """Which network of the front is trained in full: the preference's pick, or the person's where there is a choice."""
    trained = _trained(state["candidates"])
    chosen, why = preferred(trained, state["front"], state["config"].preference)
    members = {c.id: c for c in trained if c.id in state["front"].members}
    question = Question(
        kind="network",
        question=f"Which network is to be trained in full? {chosen} is proposed: {why}",
        choices=tuple(Choice(value=name, text=_figures(members[name])) for name in state["front"].members),
        default=chosen,
        facts={"preference": state["config"].preference, "reason": why},
    )
    answer = ask(state, question) if len(members) > 1 else chosen
    report("choose", f"{answer}: {why if answer == chosen else 'picked by the person'}")
    return {"chosen": answer}


def _trained(candidates: list[Candidate]) -> list[Candidate]:
    trained = [c for c in candidates if c.status == "trained"]
    if trained:
        return trained
    reasons = sorted({c.reason for c in candidates if c.reason})
    if any(c.estimate and c.estimate.violations for c in candidates):
        raise Infeasible(f"no proposed network fits the budgets: {'; '.join(reasons[:3])}")
    raise Fixable(f"no network could be trained: {'; '.join(reasons[:3])}")


def _figures(candidate: Candidate) -> str:
    cost = candidate.estimate
    assert cost is not None  # the front holds nothing else
    return (
        f"accuracy {candidate.accuracy:.3f}, {cost.macs:,} MACs, {cost.arena_bytes:,} bytes of arena, "
        f"{cost.flash_bytes:,} bytes of flash"
    )


# --- routes -------------------------------------------------------------------------------------------


def after_clarify(state: RunState) -> Literal["plan", "confirm"]:
    """Data that were asked for are looked at, and the request is planned for their classes."""
    return "plan" if state.get("data") != state["spec"].data else "confirm"


def after_confirm(state: RunState) -> str:
    """Other words are planned anew; a run that redoes a part of another goes on at that part."""
    return "plan" if state["request"] != state["spec"].request else state.get("redo") or "data"
