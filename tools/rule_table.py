"""The demanded behaviour as a table label x output: what each output does while, or when, the result is a label."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.artifacts import Led, Pin, Print, Rule
from tools.behaviour import BLINK_MS, steady_outputs

NOTHING = "–"


@dataclass(frozen=True)
class RuleTable:
    """`rows`: label (or moment) and one cell for each of `outputs`."""

    outputs: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def rule_table(rules: Sequence[Rule], classes: Sequence[str]) -> RuleTable:
    """One row per class, then one per moment that no class decides (start-up, every so often)."""
    outputs = tuple(dict.fromkeys(_output(action) for rule in rules for action in rule.actions))
    by_label = [rule for rule in rules if not _is_moment(rule)]
    rows = [(label, tuple(_cell(by_label, output, label) for output in outputs)) for label in classes]
    for rule in rules:
        if _is_moment(rule):
            moment = "at start-up" if rule.trigger == "start" else f"every {rule.period_ms} ms"
            cells = (", ".join(_does(a) for a in rule.actions if _output(a) == output) for output in outputs)
            rows.append((moment, tuple(cell or NOTHING for cell in cells)))
    return RuleTable(outputs, tuple(rows))


def _is_moment(rule: Rule) -> bool:
    named = rule.condition.labels or rule.condition.not_labels
    return rule.trigger == "start" or (rule.trigger == "every" and not named)


def _output(action: Print | Led | Pin) -> str:
    if isinstance(action, Print):
        return "serial"
    return f"{action.name} LED" if isinstance(action, Led) else f"pin {action.pin}"


def _cell(rules: Sequence[Rule], output: str, label: str) -> str:
    told = []
    for rule in rules:
        condition = rule.condition
        if (condition.labels and label not in condition.labels) or label in condition.not_labels:
            continue
        told += [f"{_does(a)}{_when(rule)}" for a in rule.actions if _output(a) == output]
    return "; ".join(told) or _otherwise(rules, output)


def _otherwise(rules: Sequence[Rule], output: str) -> str:
    """Outputs that `while` rules hold revert by themselves."""
    for users in steady_outputs(rules).values():
        action = users[0][1]
        if _output(action) == output:
            return "on" if action.state in ("off", "low") else "off"
    return NOTHING


def _does(action: Print | Led | Pin) -> str:
    if isinstance(action, Print):
        return f'"{action.template}"'
    if isinstance(action, Led) and action.state == "blink":
        return f"blinks {action.times} × {action.duration_ms or BLINK_MS} ms"
    if isinstance(action, Pin) and action.state == "pwm":
        return f"PWM {action.duty or 0}"
    words = {"toggle": "toggles", "high": "on", "low": "off"}
    return words.get(action.state, action.state) + (f" for {action.duration_ms} ms" if action.duration_ms else "")


def _when(rule: Rule) -> str:
    when = {
        "while": "",
        "result": " at every result",
        "change": " when the result changes",
        "becomes": " when it begins",
        "every": f" every {rule.period_ms} ms",
    }[rule.trigger]
    if rule.condition.confidence_min is not None:
        when += f", confidence ≥ {rule.condition.confidence_min:g}"
    if rule.condition.confidence_below is not None:
        when += f", confidence < {rule.condition.confidence_below:g}"
    return when
