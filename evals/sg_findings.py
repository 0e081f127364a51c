"""What the samples of `sg` and its like say by half: what works, what was asked, what was misunderstood silently."""

from collections.abc import Sequence
from statistics import mean, median

from evals.finding import Finding
from evals.harness import SPLITS, Sample, in_split
from evals.sg_rig import RIGHT, SILENT
from evals.summary import wilson

_COLUMNS = (
    "half", "samples", "right", "95 %", "silent misunderstanding", "asked though it can be done", "no firmware at all",
    "of these: does not compile", "tokens, mean", "seconds, median",
)  # fmt: skip


def findings(samples: Sequence[Sample]) -> list[Finding]:
    """A table by half, and who wrote what was accepted."""
    counted = [sample for sample in samples if "outcome" in sample.evidence.facts]
    if not counted:
        return []
    halves = [(half, [s for s in counted if in_split(s.case, half)]) for half in SPLITS]
    rows = tuple(_row(half, part) for half, part in halves if part)
    return [Finding(title="By half", columns=_COLUMNS, rows=rows, sentences=tuple(_authors(counted)))]


def _row(half: str, samples: Sequence[Sample]) -> tuple[str, ...]:
    outcomes = [str(s.evidence.facts["outcome"]) for s in samples]
    right, low, high = sum(o in RIGHT for o in outcomes), *wilson(sum(o in RIGHT for o in outcomes), len(outcomes))
    silent = sum(o in SILENT for o in outcomes)
    none = sum(o in ("gave_up", "compile_failed", "crash") for o in outcomes)
    return (
        half,
        str(len(samples)),
        f"{right} ({right / len(samples):.2f})",
        f"{low:.2f} – {high:.2f}",
        f"{silent} ({silent / len(samples):.2f})",
        str(sum(o.startswith("refused_") and o not in RIGHT for o in outcomes)),
        str(none),
        str(outcomes.count("compile_failed")),
        f"{mean(s.evidence.tokens for s in samples):,.0f}",
        f"{median(s.evidence.seconds for s in samples):.0f}",
    )


def _authors(samples: Sequence[Sample]) -> list[str]:
    made = [s for s in samples if s.evidence.facts.get("compiled")]
    if not made:
        return []
    drafted = sum(s.evidence.facts.get("author") == "drafted" for s in made)
    lines, total = sum(s.evidence.model_lines for s in made), sum(s.evidence.total_lines for s in made)
    share = f", {100 * lines / total:.1f} % of all lines" if total else ""
    return [
        f"Of {len(made)} firmwares {drafted} have an onResult that the model drafted ({lines} lines{share}), "
        f"{len(made) - drafted} the one that the rules generate."
    ]
