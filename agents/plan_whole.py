"""What follows from several entries of a plan: switches, counters, and outputs that stay on until something comes."""

import re
from collections.abc import Sequence
from typing import Any

from agents import wording, wording_events, wording_outputs
from hw.board import Board
from tools.artifacts import Action, Condition, Count, Flag, Led, Pin, Print, Rule
from tools.behaviour import output_name, output_of


def moment(when: str) -> dict[str, Any]:
    """Trigger of a rule, from the plan's words for it."""
    if every := re.fullmatch(r"every (\d+) ms", when):
        return {"trigger": "every", "period_ms": int(every[1])}
    if button := re.fullmatch(r"button (\d+) (pressed|released)", when):
        return {"trigger": button[2], "pin": int(button[1])}
    if when.startswith("received "):
        return {"trigger": "serial", "text": when.removeprefix("received ")}
    return {"trigger": when}


def switched(rules: list[Rule], switches: Sequence[dict[str, Any]]) -> list[Rule]:
    """Rules gated by a flag for each output that something switches on or off."""
    made: list[Rule] = []
    for what in dict.fromkeys(str(s["what"]) for s in switches):
        ways = _both_ways([s for s in switches if s["what"] == what])
        name = "everything" if what == "all" else what
        # Off until somebody switches it on only where nothing is said of switching it off.
        starts_off = all(s["turns"] == "on" for s in ways)
        flag = f"{name} {'on' if starts_off else 'off'}"
        for s in ways:
            raised = {"on": "set" if starts_off else "clear", "off": "set", "toggle": "toggle"}[s["turns"]]
            action = Flag.model_validate({"name": flag, "state": raised})
            made.append(Rule.model_validate(moment(s["when"]) | {"actions": (action,)}))
        gate = {"flag": flag} if starts_off else {"not_flag": flag}
        rules = [
            r.model_copy(update={"condition": r.condition.model_copy(update=gate)}) if _gated(r, what) else r
            for r in rules
        ]
    return [*made, *rules]


def _both_ways(switches: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the same event switches on and off it toggles."""
    turns = {s["when"]: {t["turns"] for t in switches if t["when"] == s["when"]} for s in switches}
    kept = {s["when"]: s for s in switches}
    return [{**s, "turns": "toggle"} if len(turns[when]) > 1 else s for when, s in kept.items()]


def _gated(rule: Rule, what: str) -> bool:
    if rule.trigger in ("start", "serial", "pressed", "released") or any(isinstance(a, Count) for a in rule.actions):
        return False
    return what in (output_key(rule.actions[0]), "all")


def with_counters(rules: Sequence[Rule], classes: Sequence[str]) -> tuple[Rule, ...]:
    """The rules, and before them what counts: where a line shows a count or a rule asks for one, and nothing counts."""
    shown = [r for r in rules if any(isinstance(a, Print) and "{count}" in a.template for a in r.actions)]
    asked = [r for r in rules if r.condition.count_min is not None or r.condition.count_every is not None]
    reset = [r for r in rules if any(isinstance(a, Count) for a in r.actions)]
    if not shown and not asked:
        return tuple(r for r in rules if r not in reset)
    labels = tuple(c for c in classes if any(c in r.condition.labels for r in (*shown, *asked)))
    if not all(r.condition.labels for r in (*shown, *asked)):
        labels = ()
    counting = Rule(trigger="change", condition=Condition(labels=labels), actions=(Count(),))
    return (counting, *rules)


def latched(rules: Sequence[Rule], request: str, board: Board) -> tuple[Rule, ...]:
    """The rules; what stays on "until" a button or a command is switched on at a moment, and off by that event.

    The model tends to write a state instead: on while the label is seen and the button is down.
    """
    until = re.search(
        r"[^.;\n]*\b(?:stay|stays|keep|keeps|remain|remains|latch\w*|on)\b[^.;\n]*\buntil\b([^.;\n]*)", request.lower()
    )
    cleared = re.search(r"\blatch\w*\b", request.lower()) and re.search(
        r"\b(?:clear|reset|releas|acknowl)", request.lower()
    )
    events = wording_events.events_outside(until[1] if until else request, board) if until or cleared else []
    if not events:
        return tuple(rules)
    event = moment(events[0])
    taken = {_output(r) for r in rules if r.trigger == event["trigger"] and r.pin == event.get("pin")}
    made: list[Rule] = []
    for rule in rules:
        action = rule.actions[0]
        held = rule.trigger == "while" and isinstance(action, Led | Pin) and action.state in ("on", "high")
        held = held and (until is None or bool(re.search(wording_outputs.mark_of(_output(rule), board), until[0])))
        if not held or not rule.condition.labels or _output(rule) in taken:
            made.append(rule)
            continue
        bare = rule.condition.model_copy(update={"button_pressed": None, "button_released": None})
        off = action.model_copy(update={"state": "off" if isinstance(action, Led) else "low"})
        made.append(rule.model_copy(update={"trigger": "becomes", "condition": bare}))
        made.append(Rule.model_validate(event | {"actions": (off,)}))
    return tuple(made)


def following(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """What shows the confidence of some labels alone does so while they are seen, and is off for the others."""
    return tuple(
        r.model_copy(update={"trigger": "while"})
        if r.trigger == "result" and r.condition.labels and follows(r.actions[0])
        else r
        for r in rules
    )


def released(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules; what something switches on for good is switched off at a moment too, not held off all the while."""
    latches = {
        _output(r)
        for r in rules
        if r.trigger not in ("while", "every") and isinstance(a := r.actions[0], Led | Pin)
        and a.state in ("on", "high") and a.duration_ms is None
    }  # fmt: skip
    return tuple(
        r.model_copy(update={"trigger": "becomes"})
        if r.trigger == "while" and _output(r) in latches and r.condition.labels and is_off(r.actions[0]) else r
        for r in rules
    )  # fmt: skip


def follows(action: Action) -> bool:
    """Whether an output shows the confidence."""
    return isinstance(action, Pin) and action.by_confidence


def is_off(action: Action) -> bool:
    """Whether an action switches an output off."""
    return isinstance(action, Led | Pin) and action.state in ("off", "low")


def lingering(rules: Sequence[Rule], request: str) -> tuple[Rule, ...]:
    """The rules; "while A and for another 45 s after it" is one rule that lingers, not a second that begins then."""
    after = rf"(?:another|a further|still|more)\s+{wording.SPAN}|{wording.SPAN} (?:after|longer|more|later)"
    found = re.search(after, request.lower())
    spans = wording.durations(found[0]) if found else []
    if not spans:
        return tuple(rules)
    held = {_output(r) for r in rules if r.trigger == "while" and r.linger_ms is None and _output(r)}
    echoes = [r for r in rules if r.trigger in ("becomes", "change") and _output(r) in held and _lasts(r) == spans[0]]
    outputs = {_output(r) for r in echoes}
    return tuple(
        r.model_copy(update={"linger_ms": spans[0]}) if r.trigger == "while" and _output(r) in outputs else r
        for r in rules if r not in echoes
    )  # fmt: skip


def _lasts(rule: Rule) -> int | None:
    action = rule.actions[0]
    return action.duration_ms if isinstance(action, Led | Pin) else None


def _output(rule: Rule) -> str:
    action = rule.actions[0]
    return output_key(action) if isinstance(action, Led | Pin) else ""


def output_key(action: Action) -> str:
    """The plan's key for what an action drives: `red LED`, `pin 5` or `serial`; empty: it counts or switches."""
    if isinstance(action, Led | Pin):
        return output_name(output_of(action))
    return "serial" if isinstance(action, Print) else ""
