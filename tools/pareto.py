"""Pareto front over accuracy (up) and MACs, arena and flash (down): members, hypervolume, feedback and choice."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from tools.artifacts import Budgets, Candidate, Front
from tools.edits import LETTERS
from tools.errors import Fixable
from tools.front_plot import Point, draw
from tools.notation import compact

Preference = Literal["accurate", "small", "fast"]


@dataclass(frozen=True)
class Metric:
    """One objective: where its value comes from and which direction is better.

    Its loss is 0 at `best` and 1 at `worst`, and 1 is the reference point of the hypervolume. Costs are compared by
    their logarithm, because a halved network matters the same at any size. The ends are fixed, from what
    microcontrollers can hold, so that the hypervolume of a growing set never falls and runs can be compared.
    """

    name: str
    better: Literal["higher", "lower"]
    best: float
    worst: float
    value: Callable[[Candidate], float]

    def loss(self, candidate: Candidate) -> float:
        """0 (best) to 1 (worst, or beyond)."""
        value, best, worst = self.value(candidate), self.best, self.worst
        if self.better == "lower":
            value, best, worst = math.log10(max(value, 1.0)), math.log10(best), math.log10(worst)
        return min(1.0, max(0.0, (value - best) / (worst - best)))


def _accuracy(candidate: Candidate) -> float:
    return candidate.accuracy or 0.0


def _cost(field: str) -> Callable[[Candidate], float]:
    return lambda candidate: float(getattr(candidate.estimate, field))


METRICS = (
    Metric("accuracy", "higher", 1.0, 0.0, _accuracy),
    Metric("macs", "lower", 1e2, 1e8, _cost("macs")),
    Metric("arena_bytes", "lower", 1e1, 1e6, _cost("arena_bytes")),
    Metric("flash_bytes", "lower", 1e3, 1e7, _cost("flash_bytes")),
)
"""100 M MACs is the budget of arXiv 2504.09685; 1 MB of arena and 10 MB of flash exceed the boards in hw/."""


def eligible(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that were trained, are costed and break no budget."""
    return [
        c
        for c in candidates
        if c.status == "trained" and c.accuracy is not None and c.estimate is not None and not c.estimate.violations
    ]


def losses(candidates: Sequence[Candidate]) -> np.ndarray:
    """(N, 4), all to be minimised, exact: for telling who dominates whom."""
    signs = [-1.0 if metric.better == "higher" else 1.0 for metric in METRICS]
    return np.array([[s * m.value(c) for s, m in zip(signs, METRICS, strict=True)] for c in candidates])


def pareto_front(candidates: Sequence[Candidate]) -> Front:
    """The candidates that no other one beats in everything, the hypervolume they cover, and its history by round."""
    able = eligible(candidates)
    if not able:
        return Front(members=(), hypervolume=0.0, history=())
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    first = NonDominatedSorting().do(losses(able), only_non_dominated_front=True)
    members = sorted((able[i] for i in first), key=lambda c: (-_accuracy(c), *_costs(c), c.id))
    rounds = range(min(c.round for c in candidates), max(c.round for c in candidates) + 1)
    history = tuple(hypervolume([c for c in able if c.round <= last]) for last in rounds)
    return Front(members=tuple(c.id for c in members), hypervolume=history[-1], history=history)


def _costs(candidate: Candidate) -> tuple[float, ...]:
    return tuple(metric.value(candidate) for metric in METRICS[1:])


def hypervolume(candidates: Sequence[Candidate]) -> float:
    """Share (0..1) of the normalised space of METRICS that is dominated by eligible candidates; reference point 1."""
    able = eligible(candidates)
    if not able:
        return 0.0
    from pymoo.indicators.hv import HV

    points = np.array([[metric.loss(c) for metric in METRICS] for c in able])
    return round(float(HV(ref_point=np.ones(len(METRICS)))(points)), 6)


def rounds_stuck(history: Sequence[float]) -> int:
    """How many of the latest rounds in a row brought the hypervolume less than 0.1 %."""
    stuck = 0
    for before, after in reversed(list(pairwise(history))):
        if after > before * 1.001:
            break
        stuck += 1
    return stuck


WITHIN = 0.01
"""Accuracies that differ by less than a point are not told apart by validation parts of a few hundred samples."""
_ENOUGH = 0.05


def choose(candidates: Sequence[Candidate], front: Front, preference: Preference = "accurate") -> tuple[str, str]:
    """The id of the front's member to train in full, and the reason in a sentence.

    `accurate`: the most accurate, but the smallest within a point of it; `small` and `fast`: the smallest, or that with
    the fewest MACs, within five points. Raises Fixable when the front is empty.
    """
    members = [c for c in candidates if c.id in front.members and c in eligible(candidates)]
    if not members:
        raise Fixable("no candidate was trained within the budgets: propose smaller networks")
    best = max(members, key=lambda c: (_accuracy(c), -_size(c)))
    room = WITHIN if preference == "accurate" else _ENOUGH
    near = [c for c in members if _accuracy(c) >= _accuracy(best) - room - 1e-9]
    measure = METRICS[1].value if preference == "fast" else _size
    chosen = min(near, key=lambda c: (measure(c), -_accuracy(c), c.id))
    if chosen.id == best.id:
        return chosen.id, f"most accurate on the validation part ({_accuracy(best):.3f}), {_figures(chosen)}"
    what = {"accurate": "smaller", "small": "smallest", "fast": "fastest"}[preference]
    return chosen.id, (
        f"{what} than {best.id} and within {100 * room:.0f} point{'s' * (room > WITHIN)} of its accuracy "
        f"({_accuracy(chosen):.3f} against {_accuracy(best):.3f}), {_figures(chosen)}"
        if preference == "accurate"
        else f"{what} within {100 * room:.0f} points of the best accuracy "
        f"({_accuracy(chosen):.3f} against {_accuracy(best):.3f} of {best.id}), {_figures(chosen)}"
    )


