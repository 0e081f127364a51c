"""What else happens while the board is shown its scenes: buttons, lines on serial, something that comes near."""

from collections.abc import Sequence
from itertools import pairwise

from tools.artifacts import Rule
from tools.behaviour import Uses
from tools.shown import Event, EventKind, Expected

ROUNDS = 3
"""Each thing happens so often while every scene is shown once: what counts or toggles shows itself only then."""
_BEYOND = 20
"""Of proximity on either side of a threshold."""


def choose_events(results: Sequence[Expected], used: Uses, rules: Sequence[Rule], rounds: int) -> list[Event]:
    """`rounds` times everything that the rules listen to, spread evenly, each in the middle between two results."""
    steps = _steps(used, rules) * rounds
    if not steps or len(results) < 2:
        return []
    gaps = [(a.t_ms, b.t_ms) for a, b in pairwise(results)]
    usual = min(end - start for start, end in gaps)
    # Not in a pause, when the sensors notice nothing.
    middles = [(start + end) // 2 for start, end in gaps if end - start < 2 * usual]
    every = max(1, len(middles) // len(steps))
    places = middles[every // 2 :: every]
    return [Event(t_ms, kind, value) for t_ms, (kind, value) in zip(places, steps, strict=False)]


def _steps(used: Uses, rules: Sequence[Rule]) -> list[tuple[EventKind, int | str]]:
    steps: list[tuple[EventKind, int | str]] = []
    for pin in used.buttons:
        steps += [("pressed", pin), ("released", pin)]
    steps += [("serial", text) for text in used.commands]
    limits = {c.proximity_below for c in (r.condition for r in rules)} | {r.condition.proximity_min for r in rules}
    for limit in sorted(limit for limit in limits if limit is not None):
        steps += [("proximity", max(0, limit - _BEYOND)), ("proximity", min(255, limit + _BEYOND))]
    return steps
