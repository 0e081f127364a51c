"""Whether two behaviours demand the same of a board, by the interpreter alone: no firmware runs.

They are shown every pair of labels in both orders, surely and in doubt, long enough for all that either waits for, and
between results all that either listens to.
"""

from collections.abc import Mapping, Sequence

from tools.artifacts import Decision, Rule
from tools.demand import Demanded, Event, Expected
from tools.needs import Needs, stimuli_needed
from tools.shown import EventKind

_STEP_MS = 100
"""Between two results."""
_MOST_RESULTS = 20_000
"""More are not gone through: a count of hundreds would take minutes."""


def _every_pair(labels: Sequence[str], needs: Needs) -> list[Expected]:
    """Every ordered pair of labels, each long enough, surely and (twice) in doubt."""
    long = max(needs.dwell_ms // _STEP_MS + 5, needs.dwell_results + 3, 6)
    walk = [x for a in labels for b in labels if a != b for x in (a, b)] * max(1, (needs.visits + 1) // 2)
    out: list[Expected] = []
    for k, label in enumerate(walk):
        if len(out) > _MOST_RESULTS:
            break
        for n in range(long if k % 3 else long // 2 + 1):
            confidence = 0.95 if n % 5 < 3 else 0.55
            out.append(Expected(20 + len(out) * _STEP_MS, label, list(labels).index(label), confidence))
    return out


def _around(needs: Needs, results: Sequence[Expected]) -> list[Event]:
    """All that is listened to, again and again between results."""
    steps: list[tuple[EventKind, int | str]] = [("pressed", p) for p in needs.buttons]
    steps += [("serial", c) for c in needs.commands]
    steps += [("released", p) for p in needs.buttons]
    steps += [("proximity", v) for limit in needs.proximity for v in (max(0, limit - 20), min(255, limit + 20))]
    if not steps:
        return []
    step = max(1, len(results) // (7 * len(steps)))
    return [Event(r.t_ms + 50, *steps[k % len(steps)]) for k, r in enumerate(results[2::step])]


def same_demand(
    one: Sequence[Rule],
    other: Sequence[Rule],
    labels: Sequence[str],
    decisions: tuple[Decision, Decision],
    names: Mapping[str, str] | None = None,
) -> bool:
    """Whether two behaviours demand the same of the board; `names` are what `{name}` prints."""
    needs = stimuli_needed([*one, *other], decisions[0])
    results = _every_pair(labels, needs)
    events = _around(needs, results)
    until = results[-1].t_ms + _STEP_MS
    a, b = (Demanded(r, results, until, events, d, names) for r, d in zip((one, other), decisions, strict=True))
    lit = [{key: t.changes for key, t in d.outputs.items() if t.changes} for d in (a, b)]
    lines = [[(line.t_ms, "".join(line.text.lower().split())) for line in d.lines] for d in (a, b)]
    return lit[0] == lit[1] and lines[0] == lines[1]
