"""Whether a behaviour's rules are sound: all they name is there, they do not contradict, they can be done."""

from collections.abc import Sequence

from hw.board import Board, sensors
from tools.artifacts import Action, Condition, Count, Decision, Flag, Led, Pin, Print, Rule
from tools.behaviour import (
    FIELDS,
    action_needs_result,
    output_name,
    output_of,
    sentence,
    steady_outputs,
    template_parts,
    uses,
    when,
)
from tools.conditions import needs_result
from tools.errors import BadInput


def check_rules(rules: Sequence[Rule], classes: Sequence[str], board: Board) -> None:
    """Raise BadInput when a rule names a class, LED, pin or field that is not there, or two rules contradict."""
    for rule in rules:
        _check_condition(rule.condition, classes, board)
        for action in rule.actions:
            _check_action(action, board)
            if rule.trigger == "start" and action_needs_result(action):
                what = action.template if isinstance(action, Print) else sentence(rule)
                raise BadInput(f"there is no {_missing(action)} at start-up yet, as '{what}' would need")
        _check_trigger(rule, board)
    _check_memory(rules, classes)
    _check_pins(rules, board)
    _check_lingering(rules)
    _check_contradiction(rules)


def check_decision(decision: Decision) -> None:
    """Raise BadInput when a decision's numbers make no sense."""
    if decision.majority < 1 or decision.stable_results < 1 or decision.stable_ms < 0 or decision.pace_ms < 0:
        raise BadInput("the numbers of results and milliseconds after which the device decides must be positive")
    if decision.majority > 100:
        raise BadInput(f"a majority of the last {decision.majority} results is more than the 100 that are kept")


def _missing(action: Action) -> str:
    if isinstance(action, Print):
        parts = template_parts(action.template)
        return next(p for p in parts if p.startswith("{") and p[1:-1] in FIELDS and p != "{ms}")
    return "result"


def _check_trigger(rule: Rule, board: Board) -> None:
    if rule.trigger == "every" and not rule.period_ms:
        raise BadInput("the behaviour repeats something without saying how often: give period_ms")
    if rule.trigger == "start" and needs_result(rule.condition):
        raise BadInput("the behaviour asks for a result at start-up, when there is none yet")
    if rule.trigger == "serial":
        if not rule.text or not rule.text.isprintable() or rule.text != rule.text.strip():
            raise BadInput(f"{rule.text!r} is no line that could be sent: give a word")
        if "~" in rule.text:
            raise BadInput(f"the line '{rule.text}' holds a ~, with which the self-test's lines begin: take another")
    if rule.trigger in ("pressed", "released"):
        _check_pin(rule.pin, board)
    if rule.linger_ms and (rule.trigger != "while" or not all(_on(a) for a in rule.actions)):
        raise BadInput("only what is on while something holds can stay on for a while after")


def _on(action: Action) -> bool:
    return isinstance(action, Led | Pin) and action.state in ("on", "high")


def _check_lingering(rules: Sequence[Rule]) -> None:
    for output, users in steady_outputs(rules).items():
        ways = {(rule.linger_ms, _on(action)) for rule, action in users}
        if len(ways) > 1 and any(rule.linger_ms for rule, _ in users):
            raise BadInput(f"the {output_name(output)} cannot stay on after one thing and be held otherwise by another")


def _check_condition(condition: Condition, classes: Sequence[str], board: Board) -> None:
    for label in (*condition.labels, *condition.not_labels, *condition.previous):
        if label not in classes:
            raise BadInput(f"the behaviour names the class '{label}'; the classes are {', '.join(classes)}")
    for limit in (condition.confidence_min, condition.confidence_below):
        if limit is not None and not 0 <= limit <= 1:
            raise BadInput(f"a confidence of {limit:g} cannot be: it is a number from 0 to 1")
    for pin in (condition.button_pressed, condition.button_released):
        if pin is not None:
            _check_pin(pin, board)
    near = condition.proximity_below is not None or condition.proximity_min is not None
    if near and not any(sensors()[name].proximity_read for name in board.sensors if name in sensors()):
        raise BadInput(f"{board.name} has no proximity sensor")


def _check_pin(pin: int | None, board: Board) -> None:
    if pin is None or pin not in board.digital_pins:
        pins = f"{min(board.digital_pins)} to {max(board.digital_pins)}" if board.digital_pins else "none"
        raise BadInput(f"{board.name} has no free digital pin {pin}; it has {pins}")


def _check_action(action: Action, board: Board) -> None:
    if isinstance(action, Led) and action.name not in board.leds:
        raise BadInput(f"{board.name} has no {action.name} LED; it has {', '.join(board.leds) or 'none'}")
    if isinstance(action, Pin):
        _check_pin(action.pin, board)
        if action.state == "pwm" and action.pin not in board.pwm_pins:
            known = ", ".join(map(str, board.pwm_pins))
            raise BadInput(f"pin {action.pin} of {board.name} has no PWM; these have: {known}")
        if action.duty is not None and not 0 <= action.duty <= 255:
            raise BadInput(f"a PWM of {action.duty} cannot be: it is a number from 0 to 255")
    if isinstance(action, Print):
        if not action.template.isprintable():
            raise BadInput(f"the line {action.template!r} holds a control character: print one line for each")
        for part in template_parts(action.template):
            if part.startswith("{") and part.endswith("}") and part[1:-1] not in FIELDS and part[:7] != "{count:":
                raise BadInput(f"unknown field {part} in '{action.template}'; use {{{'}, {'.join(FIELDS)}}}")


def _check_memory(rules: Sequence[Rule], classes: Sequence[str]) -> None:
    """What is never counted or set cannot be asked for."""
    actions = [a for rule in rules for a in rule.actions]
    counted = {a.counter for a in actions if isinstance(a, Count) and a.state == "add"}
    set_ = {a.name for a in actions if isinstance(a, Flag)}
    used = uses(rules)
    for name in used.counters:
        # Who counts the result's label counts every label's counter; who counts one of them, a part of them all.
        by_label = "" in counted if name in classes else name == "" and bool(counted & {*classes})
        if name not in counted and not by_label:
            raise BadInput(f"the behaviour shows a count{f' of {name}' if name else ''} that nothing counts")
    for name in used.flags:
        if name not in set_:
            raise BadInput(f"the behaviour asks whether '{name}' is set, and nothing sets it")


def _check_pins(rules: Sequence[Rule], board: Board) -> None:
    driven = {a.pin: a.state for r in rules for a in r.actions if isinstance(a, Pin)}
    for pin in uses(rules).buttons:
        if pin in driven:
            raise BadInput(f"pin {pin} cannot be a button and an output at once")
    for rule in rules:
        for action in rule.actions:
            if isinstance(action, Pin) and (action.state == "pwm") != (driven[action.pin] == "pwm"):
                raise BadInput(f"pin {action.pin} cannot be switched and have PWM: choose one")


def _check_contradiction(rules: Sequence[Rule]) -> None:
    steady: dict[tuple[str, Condition], str] = {}
    for rule in rules:
        for action in rule.actions:
            if rule.trigger != "while" or not isinstance(action, Led | Pin):
                continue
            if action.state not in ("on", "off", "high", "low"):
                continue
            output = output_name(output_of(action))
            before = steady.setdefault((output, rule.condition), action.state)
            if before != action.state:
                states = "on and off" if isinstance(action, Led) else "high and low"
                article = "the " if isinstance(action, Led) else ""
                raise BadInput(f"the behaviour contradicts itself: {article}{output} both {states} {when(rule)}")
