"""The behaviour's own interpreter: from rules and the model's results to what the board must do.

The demand comes from the rules of the spec and never from the sketch.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tools.artifacts import Action, Condition, Count, Decision, Flag, Led, Pin, Print, Rule
from tools.behaviour import (
    BLINK_MS,
    Output,
    action_needs_result,
    contested_outputs,
    events_of,
    happens_at_results,
    held_live,
    is_live,
    output_of,
    steady_outputs,
    template_parts,
)
from tools.conditions import Moment, holds_now
from tools.shown import Event as Event
from tools.shown import Expected as Expected
from tools.shown import decide
from tools.timeline import Timeline as Timeline

CONFIDENCE_TOLERANCE = 0.05
TIME_TOLERANCE_MS = 120
"""How far a printed time may be off."""
CLEARANCE_MS = 40
"""A result so soon after an event may come before the board has noticed it: buttons are debounced."""

Way = tuple[str, int | None, int | None] | None
"""How a `while` rule holds an output: state, duration and duty."""


@dataclass
class Line:
    """A serial line that must come at `t_ms`, caused by the result `slot`; None: at start-up, periodic or an event."""

    t_ms: int
    pattern: re.Pattern[str]
    """A group for each number of `numbers`."""
    text: str
    numbers: tuple[tuple[float, float], ...]
    """(demanded, tolerance)."""
    slot: int | None

    def fits(self, text: str) -> bool:
        """Whether a printed line is this one."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return False
        pairs = zip(found.groups(), self.numbers, strict=True)
        return all(abs(float(shown) - wanted) <= tolerance for shown, (wanted, tolerance) in pairs)


def holds(condition: Condition, result: Expected) -> bool:
    """Whether what a condition says of a single result is true of it."""
    return (
        (not condition.labels or result.label in condition.labels)
        and result.label not in condition.not_labels
        and (condition.confidence_min is None or result.confidence >= condition.confidence_min)
        and (condition.confidence_below is None or result.confidence < condition.confidence_below)
    )


def is_sure(result: Expected, rules: Sequence[Rule]) -> bool:
    """False where the winner is close, or the confidence is too near to a threshold of the rules."""
    limits = [
        limit
        for r in rules
        for limit in (r.condition.confidence_min, r.condition.confidence_below)
        if limit is not None
    ]
    return result.sure and all(abs(result.confidence - limit) > CONFIDENCE_TOLERANCE for limit in limits)


