"""What else happens while the board is shown its scenes: buttons, lines on serial, something that comes near."""

from collections.abc import Sequence

from tools.artifacts import Rule
from tools.behaviour import Uses
from tools.shown import Event, Expected

ROUNDS = 3
"""Each thing happens so often while every scene is shown once: what counts or toggles shows itself only then."""
_BEYOND = 20
"""Of proximity on either side of a threshold."""


def choose_events(results: Sequence[Expected], used: Uses, rules: Sequence[Rule], rounds: int) -> list[Event]:
    """`rounds` times everything that the rules listen to, spread evenly, each in the middle between two results."""
    steps = _steps(used, rules) * rounds
    if not steps or len(results) < 2:
        return []
    every = max(1, (len(results) - 1) // len(steps))
    places = range(every // 2, len(results) - 1, every)
    events = []
    for k, (kind, value) in zip(places, steps, strict=False):
        middle_ms = (results[k].t_ms + results[k + 1].t_ms) // 2
        events.append(Event(middle_ms, kind, value))  # type: ignore[arg-type]
    return events


def _steps(used: Uses, rules: Sequence[Rule]) -> list[tuple[str, int | str]]:
    steps: list[tuple[str, int | str]] = []
    for pin in used.buttons:
        steps += [("pressed", pin), ("released", pin)]
    steps += [("serial", text) for text in used.commands]
    limits = {c.proximity_below for c in (r.condition for r in rules)} | {r.condition.proximity_min for r in rules}
    for limit in sorted(limit for limit in limits if limit is not None):
        steps += [("proximity", max(0, limit - _BEYOND)), ("proximity", min(255, limit + _BEYOND))]
    return steps
