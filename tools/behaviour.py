"""The demanded behaviour: what its rules use and need, and what they say as sentences for people."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.artifacts import Action, Condition, Count, Decision, Flag, Led, Pin, Print, Rule, TaskSpec
from tools.conditions import needs_result

FIELDS = ("label", "name", "confidence", "percent", "index", "previous", "count", "streak", "held_ms", "ms")
"""What a print template may name in braces; besides {count:NAME}, a counter by its name."""
BLINK_MS = 200
"""Length of a flash when nobody asked for another."""

Output = tuple[str, str | int]
"""("led", name) or ("pin", number)."""
Users = list[tuple[Rule, Led | Pin]]

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
    return [part for part in re.split(r"(\{\w+\}|\{count:[^{}]+\})", template) if part]


def output_of(action: Led | Pin) -> Output:
    """The output that an action drives."""
    return (action.kind, action.name if isinstance(action, Led) else action.pin)


def output_name(output: Output) -> str:
    """An output in words: `red LED`, `pin 5`."""
    return f"{output[1]} LED" if output[0] == "led" else f"pin {output[1]}"


# --- what rules use ---------------------------------------------------------------------------------


def happens_at_results(rule: Rule) -> bool:
    """Whether a rule's events are told when there is a new result (not by time, button or serial line)."""
    return rule.trigger in ("while", "result", "change", "becomes")


def events_of(rule: Rule) -> tuple[Action, ...]:
    """The actions that a rule does each time it happens; what `while` holds is not among them."""
    return tuple(a for a in rule.actions if rule.trigger != "while" or not isinstance(a, Led | Pin))


def action_needs_result(action: Action) -> bool:
    """Whether an action says something of a result, and so cannot be done before the first."""
    if isinstance(action, Print):
        fields = [p for p in template_parts(action.template) if p.startswith("{") and p.endswith("}")]
        return any(f[1:-1] in FIELDS and f != "{ms}" for f in fields)
    if isinstance(action, Count):
        return not action.counter and action.state == "add"
    return not isinstance(action, Flag) and (action.by_index or (isinstance(action, Pin) and action.by_confidence))


def rule_needs_result(rule: Rule) -> bool:
    """Whether a rule cannot happen before the first result."""
    return needs_result(rule.condition) or any(map(action_needs_result, rule.actions))


def is_live(condition: Condition) -> bool:
    """Whether a condition can change between two results, and so is watched all the time where it holds an output."""
    world = (condition.button_pressed, condition.button_released, condition.proximity_below, condition.proximity_min)
    counted = condition.count_min is not None or condition.count_every is not None
    named = condition.flag is not None or condition.not_flag is not None
    return counted or named or any(x is not None for x in world)


def held_live(users: Users) -> bool:
    """Whether `while` rules hold an output by what can change between two results."""
    return any(is_live(rule.condition) for rule, _ in users)


def steady_outputs(rules: Sequence[Rule]) -> dict[Output, Users]:
    """Outputs that `while` rules hold, each with the rules that hold it, in order.

    An explicit "off" is dropped where another rule switches the same output on: outputs of `while` revert
    by themselves, so it only says the complement.
    """
    held: dict[Output, Users] = {}
    for rule in rules:
        for action in rule.actions:
            if rule.trigger == "while" and isinstance(action, Led | Pin):
                held.setdefault(output_of(action), []).append((rule, action))
    for output, users in held.items():
        on = [(r, a) for r, a in users if a.state not in ("off", "low")]
        held[output] = on or users
    return held


def contested_outputs(rules: Sequence[Rule]) -> set[Output]:
    """Outputs that `while` holds and that events drive as well: `while` touches them only when it begins and ends."""
    steady = steady_outputs(rules)
    driven = {output_of(a) for r in rules if r.trigger != "while" for a in r.actions if isinstance(a, Led | Pin)}
    if any(isinstance(a, Led) and a.state == "only" for r in rules for a in r.actions):
        driven |= {output for output in steady if output[0] == "led"}
    return {o for o, users in steady.items() if o in driven and not any(a.state == "pwm" for _, a in users)}


def same_effect(one: Led | Pin, other: Led | Pin) -> bool:
    """Whether two actions on one output hold it alike; as `while` holds it, a duration counts only for blinking."""
    if one.state != other.state:
        return False
    if one.state == "blink":
        return (one.duration_ms or BLINK_MS) == (other.duration_ms or BLINK_MS)
    if not isinstance(one, Pin) or not isinstance(other, Pin) or one.state != "pwm":
        return True
    return (one.duty, one.by_confidence) == (other.duty, other.by_confidence)


def pins_used(rules: Sequence[Rule]) -> tuple[int, ...]:
    """Digital pins that the rules drive (PWM pins are driven by analogWrite itself)."""
    found = {a.pin for r in rules for a in r.actions if isinstance(a, Pin) and a.state != "pwm"}
    return tuple(sorted(found))


@dataclass(frozen=True)
class Uses:
    """What of the world and of the sketch's own memory a behaviour uses; only this is in the sketch."""

    buttons: tuple[int, ...]
    commands: tuple[str, ...]
    """Lines that are waited for on serial."""
    proximity: bool
    pins: tuple[int, ...]
    """Digital outputs."""
    counters: tuple[str, ...]
    """By name; empty: those of the labels."""
    flags: tuple[str, ...]
    names: bool
    held: bool
    """Conditions on how long a label has held."""


