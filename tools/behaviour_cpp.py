"""The demanded behaviour as readable C++: onStart, onResult and onTick of the sketch's app.h."""

from collections.abc import Mapping, Sequence

from tools.artifacts import Condition, Led, Pin, Print, Rule
from tools.behaviour import BLINK_MS, label_ids, led_id, same_effect, steady_outputs, template_parts

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