class Demanded:
    """What the board must do for a sequence of results: serial `lines` and the `outputs`' timelines.

    `results` are those of the network; those that count by `decision` are then in `.results`. `events` come from
    outside, `names` are what {name} prints.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        results: Sequence[Expected],
        until_ms: int,
        events: Sequence[Event] = (),
        decision: Decision | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.rules, self.until_ms, self.events, self.names = rules, until_ms, events, dict(names or {})
        self.results: Sequence[Expected] = decide(_clear_of(results, events, rules), decision or Decision())
        self.lines: list[Line] = []
        self.outputs: dict[Output, Timeline] = {}
        self._steady = steady_outputs(rules)
        self._contested = contested_outputs(rules)
        self._was: dict[int, bool] = {}
        self._ways: dict[Output, Way] = {}
        self._now = Moment()
        for action in (a for rule in rules for a in rule.actions if isinstance(a, Led | Pin)):
            timeline = self.outputs.setdefault(output_of(action), Timeline())
            if isinstance(action, Pin) and action.by_confidence:
                timeline.tolerance = round(255 * CONFIDENCE_TOLERANCE)
        self._run()

    def _run(self) -> None:
        for rule in self.rules:
            if rule.trigger == "start":
                self._do(rule.actions, 0, None)
        moments: list[tuple[int, int, int]] = [(r.t_ms, 0, k) for k, r in enumerate(self.results)]
        for i, rule in enumerate(self.rules):
            if rule.trigger == "every" and rule.period_ms:
                moments += [(t, 1, i) for t in range(rule.period_ms, self.until_ms, rule.period_ms)]
        moments += [(e.t_ms, 2, k) for k, e in enumerate(self.events)]
        self._hold_live(0)
        for t_ms, kind, index in sorted(moments):
            for timeline in self.outputs.values():
                timeline.advance(t_ms)
            if kind == 0:
                self._on_result(index, self.results[index])
            elif kind == 1:
                self._fire(self.rules[index], t_ms)
            else:
                self._on_event(self.events[index])
            self._hold_live(t_ms)
        for timeline in self.outputs.values():
            timeline.advance(self.until_ms)

    def _on_result(self, slot: int, result: Expected) -> None:
        now = self._now
        now.take(result)
        for key, users in self._steady.items():
            if not held_live(users):
                self._hold(key, users, result.t_ms)
        for i, rule in enumerate(self.rules):
            if not happens_at_results(rule):
                continue
            true = holds_now(rule.condition, now)
            happens = true
            if rule.trigger == "change":
                happens = true and now.changed
            if rule.trigger == "becomes":
                another = now.changed and len(rule.condition.labels) > 1
                happens = true and (another or not self._was.get(i, False))
            self._was[i] = true
            if happens:
                self._do(events_of(rule), result.t_ms, slot)

    def _on_event(self, event: Event) -> None:
        now, value = self._now, event.value
        if event.kind == "proximity":
            now.proximity = int(value)
        elif event.kind == "pressed":
            now.pressed.add(int(value))
        elif event.kind == "released":
            now.pressed.discard(int(value))
        for rule in self.rules:
            if rule.trigger == event.kind and value == (rule.text if event.kind == "serial" else rule.pin):
                self._fire(rule, event.t_ms)

    def _fire(self, rule: Rule, t_ms: int) -> None:
        """A rule that happens beside the results: what needs one waits for the first."""
        if self._now.result is None and any(map(action_needs_result, rule.actions)):
            return
        if holds_now(rule.condition, self._now):
            self._do(rule.actions, t_ms, None)

    def _hold_live(self, t_ms: int) -> None:
        for key, users in self._steady.items():
            if held_live(users):
                self._hold(key, users, t_ms)

    def _hold(self, key: Output, users: Sequence[tuple[Rule, Led | Pin]], t_ms: int) -> None:
        timeline, now = self.outputs[key], self._now
        rule, action = next(((r, a) for r, a in users if holds_now(r.condition, now)), (None, None))
        inverse = users[0][1].state in ("off", "low")
        way: Way = (action.state, action.duration_ms, _duty(action)) if action else None
        before = self._ways.get(key, ("unset", None, None) if inverse else None)
        self._ways[key] = way
        lingering = users[0][0].linger_ms
        by_edge = key in self._contested or lingering or (action and action.state == "blink")
        if by_edge and way == before and not (isinstance(action, Pin) and action.by_confidence):
            return
        if inverse:
            timeline.set(t_ms, int(rule is None))
        elif action is None and lingering:
            timeline.blink(t_ms, 1, lingering)
        elif action is None:
            timeline.set(t_ms, 0)
        elif action.state == "blink":
            timeline.blink(t_ms, 0, action.duration_ms or BLINK_MS)
        else:
            timeline.set(t_ms, self._level(action))

    def _level(self, action: Led | Pin) -> int:
        if isinstance(action, Pin) and action.state == "pwm":
            result = self._now.result
            return int(result.confidence * 255 + 0.5) if action.by_confidence and result else action.duty or 0
        return int(action.state in ("on", "high", "only"))

    def _do(self, actions: Sequence[Action], t_ms: int, slot: int | None) -> None:
        for action in actions:
            if isinstance(action, Print):
                self.lines.append(self._line(action.template, t_ms, slot))
            elif isinstance(action, Count):
                self._now.count(action)
            elif isinstance(action, Flag):
                self._now.raise_flag(action)
            else:
                self._drive(action, t_ms)

    def _drive(self, action: Led | Pin, t_ms: int) -> None:
        key = output_of(action)
        timeline = self.outputs[key]
        if action.state == "toggle":
            timeline.set(t_ms, 1 - timeline.level)
        elif action.state == "blink":
            result = self._now.result
            times = result.index + 1 if action.by_index and result else action.times
            timeline.blink(t_ms, times, action.duration_ms or BLINK_MS)
        elif action.state in ("on", "high") and action.duration_ms:
            timeline.blink(t_ms, 1, action.duration_ms)
        else:
            timeline.set(t_ms, self._level(action))
        if action.state == "only":
            for other, dark in self.outputs.items():
                if other[0] == "led" and other != key:
                    dark.set(t_ms, 0)

    def _line(self, template: str, t_ms: int, slot: int | None) -> Line:
        pattern, text = "", ""
        numbers: list[tuple[float, float]] = []
        for part in template_parts(template):
            value, tolerance = self._field(part, t_ms)
            if isinstance(value, str):
                pattern, text = pattern + re.escape(value), text + value
            else:
                number = f"{value:.2f}" if isinstance(value, float) else str(value)
                pattern += r"(-?\d+\.\d+)" if isinstance(value, float) else r"(-?\d+)"
                text, numbers = text + number, [*numbers, (float(value), tolerance)]
        return Line(t_ms, re.compile(pattern), text, tuple(numbers), slot)

    def _field(self, part: str, t_ms: int) -> tuple[str | int | float, float]:
        """What a piece of a template prints; a number with its tolerance."""
        now, result = self._now, self._now.result
        if part == "{ms}":
            return t_ms, TIME_TOLERANCE_MS if t_ms else 1000  # at start-up sensors may take a moment
        if part.startswith("{count:"):
            return now.counts[part[len("{count:") : -1]], 0
        if result is None or not part.startswith("{"):
            return part, 0
        fields: dict[str, tuple[str | int | float, float]] = {
            "{label}": (result.label, 0),
            "{name}": (self.names.get(result.label, result.label), 0),
            "{previous}": (now.previous, 0),
            "{index}": (str(result.index), 0),
            "{confidence}": (result.confidence, CONFIDENCE_TOLERANCE),
            "{percent}": (int(result.confidence * 100 + 0.5), 100 * CONFIDENCE_TOLERANCE),
            "{streak}": (now.streak, 0),
            "{held_ms}": (now.held_ms, TIME_TOLERANCE_MS),
            "{count}": (now.counts[result.label], 0),
        }
        return fields.get(part, (part, 0))


def _duty(action: Led | Pin) -> int | None:
    if not isinstance(action, Pin):
        return None
    return -1 if action.by_confidence else action.duty


def _clear_of(results: Sequence[Expected], events: Sequence[Event], rules: Sequence[Rule]) -> list[Expected]:
    """The results, those unsure that come so soon after an event that the board may not have noticed it."""
    if not any(r.trigger in ("pressed", "released", "serial") or is_live(r.condition) for r in rules):
        return list(results)
    near = [e.t_ms for e in events]
    return [replace(r, sure=r.sure and not any(0 <= r.t_ms - t <= CLEARANCE_MS for t in near)) for r in results]
