"""The demanded behaviour as a table label x output: what each output does while, or when, the result is a label."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.artifacts import Action, Count, Flag, Led, Pin, Print, Rule
from tools.behaviour import BLINK_MS, condition_words, output_name, output_of, steady_outputs

NOTHING = "–"


@dataclass(frozen=True)
class RuleTable:
    """`rows`: label (or moment) and one cell for each of `outputs`."""

    outputs: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def rule_table(rules: Sequence[Rule], classes: Sequence[str]) -> RuleTable:
    """One row per class, then one per moment that no class decides (start-up, every so often, a button)."""
    outputs = tuple(dict.fromkeys(_output(action) for rule in rules for action in rule.actions))
    by_label = [rule for rule in rules if not _is_moment(rule)]
    rows = [(label, tuple(_cell(by_label, output, label) for output in outputs)) for label in classes]
    for rule in rules:
        if _is_moment(rule):
            cells = (", ".join(_does(a) for a in rule.actions if _output(a) == output) for output in outputs)
            rows.append((_moment(rule) + _besides(rule), tuple(cell or NOTHING for cell in cells)))
    return RuleTable(outputs, tuple(rows))


def _is_moment(rule: Rule) -> bool:
    named = rule.condition.labels or rule.condition.not_labels
    return rule.trigger == "start" or (rule.trigger in ("every", "serial", "pressed", "released") and not named)


def _moment(rule: Rule) -> str:
    return {
        "start": "at start-up",
        "every": f"every {rule.period_ms} ms",
        "serial": f'on the line "{rule.text}"',
        "pressed": f"button at pin {rule.pin} pressed",
        "released": f"button at pin {rule.pin} released",
        "while": "",
        "result": " at every result",
        "change": " when the result changes",
        "becomes": " when it begins",
    }[rule.trigger]


def _output(action: Action) -> str:
    if isinstance(action, Led | Pin):
        return output_name(output_of(action))
    if isinstance(action, Count):
        return f"count of {action.counter}" if action.counter else "counts"
    return f"flag {action.name}" if isinstance(action, Flag) else "serial"


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
    for key, users in steady_outputs(rules).items():
        if output_name(key) == output:
            return "on" if users[0][1].state in ("off", "low") else "off"
    return NOTHING


def _does(action: Action) -> str:
    if isinstance(action, Print):
        return f'"{action.template}"'
    if isinstance(action, Count):
        return "+1" if action.state == "add" else "back to 0"
    if isinstance(action, Flag):
        return action.state
    if action.state == "blink":
        return f"blinks {'1, 2, …' if action.by_index else action.times} × {action.duration_ms or BLINK_MS} ms"
    if isinstance(action, Pin) and action.state == "pwm":
        return "PWM by confidence" if action.by_confidence else f"PWM {action.duty or 0}"
    words = {"toggle": "toggles", "high": "on", "low": "off", "only": "on, all others off"}
    return words.get(action.state, action.state) + (f" for {action.duration_ms} ms" if action.duration_ms else "")


def _when(rule: Rule) -> str:
    moment = _moment(rule)
    after = f" and {rule.linger_ms} ms after" if rule.linger_ms else ""
    return (moment if not moment or moment[0] == " " else f" {moment}") + after + _besides(rule)


def _besides(rule: Rule) -> str:
    """What a rule asks for besides a label."""
    rest = rule.condition.model_copy(update={"labels": (), "not_labels": ()})
    told = "".join(f", {words}" for words in condition_words(rest))
    return told.replace("confidence is at least", "confidence ≥").replace("confidence is below", "confidence <")
