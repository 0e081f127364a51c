"""What must happen around the board so that every rule shows itself: buttons, commands, nearness, doubt, patience."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.artifacts import Decision, Rule
from tools.behaviour import uses


@dataclass(frozen=True)
class Needs:
    """What a scenario must show beside each label and each change of label."""

    buttons: tuple[int, ...]
    """Pins of buttons that must be pressed and released, over results and between them."""
    commands: tuple[str, ...]
    """Lines to send, each while every label is shown; after the last one the first again."""
    proximity: tuple[int, ...]
    """Thresholds of which both sides must be seen (0 near .. 255 nothing there)."""
    confidences: tuple[float, ...]
    """Thresholds of which both sides must be seen, for every label."""
    dwell_ms: int
    """How long a label must stay for all that depends on time: holding, lingering, flashing, periods, pace."""
    dwell_results: int
    """How many results in a row a label needs."""
    visits: int
    """How often a label must come anew, for counters."""


def stimuli_needed(rules: Sequence[Rule], decision: Decision | None = None) -> Needs:
    """The stimuli without which some rule would never act, or could not be told from another one."""
    chosen, used = decision or Decision(), uses(rules)
    conditions = [rule.condition for rule in rules]
    limits = [x for c in conditions for x in (c.confidence_min, c.confidence_below) if x is not None]
    near = [x for c in conditions for x in (c.proximity_below, c.proximity_min) if x is not None]
    counts = [x for c in conditions for x in (c.count_min, 2 * (c.count_every or 0)) if x]
    streaks = [c.streak_min for c in conditions if c.streak_min is not None]
    return Needs(
        buttons=used.buttons,
        commands=used.commands,
        proximity=tuple(sorted(set(near))),
        confidences=tuple(sorted(set(limits))),
        dwell_ms=max([_rule_ms(rule) for rule in rules], default=0) + chosen.stable_ms + 2 * chosen.pace_ms,
        dwell_results=max([*streaks, 1]) + chosen.majority // 2 + chosen.stable_results,
        visits=max([*counts, 1]),
    )


def _rule_ms(rule: Rule) -> int:
    """How long a rule takes to show all it does."""
    lasting = [0]
    for action in rule.actions:
        duration = getattr(action, "duration_ms", None) or 0
        lasting.append(duration * 2 * getattr(action, "times", 1))
    return (rule.condition.held_ms_min or 0) + (rule.linger_ms or 0) + (rule.period_ms or 0) + max(lasting)
