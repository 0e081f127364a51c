"""What a suite has to say beyond rates: tables, sentences and curves over samples, shown wherever results are."""

import math
from collections.abc import Sequence
from statistics import mean, stdev

from tools.artifacts import Artifact


class Curve(Artifact):
    """Mean of several runs at each step, and its 95 % interval."""

    name: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Finding(Artifact):
    """One part of what was found; anything may be empty."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    sentences: tuple[str, ...] = ()
    curves: tuple[Curve, ...] = ()
    axes: tuple[str, str] = ("", "")
    """Words for x and y of the curves."""


class Interval(Artifact):
    """A mean with its 95 % confidence interval; both ends are the mean where there is a single value."""

    mean: float
    low: float
    high: float
    count: int

    def shown(self, digits: int = 4) -> str:
        """`0.5123 (0.5011 – 0.5235)`."""
        return f"{self.mean:.{digits}f} ({self.low:.{digits}f} – {self.high:.{digits}f})"


def interval(values: Sequence[float]) -> Interval:
    """Mean and Student's t interval: mean ± t(0.975, n - 1) s / sqrt(n). Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    centre = mean(values)
    if len(values) == 1:
        return Interval(mean=centre, low=centre, high=centre, count=1)
    from scipy.stats import t

    spread = float(t.ppf(0.975, len(values) - 1)) * stdev(values) / math.sqrt(len(values))
    return Interval(mean=centre, low=centre - spread, high=centre + spread, count=len(values))


def curve(name: str, runs: Sequence[Sequence[float]]) -> Curve:
    """The mean of `runs` at each step that all of them reached."""
    steps = [interval([run[i] for run in runs]) for i in range(min(map(len, runs), default=0))]
    return Curve(
        name=name,
        mean=tuple(round(s.mean, 6) for s in steps),
        low=tuple(round(s.low, 6) for s in steps),
        high=tuple(round(s.high, 6) for s in steps),
    )


def wilcoxon_p(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Two-sided p value of Wilcoxon's signed-rank test on paired values; None where fewer than two pairs differ.

    Exact for small samples without ties (scipy.stats.wilcoxon; Biometrics Bulletin 1 (1945) 80).
    """
    if sum(a != b for a, b in zip(ours, theirs, strict=True)) < 2:
        return None
    from scipy.stats import wilcoxon

    return float(wilcoxon(ours, theirs).pvalue)


def holm(values: Sequence[float | None]) -> list[float | None]:
    """p values adjusted for that there are several: Holm, Scandinavian Journal of Statistics 6 (1979) 65."""
    order = sorted((p, i) for i, p in enumerate(values) if p is not None)
    adjusted: list[float | None] = [None] * len(values)
    highest = 0.0
    for rank, (p, i) in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p))
        adjusted[i] = highest
    return adjusted


def p_text(p: float | None) -> str:
    """`0.031`, `< 0.001`, `–`."""
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def markdown(finding: Finding) -> list[str]:
    """Lines of RESULTS.md; curves are shown on the page only."""
    lines = [f"**{finding.title}**", ""]
    if finding.rows:
        lines += [_row(finding.columns), "|" + "---|" * len(finding.columns), *map(_row, finding.rows), ""]
    lines += [f"- {sentence}" for sentence in finding.sentences]
    return [*lines, ""] if finding.sentences else lines


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
