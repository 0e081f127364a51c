"""What a request calls the labels in printed lines: "apple is pomme", "1 for rest and 2 for run"."""

import re
from collections.abc import Sequence

from tools.artifacts import Print, Rule

_SPOKEN = (
    r"name|names|naming|called|calls?|translat|in (?:french|german|spanish|italian|english|dutch|portuguese|polish)|"
    r"codes?|letters?|abbreviat|short|instead of|write|print|say|send|shows?|emoji|symbol"
)


def names_of(request: str, classes: Sequence[str]) -> tuple[dict[str, str], str]:
    """Label -> the name that the request gives it, and the request without these words.

    Empty unless it gives every label one, by words as `X is Y`; what is said about outputs ("apple: red LED") is none.
    """
    if not re.search(rf"\b(?:{_SPOKEN})", request.lower()):
        return {}, request
    found = {label: _named(request, label) for label in classes}
    names = {label: next(filter(None, match.groups())) for label, match in found.items() if match}
    if len(names) < len(classes) or len(set(names.values())) < len(classes) or len(classes) < 2:
        return {}, request
    rest = request
    for k, match in enumerate(sorted(filter(None, found.values()), key=lambda m: m.start())):
        rest = rest.replace(match[0].strip(" (,:"), " " if k else "its name")
    return names, re.sub(r"\s*[,:;(]*(?:\s*(?:,|and)\s*)*\)?\s*(?=[.!]|$)", "", " ".join(rest.split()))


def _named(request: str, label: str) -> re.Match[str] | None:
    quoted = r"[\"'“„]?([\w-]{1,20})[\"'”“]?"
    ends = r"(?=\s*(?:[,.;)]|and\b|or\b|$))"
    after = rf"\b{re.escape(label)}s?\s*(?:is|as|=|->|→|=>|:|means|becomes)\s*(?:called\s+)?{quoted}{ends}"
    short = r"(?:[\"'“„]([\w-]{1,20})[\"'”“]|([\w]{1,2}|[^\w\s\"'“”„.,;:!?()<>=+%-]{1,4}))"
    before = rf"(?:^|[\s(,:]){short}\s*(?:for|=|means|->)\s*(?:an? |the )?{re.escape(label)}s?\b"
    found = re.search(after, request, flags=re.IGNORECASE) or re.search(before, request, flags=re.IGNORECASE)
    name = next(filter(None, found.groups()), "") if found else ""
    return None if name.lower() in _NO_NAMES else found


_NO_NAMES = ("", "red", "green", "blue", "on", "off", "high", "low", "led", "pin", "builtin", "the", "a", "an")


def with_names(rules: Sequence[Rule], names: dict[str, str], classes: Sequence[str]) -> tuple[Rule, ...]:
    """The rules with `{name}` where they print labels, and one line for all labels where each had its own name's."""
    if not names:
        return tuple(rules)
    own = [r for r in rules if (label := _only(r)) and _text(r) == names[label]]
    covered = {label for r in own if (label := _only(r))}
    made: list[Rule] = []
    for rule in rules:
        action = rule.actions[0]
        if rule in own and covered == set(classes):
            if rule is own[0]:
                condition = rule.condition.model_copy(update={"labels": ()})
                made.append(rule.model_copy(update={"condition": condition, "actions": (Print(template="{name}"),)}))
        elif isinstance(action, Print) and "{label}" in action.template:
            named = action.model_copy(update={"template": action.template.replace("{label}", "{name}")})
            made.append(rule.model_copy(update={"actions": (named,)}))
        else:
            made.append(rule)
    return tuple(made)


def _only(rule: Rule) -> str:
    labels = rule.condition.labels
    return labels[0] if len(labels) == 1 and isinstance(rule.actions[0], Print) else ""


def _text(rule: Rule) -> str:
    action = rule.actions[0]
    return action.template if isinstance(action, Print) else ""
