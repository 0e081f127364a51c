"""The demanded behaviour: whether its rules are sound, and what they say as sentences for people."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from hw.board import Board
from tools.artifacts import Condition, Led, Pin, Print, Rule
from tools.errors import BadInput

FIELDS = ("label", "confidence", "index", "ms")
"""What a print template may name in braces."""
BLINK_MS = 200
"""Length of a flash when nobody asked for another."""


_TAKEN = ("LABEL_COUNT", "LABEL_NAMES")
"""Identifiers of the scaffold that a class must not get."""


def label_ids(classes: Sequence[str]) -> dict[str, str]:
    """C++ identifier of each class: `badminton smash` -> LABEL_BADMINTON_SMASH.

    Names that read alike in capital ASCII letters (`a b` and `a_b`, or two in another script) are numbered.
    """
    plain = {name: "LABEL_" + (re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper() or "NONE") for name in classes}
    count = Counter([*plain.values(), *_TAKEN])
    used = {name for name in count if count[name] == 1} | set(_TAKEN)
    ids: dict[str, str] = {}
    for name, base in plain.items():
        free = (f"{base}_{n}" for n in range(1, len(plain) + 2 + len(used)))
        ids[name] = base if count[base] == 1 else next(i for i in free if i not in used)
        used.add(ids[name])
    return ids


def led_id(name: str) -> str:
    """C++ identifier of a LED: `red` -> RED_LED."""
    return f"{name.upper()}_LED"


def template_parts(template: str) -> list[str]:
    """Literal and field pieces of a print template: `x {label}` -> ["x ", "{label}"]."""
    return [part for part in re.split(r"(\{\w+\})", template) if part]


def check_rules(rules: Sequence[Rule], classes: Sequence[str], board: Board) -> None:
    """Raise BadInput when a rule names a class, LED, pin or field that is not there, or two rules contradict."""
    for rule in rules:
        for label in (*rule.condition.labels, *rule.condition.not_labels):
            if label not in classes:
                raise BadInput(f"the behaviour names the class '{label}'; the classes are {', '.join(classes)}")
        if rule.trigger == "every" and not rule.period_ms:
            raise BadInput("the behaviour repeats something without saying how often: give period_ms")
        for action in rule.actions:
            _check_action(action, board)
            if rule.trigger == "start" and isinstance(action, Print):
                _check_start(action.template)
    _check_contradiction(rules)


def _check_action(action: Print | Led | Pin, board: Board) -> None:
    if isinstance(action, Led) and action.name not in board.leds:
        raise BadInput(f"{board.name} has no {action.name} LED; it has {', '.join(board.leds) or 'none'}")
    if isinstance(action, Pin) and action.pin not in board.digital_pins:
        pins = f"{min(board.digital_pins)} to {max(board.digital_pins)}" if board.digital_pins else "none"
        raise BadInput(f"{board.name} has no free digital pin {action.pin}; it has {pins}")
    if isinstance(action, Print):
        if not action.template.isprintable():
            raise BadInput(f"the line {action.template!r} holds a control character: print one line for each")
        for part in template_parts(action.template):
            if part.startswith("{") and part[1:-1] not in FIELDS:
                raise BadInput(f"unknown field {part} in '{action.template}'; use {{{'}, {'.join(FIELDS)}}}")


def _check_start(template: str) -> None:
    for part in template_parts(template):
        if part in ("{label}", "{confidence}", "{index}"):
            raise BadInput(f"there is no {part} at start-up yet, as '{template}' would need")


def _check_contradiction(rules: Sequence[Rule]) -> None:
    steady: dict[tuple[str, Condition], str] = {}
    for rule in rules:
        for action in rule.actions:
            if rule.trigger != "while" or action.kind == "print" or action.state not in ("on", "off", "high", "low"):
                continue
            output = f"the {action.name} LED" if isinstance(action, Led) else f"pin {action.pin}"
            before = steady.setdefault((output, rule.condition), action.state)
            if before != action.state:
                states = "on and off" if isinstance(action, Led) else "high and low"
                raise BadInput(f"the behaviour contradicts itself: {output} both {states} {_when(rule)}")


# --- outputs ----------------------------------------------------------------------------------------


def steady_outputs(rules: Sequence[Rule]) -> dict[tuple[str, str | int], list[tuple[Rule, Led | Pin]]]:
    """Outputs that `while` rules hold, each with the rules that hold it, in order.

    An explicit "off" is dropped where another rule switches the same output on: outputs of `while` revert
    by themselves, so it only says the complement.
    """
    held: dict[tuple[str, str | int], list[tuple[Rule, Led | Pin]]] = {}
    for rule in rules:
        for action in rule.actions:
            if rule.trigger == "while" and not isinstance(action, Print):
                key: tuple[str, str | int] = (action.kind, action.name if isinstance(action, Led) else action.pin)
                held.setdefault(key, []).append((rule, action))
    for output, users in held.items():
        on = [(r, a) for r, a in users if a.state not in ("off", "low")]
        held[output] = on or users
    return held


def same_effect(one: Led | Pin, other: Led | Pin) -> bool:
    """Whether two actions on one output hold it alike; as `while` holds it, a duration counts only for blinking."""
    if one.state != other.state:
        return False
    if isinstance(one, Led) and one.state == "blink":
        return (one.duration_ms or BLINK_MS) == (other.duration_ms or BLINK_MS)
    return not isinstance(one, Pin) or not isinstance(other, Pin) or one.state != "pwm" or one.duty == other.duty


def pins_used(rules: Sequence[Rule]) -> tuple[int, ...]:
    """Digital pins that the rules drive (PWM pins are driven by analogWrite itself)."""
    found = {a.pin for r in rules for a in r.actions if isinstance(a, Pin) and a.state != "pwm"}
    return tuple(sorted(found))


# --- sentences --------------------------------------------------------------------------------------


def _either(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


def _condition(condition: Condition) -> str:
    parts = []
    if condition.labels:
        parts.append(f"the result is {_either(condition.labels)}")
    if condition.not_labels:
        parts.append(f"the result is not {_either(condition.not_labels)}")
    if condition.confidence_min is not None:
        parts.append(f"confidence is at least {condition.confidence_min:g}")
    if condition.confidence_below is not None:
        parts.append(f"confidence is below {condition.confidence_below:g}")
    return " and ".join(parts)


def _when(rule: Rule) -> str:
    condition = _condition(rule.condition)
    suffix = f" if {condition}" if condition else ""
    match rule.trigger:
        case "while":
            return f"while {condition or 'running'}"
        case "result":
            return f"at every result{suffix}"
        case "change":
            return f"when the result changes{suffix}"
        case "becomes":
            return f"each time it begins that {condition or 'there is a result'}"
        case "every":
            return f"every {rule.period_ms} ms{suffix}"
        case "start":
            return "at start-up"


def _action(action: Print | Led | Pin) -> str:
    if isinstance(action, Print):
        return f'print the line "{action.template}"'
    target = f"the {action.name} LED" if isinstance(action, Led) else f"pin {action.pin}"
    if isinstance(action, Led) and action.state == "blink":
        return f"blink {target} {action.times} time(s), {action.duration_ms or BLINK_MS} ms each"
    if isinstance(action, Pin) and action.state == "pwm":
        return f"set {target} to PWM {action.duty} of 255"
    duration = f" for {action.duration_ms} ms" if action.duration_ms else ""
    return f"switch {target} {action.state}{duration}"


def sentence(rule: Rule) -> str:
    """One rule in plain words."""
    text = f"{_when(rule)}: {', '.join(_action(a) for a in rule.actions)}"
    return text[0].upper() + text[1:]
