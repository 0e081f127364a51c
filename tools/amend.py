"""A change of mind: new rules replace what the old ones said about the same output for the same labels."""

from collections.abc import Sequence

from hw.board import Board
from tools.artifacts import Action, Decision, Rule, TaskSpec
from tools.behaviour_check import check_rules
from tools.errors import Infeasible

_EVENTS = ("start", "every", "serial", "pressed", "released")
"""Triggers that are not about a result: such rules replace only those that the same event triggers."""


def amended(spec: TaskSpec, change: TaskSpec) -> TaskSpec:
    """The plan `spec` with what the plan `change`, of a sentence about the same device, says otherwise."""
    return change.model_copy(
        update={
            "request": f"{spec.request}; then: {change.request}",
            "name": spec.name,
            "behaviour": amend(spec.behaviour, change.behaviour, spec.classes),
            "decision": spec.decision if change.decision == Decision() else change.decision,
            "names": {**spec.names, **change.names},
        }
    )


def moved(spec: TaskSpec, board: Board) -> TaskSpec:
    """The same plan on another board; where that lacks the sensor, its readings come over serial.

    Raises BadInput where the behaviour names what the board lacks, Infeasible where nothing brings it the readings.
    """
    sensor, assumptions = spec.sensor, spec.assumptions
    if sensor not in board.sensors:
        if "serial" not in board.sensors:
            raise Infeasible(f"{board.name} has no {sensor} sensor; it has {', '.join(board.sensors) or 'none'}")
        assumptions = (*assumptions, f"{board.name} has no {sensor} sensor: its readings are sent over serial")
        sensor = "serial"
    check_rules(spec.behaviour, spec.classes, board)
    return spec.model_copy(update={"board": board.id, "sensor": sensor, "assumptions": assumptions})


def amend(old: Sequence[Rule], new: Sequence[Rule], classes: Sequence[str]) -> tuple[Rule, ...]:
    """The old rules, without what the new ones say otherwise, then the new ones.

    An old rule that covers more labels than a new one about the same output keeps the others.
    """
    kept: list[Rule] = []
    for rule in old:
        for action in rule.actions:
            left: Rule | None = rule.model_copy(update={"actions": (action,)})
            for change in new:
                if left is not None and any(_output(action) == _output(other) for other in change.actions):
                    left = _without(left, change, classes)
                if left is None:
                    break
            if left is not None:
                kept.append(left)
    return (*kept, *new)


def _output(action: Action) -> str:
    """LED and pin by their name, `print` for all lines, other actions by their kind and every field."""
    match action.kind:
        case "led":
            return f"led {action.name}"
        case "pin":
            return f"pin {action.pin}"
        case "print":
            return "print"
        case _:
            return action.model_dump_json()


def _without(rule: Rule, change: Rule, classes: Sequence[str]) -> Rule | None:
    """What is left of `rule` where `change` speaks of the same output; None: nothing."""
    if rule.trigger in _EVENTS or change.trigger in _EVENTS:
        return None if _event(rule) == _event(change) else rule
    labels = [name for name in _labels(rule, classes) if name not in _labels(change, classes)]
    if not labels:
        return None
    if set(labels) == set(_labels(rule, classes)):
        return rule
    condition = rule.condition.model_copy(update={"labels": tuple(labels), "not_labels": ()})
    return rule.model_copy(update={"condition": condition})


def _event(rule: Rule) -> tuple[str, str, int | None]:
    return rule.trigger, rule.text, rule.pin


def _labels(rule: Rule, classes: Sequence[str]) -> list[str]:
    chosen = rule.condition.labels or classes
    return [name for name in chosen if name not in rule.condition.not_labels]
