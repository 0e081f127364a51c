"""A condition's truth at a moment: the last result and what has been counted, flagged, pressed and come near."""

from collections import Counter
from dataclasses import dataclass, field

from tools.artifacts import Condition, Count, Flag
from tools.shown import JITTER_MS, Expected


@dataclass
class Moment:
    """All that rules know at a moment of the run."""

    result: Expected | None = None
    previous: str = ""
    """Label of the result before; of the first one, its own."""
    changed: bool = False
    streak: int = 0
    since: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    flags: set[str] = field(default_factory=set)
    pressed: set[int] = field(default_factory=set)
    proximity: int = 255

    @property
    def held_ms(self) -> int:
        """How long the label has held, as of the last result."""
        return self.result.t_ms - self.since if self.result else 0

    def take(self, result: Expected) -> None:
        """A new result."""
        last = self.result
        self.previous = last.label if last else result.label
        self.changed = last is None or last.label != result.label
        self.streak = 1 if self.changed else self.streak + 1
        self.since = result.t_ms if self.changed else self.since
        self.result = result

    def count(self, action: Count) -> None:
        """Do what a counting action says."""
        label = self.result.label if self.result else ""
        if action.state == "add":
            self.counts[action.counter or label] += 1
        elif action.counter:
            self.counts[action.counter] = 0
        else:
            self.counts.clear()

    def raise_flag(self, action: Flag) -> None:
        """Do what a flag's action says."""
        raised = action.state == "set" or (action.state == "toggle" and action.name not in self.flags)
        (self.flags.add if raised else self.flags.discard)(action.name)


def holds_now(condition: Condition, now: Moment) -> bool:
    """Whether every given field of a condition holds; what is said of a result is false before the first."""
    return _of_result(condition, now) and _of_world(condition, now) and _of_count(condition, now)


def _of_result(c: Condition, now: Moment) -> bool:
    result = now.result
    if result is None:
        return not needs_result(c)
    return (
        (not c.labels or result.label in c.labels)
        and result.label not in c.not_labels
        and (not c.previous or now.previous in c.previous)
        and (c.confidence_min is None or result.confidence >= c.confidence_min)
        and (c.confidence_below is None or result.confidence < c.confidence_below)
        and (c.streak_min is None or now.streak >= c.streak_min)
        and (c.held_ms_min is None or now.held_ms + JITTER_MS >= c.held_ms_min)
    )


def _of_world(c: Condition, now: Moment) -> bool:
    return (
        (c.button_pressed is None or c.button_pressed in now.pressed)
        and (c.button_released is None or c.button_released not in now.pressed)
        and (c.flag is None or c.flag in now.flags)
        and (c.not_flag is None or c.not_flag not in now.flags)
        and (c.proximity_below is None or now.proximity < c.proximity_below)
        and (c.proximity_min is None or now.proximity >= c.proximity_min)
    )


def _of_count(c: Condition, now: Moment) -> bool:
    if c.count_min is None and c.count_every is None:
        return True
    count = now.counts[c.counter or (now.result.label if now.result else "")]
    return (c.count_min is None or count >= c.count_min) and (
        c.count_every is None or (count > 0 and count % c.count_every == 0)
    )


def needs_result(c: Condition) -> bool:
    """Whether a condition says something of the result, and so cannot hold before the first."""
    limits = (c.confidence_min, c.confidence_below, c.streak_min, c.held_ms_min)
    counted = (c.count_min is not None or c.count_every is not None) and not c.counter
    return bool(c.labels or c.not_labels or c.previous or counted or any(x is not None for x in limits))
