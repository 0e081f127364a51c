"""The demanded behaviour as readable C++: onStart, onResult, onTick and onCommand of the sketch's app.h."""

import re
from collections.abc import Mapping, Sequence

from tools.artifacts import Condition, Count, Led, Pin, Rule
from tools.behaviour import (
    BLINK_MS,
    Users,
    contested_outputs,
    events_of,
    happens_at_results,
    held_live,
    label_ids,
    led_id,
    output_of,
    rule_needs_result,
    same_effect,
    steady_outputs,
    uses,
)
from tools.statements_cpp import Scope, action_cpp, condition_cpp, counter_id, duty_cpp, flag_id, quoted

_LATEST = "const Result *latest = latestResult();"


def to_cpp(
    rules: Sequence[Rule],
    classes: Sequence[str],
    drafted: str | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """The application's functions, readable, from the rules; `drafted` takes the place of onResult.

    `names` are what {name} prints.
    """
    ids = label_ids(classes)
    body = [] if drafted is not None else _result_body(rules, ids)
    tick = _tick_body(rules, ids)
    functions = [
        _function("void onStart()", _start_body(rules, ids)),
        drafted or _function("void onResult(const Result &result)" if body else "void onResult(const Result &)", body),
        _function("void onTick(unsigned long now)" if _uses_now(tick) else "void onTick(unsigned long)", tick),
    ]
    if uses(rules).commands:
        functions.append(_function("void onCommand(const char *command)", _command_body(rules, ids)))
    return "\n\n".join([*_memory(rules, classes, names or {}), *functions])


def result_function(application: str) -> str:
    """onResult alone, of what to_cpp() gave."""
    return application[application.index("void onResult") : application.index("\n\nvoid onTick")]


def drafted_rules(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that onResult obeys, and which are therefore drafted; all others are always generated."""
    live = {output for output, users in steady_outputs(rules).items() if held_live(users)}
    here = [rule for rule in rules if happens_at_results(rule)]
    return [r for r in here if events_of(r) or any(output_of(a) not in live for a in _driving(r))]


def _driving(rule: Rule) -> list[Led | Pin]:
    return [action for action in rule.actions if isinstance(action, Led | Pin)]


def _memory(rules: Sequence[Rule], classes: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """What the sketch remembers between the functions: counters, flags, beats, and the names to print."""
    used, lines = uses(rules), []
    if used.names:
        texts = ", ".join(quoted(names.get(name, name)) for name in classes)
        lines.append(f"static const char *const NAMES[LABEL_COUNT] = {{ {texts} }};")
    if any(name == "" or name in classes for name in used.counters):
        lines.append("static unsigned long counts[LABEL_COUNT];  // of each label")
    lines += [f"static unsigned long {counter_id(n)};" for n in used.counters if n and n not in classes]
    lines += [f"static bool {flag_id(name)};" for name in used.flags]
    lines += [f"static unsigned long beat{k};  // every {r.period_ms} ms" for k, r in enumerate(_periodic(rules))]
    memory = ["\n".join(lines)] if lines else []
    if any(isinstance(a, Count) and a.state == "reset" and not a.counter for r in rules for a in r.actions):
        memory.append(_function("static void resetCounts()", _resets(used.counters, classes)))
    return memory


def _resets(counters: Sequence[str], classes: Sequence[str]) -> list[str]:
    labels = ["memset(counts, 0, sizeof counts);"] if any(n == "" or n in classes for n in counters) else []
    return labels + [f"{counter_id(n)} = 0;" for n in counters if n and n not in classes]


def _periodic(rules: Sequence[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.trigger == "every"]


# --- the functions ------------------------------------------------------------------------------------


def _start_body(rules: Sequence[Rule], ids: Mapping[str, str]) -> list[str]:
    scope = Scope(ids, "", "millis()")
    beats = [f"beat{k} = millis();" for k, _ in enumerate(_periodic(rules))]
    return beats + [line for r in rules if r.trigger == "start" for a in r.actions for line in action_cpp(a, scope)]


def _result_body(rules: Sequence[Rule], ids: Mapping[str, str]) -> list[str]:
    scope = Scope(ids, "result.", "result.now")
    body: list[str] = []
    contested = contested_outputs(rules)
    for output, users in steady_outputs(rules).items():
        if not held_live(users):
            body += _steady(users, scope, output in contested)
    for index, rule in enumerate(rules):
        if happens_at_results(rule) and events_of(rule):
            body += _event(index, rule, scope)
    return body


def _tick_body(rules: Sequence[Rule], ids: Mapping[str, str]) -> list[str]:
    scope = Scope(ids, "latest->", "now")
    body: list[str] = []
    for index, rule in enumerate(_periodic(rules)):
        inner = _guarded(_condition_beside(rule, scope), _actions(rule, scope))
        body += [f"if (now - beat{index} >= {rule.period_ms}) {{", f"  beat{index} += {rule.period_ms};"]
        body += [*(f"  {line}" for line in inner), "}"]
    for rule in rules:
        if rule.trigger in ("pressed", "released"):
            happened = f"button{rule.trigger.capitalize()}({rule.pin})"
            body += _guarded(_and(happened, _condition_beside(rule, scope)), _actions(rule, scope))
    contested = contested_outputs(rules)
    for output, users in steady_outputs(rules).items():
        if held_live(users):
            body += _steady(users, scope, output in contested)
    return [_LATEST, *body] if any("latest" in line for line in body) else body


def _command_body(rules: Sequence[Rule], ids: Mapping[str, str]) -> list[str]:
    scope = Scope(ids, "latest->", "millis()")
    body: list[str] = []
    for rule in rules:
        if rule.trigger == "serial":
            said = f"strcmp(command, {quoted(rule.text)}) == 0"
            body += _guarded(_and(said, _condition_beside(rule, scope)), _actions(rule, scope))
    return [_LATEST, *body] if any("latest" in line for line in body) else body


def _actions(rule: Rule, scope: Scope) -> list[str]:
    return [line for action in rule.actions for line in action_cpp(action, scope)]


def _condition_beside(rule: Rule, scope: Scope) -> str:
    """The condition of a rule that happens beside the results: what needs one waits for the first."""
    condition = condition_cpp(rule.condition, scope)
    return _and("latest", condition) if rule_needs_result(rule) else condition


def _and(*conditions: str) -> str:
    """Joined conditions, in brackets where needed; `true` is left out."""
    said = [c for c in conditions if c != "true"]
    if len(said) < 2:
        return said[0] if said else "true"
    return " && ".join(f"({c})" if "||" in c and not c.startswith("(") else c for c in said)


def _guarded(condition: str, lines: list[str]) -> list[str]:
    if condition == "true":
        return lines
    if len(lines) == 1:
        return [f"if ({condition}) {lines[0]}"]
    return [f"if ({condition}) {{", *(f"  {line}" for line in lines), "}"]


def _function(head: str, body: list[str]) -> str:
    return head + " {\n" + "".join(f"  {line}\n" for line in body) + "}" if body else head + " {}"


def _uses_now(body: Sequence[str]) -> bool:
    code = re.sub(r'"(?:\\.|[^"\\])*"', "", "\n".join(body))
    return bool(re.search(r"(?<![>.\w])now\b", code))


# --- events at results ----------------------------------------------------------------------------------


def _event(index: int, rule: Rule, scope: Scope) -> list[str]:
    lines = [line for action in events_of(rule) for line in action_cpp(action, scope)]
    condition = condition_cpp(rule.condition, scope)
    if rule.trigger in ("result", "while"):
        return _guarded(condition, lines)
    if rule.trigger == "change":
        return _guarded(_and("result.changed", condition), lines)
    labels_only = rule.condition == Condition(labels=rule.condition.labels)
    if rule.condition.labels and labels_only:
        return _guarded(_and("result.changed", condition), lines)
    flag, begins = f"was{index}", f"is{index} && !was{index}"
    if len(rule.condition.labels) > 1:
        begins = f"is{index} && (result.changed || !was{index})"
    return [
        f"static bool {flag} = false;",
        f"const bool is{index} = {condition};",
        *_guarded(begins, lines),
        f"{flag} = is{index};",
    ]


# --- what `while` holds -----------------------------------------------------------------------------------


def _steady(users: Users, scope: Scope, contested: bool) -> list[str]:
    effects: list[tuple[Led | Pin, list[str]]] = []
    for rule, action in users:
        beside = scope.result == "latest->"
        condition = _condition_beside(rule, scope) if beside else condition_cpp(rule.condition, scope)
        known = next((conditions for other, conditions in effects if same_effect(other, action)), None)
        if known is None:
            effects.append((action, [condition]))
        else:
            known.append(condition)
    ways = [(action, _or(conditions)) for action, conditions in effects]
    first, linger = ways[0][0], users[0][0].linger_ms
    if first.state == "pwm":
        return [_duties(ways, scope)]
    if linger:
        return _lingering(ways, linger)
    if len(ways) > 1 or first.state == "blink" or contested:
        return _modes(ways)
    value = f"!({ways[0][1]})" if first.state in ("off", "low") else ways[0][1]
    return [_set(first, value)]


def _or(conditions: Sequence[str]) -> str:
    if len(conditions) == 1:
        return conditions[0]
    return " || ".join(f"({c})" if "&&" in c else c for c in conditions)


def _set(action: Led | Pin, value: str) -> str:
    return f"setLed({led_id(action.name)}, {value});" if isinstance(action, Led) else f"setPin({action.pin}, {value});"


def _duties(ways: Sequence[tuple[Led | Pin, str]], scope: Scope) -> str:
    choice = "".join(
        f"{_choice(condition)} ? {duty_cpp(action, scope)} : " for action, condition in ways if isinstance(action, Pin)
    )
    return f"analogWrite({output_of(ways[0][0])[1]}, {choice}0);"


def _choice(condition: str) -> str:
    return f"({condition})" if "||" in condition or "&&" in condition else condition


def _lingering(ways: Sequence[tuple[Led | Pin, str]], linger_ms: int) -> list[str]:
    action, condition = ways[0]
    off = f"pulseLed({led_id(action.name)}" if isinstance(action, Led) else f"pulsePin({action.pin}"
    output = action.name if isinstance(action, Led) else f"pin{action.pin}"
    was, holds = f"{output}Held", f"{output}Holds"
    return [
        f"static bool {was} = false;",
        f"const bool {holds} = {condition};",
        f"if ({holds} && !{was}) {_set(action, 'true')}",
        f"if (!{holds} && {was}) {off}, {linger_ms});",
        f"{was} = {holds};",
    ]


def _modes(ways: Sequence[tuple[Led | Pin, str]]) -> list[str]:
    """An output held in several ways, blinking, or also driven by events: touched only when the way changes."""
    first = ways[0][0]
    output = first.name if isinstance(first, Led) else f"pin{first.pin}"
    mode, wanted = f"{output}Mode", f"{output}Wanted"
    inverse = first.state in ("off", "low")
    choice = "".join(f"{condition} ? {k} : " for k, (_, condition) in enumerate(ways, start=1))
    lines = [
        f"static int {mode} = {-1 if inverse else 0};",
        f"const int {wanted} = {choice}0;",
        f"if ({wanted} != {mode}) {{",
        f"  {mode} = {wanted};",
    ]
    for k, (action, _) in enumerate(ways, start=1):
        lines.append(f"  {'else ' if k > 1 else ''}if ({mode} == {k}) {_held(action)}")
    return [*lines, f"  else {_set(first, 'true' if inverse else 'false')}", "}"]


def _held(action: Led | Pin) -> str:
    if action.state == "blink":
        what = f"blinkLed({led_id(action.name)}" if isinstance(action, Led) else f"blinkPin({action.pin}"
        return f"{what}, FOREVER, {action.duration_ms or BLINK_MS});"
    return _set(action, "true" if action.state in ("on", "high") else "false")
