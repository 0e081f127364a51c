"""Figures of an evaluated suite: rates with intervals, costs and failures, per group and in all."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median

from evals.harness import Sample
from tools.artifacts import Artifact

_Z95 = 1.959963984540054
"""Quantile of the standard normal distribution at 0.975."""
TOTAL = "all"


class Group(Artifact):
    """Figures of the samples of one group."""

    name: str
    samples: int
    """Counted ones."""
    excluded: int
    cases: int
    passed: int
    rate: float | None
    low: float | None
    high: float | None
    """Wilson 95 % interval of the rate; None without samples."""
    tokens_mean: float
    tokens_median: float
    seconds_mean: float
    seconds_median: float
    tries_mean: float
    model_share: float | None
    """Lines that a language model wrote, of all lines; None where nothing was written."""
    failures: dict[str, int]


class Summary(Artifact):
    """Groups in the order of their names, and all samples together."""

    groups: tuple[Group, ...]
    total: Group


def wilson(passed: int, samples: int) -> tuple[float, float]:
    """95 % confidence interval (low, high) of a rate, 0..1.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209; as in A. Agresti and
    B. A. Coull, The American Statistician 52 (1998) 119: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    It treats samples as independent: several runs of few cases say less than it shows.
    """
    if not 0 <= passed <= samples or samples == 0:
        raise ValueError(f"{passed} of {samples} is no rate")
    p, square = passed / samples, _Z95**2 / samples
    centre = p + square / 2
    spread = _Z95 * math.sqrt(p * (1 - p) / samples + square / (4 * samples))
    return max(0.0, (centre - spread) / (1 + square)), min(1.0, (centre + spread) / (1 + square))


def summarise(samples: Sequence[Sample]) -> Summary:
    """The figures of all samples; a case without a group counts in the total only."""
    names = sorted({sample.group for sample in samples if sample.group})
    groups = tuple(_group(name, [s for s in samples if s.group == name]) for name in names)
    return Summary(groups=groups, total=_group(TOTAL, samples))


def _group(name: str, samples: Sequence[Sample]) -> Group:
    counted = [s for s in samples if not s.evidence.excluded]
    passed = sum(s.passed for s in counted)
    low, high = wilson(passed, len(counted)) if counted else (None, None)
    lines = sum(s.evidence.total_lines for s in counted)
    tokens = [s.evidence.tokens for s in counted] or [0]
    seconds = [s.evidence.seconds for s in counted] or [0.0]
    return Group(
        name=name,
        samples=len(counted),
        excluded=len(samples) - len(counted),
        cases=len({s.case for s in counted}),
        passed=passed,
        rate=passed / len(counted) if counted else None,
        low=low,
        high=high,
        tokens_mean=mean(tokens),
        tokens_median=median(tokens),
        seconds_mean=mean(seconds),
        seconds_median=median(seconds),
        tries_mean=mean([s.evidence.tries for s in counted] or [0]),
        model_share=sum(s.evidence.model_lines for s in counted) / lines if lines else None,
        failures=dict(Counter(s.failure for s in counted if s.failure).most_common()),
    )


# --- columns ----------------------------------------------------------------------------------------


def percent(value: float | None) -> str:
    """0.9731 -> 97.3 %; what is not exactly none or all is never shown as 0 or 100."""
    if value is None:
        return "–"
    if value in (0, 1):
        return f"{100 * value:.0f} %"
    return f"{min(max(100 * value, 0.1), 99.9):.1f} %"


def _interval(group: Group) -> str:
    return "–" if group.low is None or group.high is None else f"{100 * group.low:.1f} – {100 * group.high:.1f} %"


COLUMNS: Mapping[str, tuple[str, Callable[[Group], str]]] = {
    "rate": ("rate", lambda g: percent(g.rate)),
    "interval": ("95 % interval", _interval),
    "passed": ("passed", lambda g: f"{g.passed} of {g.samples}"),
    "excluded": ("not counted", lambda g: str(g.excluded)),
    "tokens": ("tokens, mean (median)", lambda g: f"{g.tokens_mean:,.0f} ({g.tokens_median:,.0f})"),
    "seconds": ("seconds, mean (median)", lambda g: f"{g.seconds_mean:.1f} ({g.seconds_median:.1f})"),
    "tries": ("tries, mean", lambda g: f"{g.tries_mean:.1f}"),
    "share": ("lines by the model", lambda g: percent(g.model_share)),
    "failures": ("failures", lambda g: ", ".join(f"{name} {n}" for name, n in g.failures.items()) or "–"),
}
"""Title and text of what a table can show."""


def table(summary: Summary, columns: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """(titles, rows) of the groups and, where there is more than one, of all; the same for every way to show it."""
    groups = [*summary.groups, summary.total] if len(summary.groups) != 1 else list(summary.groups)
    titles = ["", *(COLUMNS[name][0] for name in columns)]
    return titles, [[group.name, *(COLUMNS[name][1](group) for name in columns)] for group in groups]