def uses(rules: Sequence[Rule]) -> Uses:
    """What the rules use, each once, in their order."""
    conditions = [rule.condition for rule in rules]
    actions = [action for rule in rules for action in rule.actions]
    texts = [part for a in actions if isinstance(a, Print) for part in template_parts(a.template)]
    buttons = [b for c in conditions for b in (c.button_pressed, c.button_released) if b is not None]
    buttons += [r.pin for r in rules if r.trigger in ("pressed", "released") and r.pin is not None]
    counters = [a.counter for a in actions if isinstance(a, Count)]
    counters += [c.counter for c in conditions if c.count_min is not None or c.count_every is not None]
    counters += [part[7:-1] for part in texts if part.startswith("{count:")]
    counters += [""] if "{count}" in texts else []
    flags = [a.name for a in actions if isinstance(a, Flag)]
    flags += [name for c in conditions for name in (c.flag, c.not_flag) if name is not None]
    return Uses(
        buttons=tuple(dict.fromkeys(buttons)),
        commands=tuple(dict.fromkeys(r.text for r in rules if r.trigger == "serial")),
        proximity=any(c.proximity_below is not None or c.proximity_min is not None for c in conditions),
        pins=pins_used(rules),
        counters=tuple(dict.fromkeys(counters)),
        flags=tuple(dict.fromkeys(flags)),
        names="{name}" in texts,
        held=any(c.held_ms_min is not None for c in conditions),
    )


# --- sentences --------------------------------------------------------------------------------------


def _either(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


def condition_words(c: Condition) -> list[str]:
    """What a condition says, a phrase for each of its fields."""
    counted = f"the count of '{c.counter}'" if c.counter else "the count of the result's label"
    said: list[tuple[object, str]] = [
        (c.labels or None, f"the result is {_either(c.labels)}"),
        (c.not_labels or None, f"the result is not {_either(c.not_labels)}"),
        (c.previous or None, f"the one before was {_either(c.previous)}"),
        (c.confidence_min, f"confidence is at least {c.confidence_min or 0:g}"),
        (c.confidence_below, f"confidence is below {c.confidence_below or 0:g}"),
        (c.streak_min, f"it has come {c.streak_min} times in a row"),
        (c.held_ms_min, f"it has held for {c.held_ms_min} ms"),
        (c.button_pressed, f"the button at pin {c.button_pressed} is pressed"),
        (c.button_released, f"the button at pin {c.button_released} is not pressed"),
        (c.flag, f"'{c.flag}' is set"),
        (c.not_flag, f"'{c.not_flag}' is not set"),
        (c.proximity_below, f"something is near (proximity below {c.proximity_below} of 255)"),
        (c.proximity_min, f"nothing is near (proximity at least {c.proximity_min} of 255)"),
        (c.count_min, f"{counted} is at least {c.count_min}"),
        (c.count_every, f"{counted} is a multiple of {c.count_every}"),
    ]
    return [words for given, words in said if given is not None]


def when(rule: Rule) -> str:
    """A rule's trigger and condition in plain words."""
    condition = " and ".join(condition_words(rule.condition))
    suffix = f" if {condition}" if condition else ""
    match rule.trigger:
        case "while":
            after = f" and for {rule.linger_ms} ms after" if rule.linger_ms else ""
            return f"while {condition or 'running'}{after}"
        case "result":
            return f"at every result{suffix}"
        case "change":
            return f"when the result changes{suffix}"
        case "becomes":
            if rule.condition.labels:
                return f"each time the result turns into {condition.removeprefix('the result is ')}"
            return f"each time it begins that {condition or 'there is a result'}"
        case "every":
            return f"every {rule.period_ms} ms{suffix}"
        case "serial":
            return f'when the line "{rule.text}" comes on serial{suffix}'
        case "pressed" | "released":
            return f"when the button at pin {rule.pin} is {rule.trigger}{suffix}"
        case "start":
            return "at start-up"


def _action(action: Action) -> str:
    if isinstance(action, Print):
        return f'print the line "{action.template}"'
    if isinstance(action, Count):
        whose = f"'{action.counter}'" if action.counter else "the result's label"
        every = f"the count of '{action.counter}'" if action.counter else "all counts"
        return f"count {whose}" if action.state == "add" else f"set {every} back to 0"
    if isinstance(action, Flag):
        return f"{action.state} '{action.name}'"
    return _drives(action)


def _drives(action: Led | Pin) -> str:
    target = f"the {action.name} LED" if isinstance(action, Led) else f"pin {action.pin}"
    if action.state == "blink":
        times = "as many time(s) as the label's place in the list" if action.by_index else f"{action.times} time(s)"
        return f"blink {target} {times}, {action.duration_ms or BLINK_MS} ms each"
    if isinstance(action, Pin) and action.state == "pwm":
        return f"set {target} to PWM {'confidence x 255' if action.by_confidence else f'{action.duty} of 255'}"
    if action.state == "only":
        return f"switch {target} on and all others off"
    duration = f" for {action.duration_ms} ms" if action.duration_ms else ""
    return f"switch {target} {action.state}{duration}"


def sentence(rule: Rule) -> str:
    """One rule in plain words."""
    text = f"{when(rule)}: {', '.join(_action(a) for a in rule.actions)}"
    return text[0].upper() + text[1:]


def decision_sentences(decision: Decision) -> list[str]:
    """Which results count, in plain words; none where each does."""
    said = [
        (decision.pace_ms, f"Decide only every {decision.pace_ms} ms, and sleep between"),
        (decision.majority > 1, f"Take the label that most of the last {decision.majority} results have"),
        (decision.stable_results > 1, f"Count a result only when it has come {decision.stable_results} times in a row"),
        (decision.stable_ms, f"Count a result only when it has come for {decision.stable_ms} ms"),
    ]
    return [words for given, words in said if given]


def sentences(spec: TaskSpec) -> list[str]:
    """All of a spec's demanded behaviour in plain words: which results count, then its rules."""
    return [*decision_sentences(spec.decision), *(sentence(rule) for rule in spec.behaviour)]
