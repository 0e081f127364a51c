"""The demanded behaviour as sentences for people and as C++ for the sketch, both from the same rules."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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


# --- C++ --------------------------------------------------------------------------------------------


Ids = Mapping[str, str]
"""C++ identifier of each class."""


def _cpp_condition(condition: Condition, ids: Ids, result: str = "result.") -> str:
    """`result` is how the fields of a result are reached: `result.` or `latest->`."""
    parts = []
    if condition.labels:
        parts.append(" || ".join(f"{result}label == {ids[name]}" for name in condition.labels))
    for name in condition.not_labels:
        parts.append(f"{result}label != {ids[name]}")
    if condition.confidence_min is not None:
        parts.append(f"{result}confidence >= {float(condition.confidence_min)!r}f")
    if condition.confidence_below is not None:
        parts.append(f"{result}confidence < {float(condition.confidence_below)!r}f")
    if len(parts) == 1:
        return parts[0]
    return " && ".join(f"({p})" if "||" in p else p for p in parts) or "true"


def _cpp_print(template: str, result: str) -> list[str]:
    values = {
        "{label}": f"{result}name",
        "{confidence}": f"{result}confidence, 2",
        "{index}": f"(int){result}label",
        "{ms}": f"{result}now" if result else "millis()",
    }
    parts = template_parts(template) or [""]
    lines = []
    for i, part in enumerate(parts):
        value = values.get(part) or '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines.append(f"Serial.print{'ln' if i == len(parts) - 1 else ''}({value});")
    return lines


def _cpp_action(action: Print | Led | Pin, result: str) -> list[str]:
    if isinstance(action, Print):
        return _cpp_print(action.template, result)
    led = led_id(action.name) if isinstance(action, Led) else ""
    match action:
        case Led(state="blink"):
            return [f"blinkLed({led}, {action.times}, {action.duration_ms or BLINK_MS});"]
        case Led(state="toggle"):
            return [f"toggleLed({led});"]
        case Led(state="on", duration_ms=int(ms)):
            return [f"pulseLed({led}, {ms});"]
        case Led():
            return [f"setLed({led}, {'true' if action.state == 'on' else 'false'});"]
        case Pin(state="pwm"):
            return [f"analogWrite({action.pin}, {action.duty or 0});"]
        case Pin(state="toggle"):
            return [f"togglePin({action.pin});"]
        case Pin(state="high", duration_ms=int(ms)):
            return [f"pulsePin({action.pin}, {ms});"]
        case _:
            return [f"setPin({action.pin}, {'true' if action.state == 'high' else 'false'});"]


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


def _cpp_steady(index: int, users: list[tuple[Rule, Led | Pin]], ids: Ids) -> list[str]:
    effects: list[tuple[Led | Pin, list[str]]] = []
    for rule, action in users:
        condition = _cpp_condition(rule.condition, ids)
        known = next((conditions for other, conditions in effects if same_effect(other, action)), None)
        if known is None:
            effects.append((action, [condition]))
        else:
            known.append(condition)
    if len(effects) > 1 or effects[0][0].state == "blink":
        return _cpp_modes(index, [(action, " || ".join(conditions)) for action, conditions in effects])
    action, value = effects[0][0], " || ".join(effects[0][1])
    if action.state in ("off", "low"):
        value = f"!({value})"
    if isinstance(action, Led):
        return [f"setLed({led_id(action.name)}, {value});"]
    if action.state == "pwm":
        return [f"analogWrite({action.pin}, {value} ? {action.duty or 0} : 0);"]
    return [f"setPin({action.pin}, {value});"]


def _cpp_modes(index: int, effects: Sequence[tuple[Led | Pin, str]]) -> list[str]:
    """An output that is held in several ways, or blinks: touched only when the way changes, so that blinks go on."""
    mode, wanted = f"mode{index}", f"wanted{index}"
    choice = "".join(f"{condition} ? {k} : " for k, (_, condition) in enumerate(effects, start=1))
    lines = [f"static int {mode} = 0;", f"const int {wanted} = {choice}0;", f"if ({wanted} != {mode}) {{"]
    lines.append(f"  {mode} = {wanted};")
    for k, (action, _) in enumerate(effects, start=1):
        lines.append(f"  {'else ' if k > 1 else ''}if ({mode} == {k}) {_cpp_held(action)}")
    return [*lines, f"  else {_cpp_released(effects[0][0])}", "}"]


def _cpp_held(action: Led | Pin) -> str:
    if isinstance(action, Led) and action.state == "blink":
        return f"blinkLed({led_id(action.name)}, FOREVER, {action.duration_ms or BLINK_MS});"
    if isinstance(action, Led):
        return f"setLed({led_id(action.name)}, true);"
    return (
        f"analogWrite({action.pin}, {action.duty or 0});" if action.state == "pwm" else f"setPin({action.pin}, true);"
    )


def _cpp_released(action: Led | Pin) -> str:
    if isinstance(action, Led):
        return f"setLed({led_id(action.name)}, false);"
    return f"analogWrite({action.pin}, 0);" if action.state == "pwm" else f"setPin({action.pin}, false);"


def _guarded(condition: str, lines: list[str]) -> list[str]:
    if condition == "true":
        return lines
    if len(lines) == 1:
        return [f"if ({condition}) {lines[0]}"]
    return [f"if ({condition}) {{", *(f"  {line}" for line in lines), "}"]


def _cpp_event(index: int, rule: Rule, ids: Ids) -> list[str]:
    lines = [line for action in rule.actions for line in _cpp_action(action, "result.")]
    condition = _cpp_condition(rule.condition, ids)
    if rule.trigger in ("result", "while"):
        return _guarded(condition, lines)
    if rule.trigger == "change":
        return _guarded("result.changed" if condition == "true" else f"result.changed && ({condition})", lines)
    flag = f"was{index}"
    return [
        f"static bool {flag} = false;",
        f"const bool is{index} = {condition};",
        *_guarded(f"is{index} && !{flag}", lines),
        f"{flag} = is{index};",
    ]


def to_cpp(rules: Sequence[Rule], classes: Sequence[str], drafted: str | None = None) -> str:
    """onStart, onResult and onTick of app.h, readable, from the rules; `drafted` takes the place of onResult."""
    start = [line for r in rules if r.trigger == "start" for a in r.actions for line in _cpp_action(a, "")]
    ids = label_ids(classes)
    body = _result_body(rules, ids) if drafted is None else []
    tick = _tick_body([rule for rule in rules if rule.trigger == "every"], ids)
    functions = [
        _function("void onStart()", start),
        drafted or _function("void onResult(const Result &result)" if body else "void onResult(const Result &)", body),
        _function("void onTick(unsigned long now)" if tick else "void onTick(unsigned long)", tick),
    ]
    return "\n\n".join(functions)


def _result_body(rules: Sequence[Rule], ids: Ids) -> list[str]:
    body: list[str] = []
    for index, users in enumerate(steady_outputs(rules).values()):
        body += _cpp_steady(index, users, ids)
    for index, rule in enumerate(rules):
        events = tuple(a for a in rule.actions if rule.trigger != "while" or isinstance(a, Print))
        if rule.trigger in ("result", "change", "becomes", "while") and events:
            body += _cpp_event(index, rule.model_copy(update={"actions": events}), ids)
    return body


def _tick_body(periodic: Sequence[Rule], ids: Ids) -> list[str]:
    tick: list[str] = []
    conditions = [_needs_result(rule, ids) for rule in periodic]
    if any(condition != "true" for condition in conditions):
        tick.append("const Result *latest = latestResult();")
    for index, (rule, condition) in enumerate(zip(periodic, conditions, strict=True)):
        lines = [line for a in rule.actions for line in _cpp_action(a, "latest->")]
        tick += [
            f"static unsigned long next{index} = {rule.period_ms};",
            f"if ((long)(now - next{index}) >= 0) {{",
            f"  next{index} += {rule.period_ms};",
            *(f"  {line}" for line in _guarded(condition, lines)),
            "}",
        ]
    return tick


def _needs_result(rule: Rule, ids: Ids) -> str:
    condition = _cpp_condition(rule.condition, ids, "latest->")
    uses_fields = any(isinstance(a, Print) and "{" in a.template for a in rule.actions)
    if condition == "true":
        return "latest" if uses_fields else "true"
    return f"latest && ({condition})"


def _function(head: str, body: list[str]) -> str:
    return head + " {\n" + "".join(f"  {line}\n" for line in body) + "}" if body else head + " {}"


def pins_used(rules: Sequence[Rule]) -> tuple[int, ...]:
    """Digital pins that the rules drive (PWM pins are driven by analogWrite itself)."""
    found = {a.pin for r in rules for a in r.actions if isinstance(a, Pin) and a.state != "pwm"}
    return tuple(sorted(found))