def _size(candidate: Candidate) -> float:
    """Mean loss of the costs: one number for how large a network is."""
    return sum(metric.loss(candidate) for metric in METRICS[1:]) / len(METRICS[1:])


def _figures(candidate: Candidate) -> str:
    macs, arena, flash = _costs(candidate)
    return f"{_amount(macs).strip()} MACs, {_amount(arena)}B arena, {_amount(flash)}B flash"


def _amount(value: float) -> str:
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.0f} "


def parents(candidates: Sequence[Candidate], front: Front, most: int = 4) -> dict[str, Candidate]:
    """The networks that the architect may change, by letter: members of the front, evenly spread from the most accurate
    to the smallest."""
    by_id = {c.id: c for c in candidates}
    members = [by_id[name] for name in front.members]
    count = min(most, len(members))
    places = [round(i * (len(members) - 1) / max(count - 1, 1)) for i in range(count)]
    return dict(zip(LETTERS, (members[place] for place in places), strict=False))


def feedback(
    candidates: Sequence[Candidate], front: Front, budgets: Budgets, shown: Mapping[str, Candidate], most: int = 1
) -> str:
    """What the architect is told before it proposes again: `shown` networks of the front, what failed and why, and
    what is missing; at most `most` of each, the latest first. Every token is read anew in each round: it is short."""
    by_id = {c.id: c for c in candidates}
    members = [by_id[name] for name in front.members]
    lines = [f"Best so far, in %: accuracy, {_units(budgets)}" if members else "No network was trained yet."]
    for letter, c in shown.items():
        lines.append(f"{letter} {100 * _accuracy(c):.0f} {_costs_told(c, budgets)}: {compact(c.architecture)}")
    failed = [c for c in reversed(candidates) if c.status in ("rejected", "failed")]
    lines += [f"Not usable: {compact(c.architecture)} ({_why(c)})" for c in failed[:most]]
    flagged = [c for c in reversed(candidates) if c.flags and c.author == "llm"]
    lines += [f"Not true of {compact(c.architecture)}: {c.flags[0]}" for c in flagged[:most]]
    return "\n".join(lines + [f"Missing: {text}" for text in _missing(members, eligible(candidates), budgets)[:most]])


def _limits(budgets: Budgets) -> tuple[tuple[str, int | None], ...]:
    return ("MACs", budgets.macs), ("arena", budgets.arena_bytes), ("flash", budgets.flash_bytes)


def _units(budgets: Budgets) -> str:
    return ", ".join(name if limit else f"{name} (absolute)" for name, limit in _limits(budgets))


def _costs_told(candidate: Candidate, budgets: Budgets) -> str:
    """Each cost by its share of the budget, where there is one: that is what limits the next network."""
    told = zip(_costs(candidate), _limits(budgets), strict=True)
    return " ".join(f"{100 * value / limit:.0f}" if limit else _amount(value).strip() for value, (_, limit) in told)


def _why(candidate: Candidate) -> str:
    violations = candidate.estimate.violations if candidate.estimate else ()
    return (candidate.reason or "; ".join(violations) or candidate.status)[:200]


def _missing(members: Sequence[Candidate], able: Sequence[Candidate], budgets: Budgets) -> list[str]:
    if not members:
        return ["a network that fits the budgets: fewer channels, larger stride, or dsconv instead of conv"]
    out = []
    best = members[0]
    used = _shares(best, budgets)
    if used and _accuracy(best) < 0.995:
        name, share = max(used.items(), key=lambda item: item[1])
        if share < 0.5:
            out.append(
                f"higher accuracy than {_accuracy(best):.3f}: {best.id} uses only {share:.0%} of {name}; go wider"
            )
    if len(members) == 1:
        out.append(f"a cheaper network that is nearly as accurate as {best.id}: half the channels, or stride 2 earlier")
    macs = sorted(METRICS[1].value(c) for c in members)
    gap = max(pairwise(macs), key=lambda pair: pair[1] / max(pair[0], 1.0), default=(1.0, 1.0))
    if gap[1] > 4 * max(gap[0], 1.0):
        out.append(f"networks between {_amount(gap[0]).strip()} and {_amount(gap[1]).strip()} MACs")
    tried = {stage.block for c in able for stage in c.architecture.stages}
    if best.architecture.form != "mlp" and (untried := [b for b in ("conv", "dsconv", "mbconv") if b not in tried]):
        out.append(f"not tried yet: {', '.join(untried)}")
    return out


def _shares(candidate: Candidate, budgets: Budgets) -> dict[str, float]:
    """How much of each given budget a candidate uses."""
    limits = budgets.model_dump()
    return {
        name: float(getattr(candidate.estimate, name)) / limit
        for name in ("macs", "arena_bytes", "ram_bytes", "flash_bytes")
        if (limit := limits[name])
    }


def plot(front: Front, candidates: Sequence[Candidate]) -> str:
    """The front as inline SVG: accuracy over MACs (logarithmic), area by arena, members filled and joined."""
    points = [
        Point(
            x=max(METRICS[1].value(c), 1.0),
            y=_accuracy(c),
            area=METRICS[2].value(c),
            label=c.id,
            text=f"{c.id}: accuracy {_accuracy(c):.3f}, {_figures(c)}",
            on_front=c.id in front.members,
        )
        for c in eligible(candidates)
    ]
    return draw(points)
