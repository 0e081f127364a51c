"""Conditions and actions of rules as C++: the smallest pieces, alike in onResult, onTick and onCommand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tools.artifacts import Action, Condition, Count, Flag, Led, Pin, Print
from tools.behaviour import BLINK_MS, led_id, template_parts


@dataclass(frozen=True)
class Scope:
    """How the code around a statement names things."""

    ids: Mapping[str, str]
    """C++ identifier of each class."""
    result: str
    """How the fields of a result are reached: `result.` or `latest->`; empty: there is none."""
    now: str
    """The present time."""


def quoted(text: str) -> str:
    """A C string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _camel(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name) or ["some"]
    return words[0].lower() + "".join(word.capitalize() for word in words[1:])


def counter_id(name: str) -> str:
    """C++ identifier of a named counter: `far away` -> farAwayCount."""
    return f"{_camel(name)}Count" if _camel(name)[0].isalpha() else f"_{_camel(name)}Count"


def flag_id(name: str) -> str:
    """C++ identifier of a flag: `muted` -> isMuted."""
    return f"is{_camel(name)[0].upper()}{_camel(name)[1:]}"


def counter_cpp(name: str, scope: Scope) -> str:
    """A counter as an expression: of the result's label, of a label, or by its name."""
    if not name:
        return f"counts[{scope.result}label]"
    return f"counts[{scope.ids[name]}]" if name in scope.ids else counter_id(name)


def condition_cpp(condition: Condition, scope: Scope) -> str:
    """A condition as an expression; `true` when it says nothing."""
    c, result = condition, scope.result
    parts = []
    if c.labels:
        parts.append(" || ".join(f"{result}label == {scope.ids[name]}" for name in c.labels))
    parts += [f"{result}label != {scope.ids[name]}" for name in c.not_labels]
    if c.previous:
        parts.append(" || ".join(f"{result}previous == {scope.ids[name]}" for name in c.previous))
    if c.confidence_min is not None:
        parts.append(f"{result}confidence >= {float(c.confidence_min)!r}f")
    if c.confidence_below is not None:
        parts.append(f"{result}confidence < {float(c.confidence_below)!r}f")
    if c.streak_min is not None:
        parts.append(f"{result}streak >= {c.streak_min}")
    if c.held_ms_min is not None:
        parts.append(f"heldFor({'*latest' if result == 'latest->' else 'result'}, {c.held_ms_min})")
    parts += _world(c) + _counted(c, scope)
    if len(parts) == 1:
        return parts[0]
    return " && ".join(f"({p})" if "||" in p else p for p in parts) or "true"


def _world(c: Condition) -> list[str]:
    said = [
        (c.button_pressed, f"buttonIsDown({c.button_pressed})"),
        (c.button_released, f"!buttonIsDown({c.button_released})"),
        (c.flag, flag_id(c.flag or "")),
        (c.not_flag, f"!{flag_id(c.not_flag or '')}"),
        (c.proximity_below, f"proximity() < {c.proximity_below}"),
        (c.proximity_min, f"proximity() >= {c.proximity_min}"),
    ]
    return [text for given, text in said if given is not None]


def _counted(c: Condition, scope: Scope) -> list[str]:
    counter = counter_cpp(c.counter, scope)
    parts = [] if c.count_min is None else [f"{counter} >= {c.count_min}"]
    if c.count_every is not None:
        parts += [] if c.count_min else [f"{counter} > 0"]
        parts.append(f"{counter} % {c.count_every} == 0")
    return parts


def action_cpp(action: Action, scope: Scope) -> list[str]:
    """An action as statements."""
    if isinstance(action, Print):
        return _print(action.template, scope)
    if isinstance(action, Count):
        return _count(action, scope)
    if isinstance(action, Flag):
        value = {"set": "true", "clear": "false", "toggle": f"!{flag_id(action.name)}"}[action.state]
        return [f"{flag_id(action.name)} = {value};"]
    times = f"{scope.result}label + 1" if action.by_index else str(action.times)
    if isinstance(action, Led):
        return [_led(action, times)]
    return [_pin(action, times, scope)]


def _led(action: Led, times: str) -> str:
    led = led_id(action.name)
    match action:
        case Led(state="blink"):
            return f"blinkLed({led}, {times}, {action.duration_ms or BLINK_MS});"
        case Led(state="toggle"):
            return f"toggleLed({led});"
        case Led(state="only"):
            return f"onlyLed({led});"
        case Led(state="on", duration_ms=int(ms)):
            return f"pulseLed({led}, {ms});"
        case _:
            return f"setLed({led}, {'true' if action.state == 'on' else 'false'});"


def _pin(action: Pin, times: str, scope: Scope) -> str:
    match action:
        case Pin(state="pwm"):
            return f"analogWrite({action.pin}, {duty_cpp(action, scope)});"
        case Pin(state="blink"):
            return f"blinkPin({action.pin}, {times}, {action.duration_ms or BLINK_MS});"
        case Pin(state="toggle"):
            return f"togglePin({action.pin});"
        case Pin(state="high", duration_ms=int(ms)):
            return f"pulsePin({action.pin}, {ms});"
        case _:
            return f"setPin({action.pin}, {'true' if action.state == 'high' else 'false'});"


def duty_cpp(action: Pin, scope: Scope) -> str:
    """A PWM duty as an expression."""
    return f"(int)({scope.result}confidence * 255 + 0.5f)" if action.by_confidence else str(action.duty or 0)


def _count(action: Count, scope: Scope) -> list[str]:
    if action.state == "add":
        return [f"{counter_cpp(action.counter, scope)}++;"]
    if action.counter:
        return [f"{counter_cpp(action.counter, scope)} = 0;"]
    return ["resetCounts();"]


def _print(template: str, scope: Scope) -> list[str]:
    result = scope.result
    values = {
        "{label}": f"{result}name",
        "{name}": f"NAMES[{result}label]",
        "{previous}": f"LABEL_NAMES[{result}previous]",
        "{confidence}": f"{result}confidence, 2",
        "{percent}": f"(int)({result}confidence * 100 + 0.5f)",
        "{index}": f"(int){result}label",
        "{streak}": f"{result}streak",
        "{held_ms}": f"{result}heldMs",
        "{count}": counter_cpp("", scope),
        "{ms}": scope.now,
    }
    parts = template_parts(template) or [""]
    lines = []
    for i, part in enumerate(parts):
        counter = counter_cpp(part[7:-1], scope) if part.startswith("{count:") else None
        value = counter or values.get(part) or quoted(part)
        lines.append(f"Serial.print{'ln' if i == len(parts) - 1 else ''}({value});")
    return lines
