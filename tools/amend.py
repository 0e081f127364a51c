"""A change of mind: new rules replace what the old ones said about the same output for the same labels."""

from collections.abc import Sequence

from tools.artifacts import Action, Rule

_ONCE = ("start", "every")
"""Triggers that have nothing to do with a label: such rules replace only rules of their own trigger."""


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
    if rule.trigger in _ONCE or change.trigger in _ONCE:
        return None if rule.trigger == change.trigger else rule
    labels = [name for name in _labels(rule, classes) if name not in _labels(change, classes)]
    if not labels:
        return None
    if set(labels) == set(_labels(rule, classes)):
        return rule
    condition = rule.condition.model_copy(update={"labels": tuple(labels), "not_labels": ()})
    return rule.model_copy(update={"condition": condition})


def _labels(rule: Rule, classes: Sequence[str]) -> list[str]:
    chosen = rule.condition.labels or classes
    return [name for name in chosen if name not in rule.condition.not_labels]
