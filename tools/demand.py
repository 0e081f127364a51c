"""The behaviour's own interpreter: from rules and the model's results to what the board must do.

The demand comes from the rules of the spec and never from the sketch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.artifacts import Condition, Led, Pin, Print, Rule
from tools.behaviour import BLINK_MS, steady_outputs, template_parts

CONFIDENCE_TOLERANCE = 0.05
_FOREVER = -1

Output = tuple[str, str | int]


@dataclass(frozen=True)
class Expected:
    """A result that the model must give on the board: `sure` is False where rounding could tip it either way."""

    t_ms: int
    label: str
    index: int
    confidence: float
    sure: bool = True


@dataclass
class Line:
    """A serial line that must come at `t_ms`, caused by the result `slot`; None: at start-up or periodic."""

    t_ms: int
    pattern: re.Pattern[str]
    text: str
    confidence: float | None
    slot: int | None


@dataclass
class Timeline:
    """Levels of one output over time: (t_ms, level), level 0 at the beginning; PWM levels are duties."""

    changes: list[tuple[int, int]] = field(default_factory=list)
    edges_left: int = 0
    next_edge: int = 0
    period: int = 0
    runs: list[list[int]] = field(default_factory=list)
    """Of each blink or pulse the times of its edges, the first one included."""
    cuts: list[int] = field(default_factory=list)
    """When something ended a blink before its time: whether its last edge came just before is left to chance."""

    @property
    def level(self) -> int:
        """The level now."""
        return self.changes[-1][1] if self.changes else 0

    def set(self, t_ms: int, level: int) -> None:
        """Hold `level` from now; ends blinking."""
        if self.edges_left:
            self.cuts.append(t_ms)
        self.edges_left = 0
        self._drive(t_ms, level)

    def blink(self, t_ms: int, times: int, period: int) -> None:
        """`times` flashes (0: for ever) of `period` ms."""
        if self.edges_left:
            self.cuts.append(t_ms)
        self._drive(t_ms, 1)
        self.runs.append([t_ms])
        self.edges_left = _FOREVER if times == 0 else 2 * times - 1
        self.period, self.next_edge = period, t_ms + period

    def advance(self, t_ms: int) -> None:
        """Let the timers run up to `t_ms`."""
        while self.edges_left and self.next_edge <= t_ms:
            self._drive(self.next_edge, 1 - self.level)
            self.runs[-1].append(self.next_edge)
            if self.edges_left > 0:
                self.edges_left -= 1
            self.next_edge += self.period

    def at(self, t_ms: int) -> int:
        """The level at a time of the past."""
        level = 0
        for when, value in self.changes:
            if when > t_ms:
                break
            level = value
        return level

    def _drive(self, t_ms: int, level: int) -> None:
        if level != self.level:
            self.changes.append((t_ms, level))


def holds(condition: Condition, result: Expected) -> bool:
    """Whether a rule's condition holds for a result."""
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
    """What the board must do for a sequence of results: serial `lines` and the `outputs`' timelines."""

    def __init__(self, rules: Sequence[Rule], results: Sequence[Expected], until_ms: int) -> None:
        self.rules, self.results, self.until_ms = rules, results, until_ms
        self.lines: list[Line] = []
        self.outputs: dict[Output, Timeline] = {}
        self._steady = steady_outputs(rules)
        self._was: dict[int, bool] = {}
        self._ways: dict[Output, tuple[str, int | None] | None] = {}
        for rule in rules:
            for action in rule.actions:
                if not isinstance(action, Print):
                    self.outputs.setdefault(_key(action), Timeline())
        self._run()

    def _run(self) -> None:
        for rule in self.rules:
            if rule.trigger == "start":
                self._do(rule, 0, None, None)
        moments: list[tuple[int, int, int]] = [(r.t_ms, 0, k) for k, r in enumerate(self.results)]
        for i, rule in enumerate(self.rules):
            if rule.trigger == "every" and rule.period_ms:
                moments += [(t, 1, i) for t in range(rule.period_ms, self.until_ms, rule.period_ms)]
        latest: Expected | None = None
        for t_ms, kind, index in sorted(moments):
            for timeline in self.outputs.values():
                timeline.advance(t_ms)
            if kind == 0:
                previous, latest = latest, self.results[index]
                self._on_result(index, latest, previous)
            else:
                self._on_period(self.rules[index], t_ms, latest)
        for timeline in self.outputs.values():
            timeline.advance(self.until_ms)

    def _on_result(self, slot: int, result: Expected, previous: Expected | None) -> None:
        for key, users in self._steady.items():
            self._hold(key, users, result)
        for i, rule in enumerate(self.rules):
            true = holds(rule.condition, result)
            changed = previous is None or previous.label != result.label
            events = tuple(a for a in rule.actions if rule.trigger != "while" or isinstance(a, Print))
            happens = {
                "while": true,
                "result": true,
                "change": true and changed,
                "becomes": true and not self._was.get(i, False),
            }.get(rule.trigger, False)
            self._was[i] = true
            if happens:
                self._do(rule.model_copy(update={"actions": events}), result.t_ms, result, slot)

    def _on_period(self, rule: Rule, t_ms: int, latest: Expected | None) -> None:
        fields = any(isinstance(a, Print) and "{" in a.template for a in rule.actions)
        if latest is None and (fields or rule.condition != Condition()):
            return
        if latest is None or holds(rule.condition, latest):
            self._do(rule, t_ms, latest, None)

    def _hold(self, key: Output, users: Sequence[tuple[Rule, Led | Pin]], result: Expected) -> None:
        timeline, held = self.outputs[key], [(rule, action) for rule, action in users if holds(rule.condition, result)]
        action = held[0][1] if held else None
        way, before = (action.state, action.duration_ms) if action else None, self._ways.get(key)
        self._ways[key] = way
        if users[0][1].state in ("off", "low"):
            timeline.set(result.t_ms, int(not held))
        elif action is None:
            timeline.set(result.t_ms, 0)
        elif action.state == "blink":
            if way != before:
                timeline.blink(result.t_ms, 0, action.duration_ms or BLINK_MS)
        else:
            timeline.set(result.t_ms, (action.duty or 0) if isinstance(action, Pin) and action.state == "pwm" else 1)

    def _do(self, rule: Rule, t_ms: int, result: Expected | None, slot: int | None) -> None:
        for action in rule.actions:
            if isinstance(action, Print):
                self.lines.append(_line(action.template, t_ms, result, slot))
                continue
            timeline = self.outputs[_key(action)]
            if action.state == "toggle":
                timeline.set(t_ms, 1 - timeline.level)
            elif action.state == "blink":
                timeline.blink(t_ms, action.times if isinstance(action, Led) else 1, action.duration_ms or BLINK_MS)
            elif action.state in ("on", "high") and action.duration_ms:
                timeline.blink(t_ms, 1, action.duration_ms)
            elif isinstance(action, Pin) and action.state == "pwm":
                timeline.set(t_ms, action.duty or 0)
            else:
                timeline.set(t_ms, int(action.state in ("on", "high")))


def _key(action: Led | Pin) -> Output:
    return (action.kind, action.name if isinstance(action, Led) else action.pin)


def _line(template: str, t_ms: int, result: Expected | None, slot: int | None) -> Line:
    pattern, text = "", ""
    for part in template_parts(template):
        if part == "{label}" and result:
            pattern, text = pattern + re.escape(result.label), text + result.label
        elif part == "{index}" and result:
            pattern, text = pattern + str(result.index), text + str(result.index)
        elif part == "{confidence}" and result:
            pattern, text = pattern + r"(?P<confidence>\d\.\d+)", text + f"{result.confidence:.2f}"
        elif part == "{ms}":
            pattern, text = pattern + r"\d+", text + f"<{t_ms}>"
        else:
            pattern, text = pattern + re.escape(part), text + part
    # Every further field repeats a group name at most once: templates with two confidences are compared as text.
    pattern = _single_group(pattern)
    return Line(t_ms, re.compile(pattern), text, result.confidence if result else None, slot)


def _single_group(pattern: str) -> str:
    first, *rest = pattern.split("(?P<confidence>")
    return first if not rest else first + "(?P<confidence>" + "(?:".join(rest)
