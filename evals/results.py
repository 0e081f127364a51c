"""What an evaluation leaves: results.json, and the suite's section of evals/RESULTS.md, replaced in place."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.finding import Finding, markdown
from evals.harness import Sample, Suite
from evals.summary import Summary, summarise, table
from evals.version import versions
from tools.artifacts import Artifact
from tools.store import write_json, write_text

RESULTS = Path(__file__).parent / "RESULTS.md"
_HEAD = "# Results of the evaluations\n\nWritten by `tinysmith eval SUITE --record`, a section for each suite.\n"


class Results(Artifact):
    """results.json."""

    suite: str
    date: str
    """UTC."""
    runs: int
    settings: dict[str, Any]
    """Free of machine names and paths."""
    scorers: tuple[str, ...]
    versions: dict[str, str]
    code: tuple[str, ...]
    """Fingerprints of the programs that made the samples: more than one means mixed versions."""
    complete: bool
    """All cases of the suite, not a choice of them."""
    summary: Summary
    findings: tuple[Finding, ...] = ()
    samples: tuple[Sample, ...]


def make_results(
    suite: Suite, samples: Sequence[Sample], runs: int, settings: Mapping[str, Any], complete: bool
) -> Results:
    """Figures and provenance of the samples."""
    return Results(
        suite=suite.name,
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        runs=runs,
        settings=dict(settings),
        scorers=tuple(scorer.id for scorer in suite.scorers),
        versions=versions(),
        code=tuple(dict.fromkeys(sample.code for sample in samples if sample.code)),
        complete=complete,
        summary=summarise(samples),
        findings=tuple(suite.findings(samples)),
        samples=tuple(samples),
    )


def write_results(results: Results, folder: Path) -> Path:
    """results.json in `folder`."""
    return write_json(folder / "results.json", results)


def facts(results: Results) -> list[tuple[str, str]]:
    """What the figures hold for: settings, scorers and versions, as words."""
    settings = [
        (name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in results.settings.items()
    ]
    tools = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    runs = [("runs of each case", str(results.runs))]
    code = ", ".join(results.code) + (" (mixed: run again to have one)" if len(results.code) > 1 else "")
    return [*runs, *settings, ("scorers", ", ".join(results.scorers)), ("versions", tools), ("program", code or "–")]


def section(suite: Suite, results: Results) -> str:
    """The suite's part of RESULTS.md, markers included."""
    titles, rows = table(results.summary, suite.columns)
    lines = [f"<!-- {suite.name}: begin -->", f"## {suite.name}", "", f"{suite.title}.", ""]
    lines += [_row(titles), "|" + "---|" * len(titles), *(_row(row) for row in rows), ""]
    for finding in results.findings:
        lines += markdown(finding)
    missed = [s for s in results.samples if s.failure and not s.evidence.excluded]
    if missed:
        lines += ["Not passed:", ""]
        lines += [
            f"- {s.failure}: {_plain(s.case)}{f' ({_plain(note)})' if (note := _note(s)) else ''}"
            for s in missed[:_MOST]
        ]
        lines += [f"- … and {len(missed) - _MOST} more"] if len(missed) > _MOST else []
        lines.append("")
    lines += _excluded(results)
    lines += [f"{results.date}; " + "; ".join(f"{name}: {value}" for name, value in facts(results)) + ".", ""]
    return "\n".join([*lines, f"<!-- {suite.name}: end -->", ""])


def _excluded(results: Results) -> list[str]:
    reasons = Counter(s.evidence.excluded for s in results.samples if s.evidence.excluded)
    told = [f"- {count}: {_plain(reason)}" for reason, count in reasons.most_common()]
    return ["Not counted, with the reason:", "", *told, ""] if told else []


_MOST = 20


def _note(sample: Sample) -> str:
    notes = [score.note for score in sample.scores.values() if not score.passed and score.note]
    return " ".join((notes[0] if notes else str(sample.evidence.facts.get("error", ""))).split())[:160]


def _plain(text: str) -> str:
    """Text that neither breaks a table nor is taken for markup."""
    return re.sub(r"([|<>*_`\[\]\\])", r"\\\1", text)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def record(suite: Suite, results: Results, path: Path) -> None:
    """Put the section of this suite into RESULTS.md: in place of the one that is there, else at the end."""
    old = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    new = section(suite, results)
    block = re.compile(
        rf"<!-- {re.escape(suite.name)}: begin -->.*?<!-- {re.escape(suite.name)}: end -->\n?", re.DOTALL
    )
    text = block.sub(lambda _: new, old, count=1) if block.search(old) else f"{old.rstrip()}\n\n{new}"
    write_text(path, text)
