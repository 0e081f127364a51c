"""results.html of an evaluation: one self-contained page, in the style of a run's report."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import tools
from evals.finding_chart import chart
from evals.harness import Sample, Suite
from evals.results import Results, facts
from evals.summary import Group, percent, table
from tools.report_parts import Tile, seconds
from tools.store import write_text
from tools.svg import canvas, line, rect, text

PAGE = "results.html"
_HERE = Path(__file__).parent / "templates"
_REPORT = Path(tools.__file__).parent / "templates"
_ROW, _LABEL, _BAR = 24.0, 220.0, 420.0

_templates = Environment(
    loader=FileSystemLoader([_HERE, _REPORT]),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_page(suite: Suite, results: Results, folder: Path) -> Path:
    """Write results.html into `folder`."""
    titles, rows = table(results.summary, suite.columns)
    counted = [s for s in results.samples if not s.evidence.excluded]
    parts = [
        _part("failed", "Not passed", [s for s in counted if not s.passed]),
        _part("passed", "Passed", [s for s in counted if s.passed]),
        _part("excluded", "Not counted", [s for s in results.samples if s.evidence.excluded]),
    ]
    html = _templates.get_template("results.html.jinja").render(
        suite=suite,
        results=results,
        tiles=_tiles(results.summary.total),
        chart=rates(results.summary.groups) if results.summary.groups else None,
        findings=[(finding, chart(finding)) for finding in results.findings],
        titles=titles,
        rows=rows,
        parts=[part for part in parts if part["samples"]],
        facts=facts(results),
    )
    return write_text(folder / PAGE, html)


def _part(id_: str, title: str, samples: list[Sample]) -> dict[str, object]:
    return {"id": id_, "title": f"{title}: {len(samples)}", "samples": samples}


def _tiles(total: Group) -> list[Tile]:
    interval = f"95 %: {percent(total.low)} to {percent(total.high)}" if total.low is not None else "no samples"
    found = [
        Tile("passed", f"{total.passed} of {total.samples}", f"{total.cases} cases", "results.json"),
        Tile("rate", percent(total.rate), interval, "results.json"),
        Tile("time", seconds(total.seconds_median), "median of a sample", "results.json"),
    ]
    if total.tokens_mean:
        found.append(Tile("tokens", f"{total.tokens_median:,.0f}", "median of a sample", "results.json"))
    return found


def rates(groups: tuple[Group, ...]) -> Markup:
    """A bar for each group's rate, with its interval as a whisker."""
    parts: list[Markup] = []
    shown = [g for g in groups if g.rate is not None and g.low is not None and g.high is not None]
    for i, group in enumerate(shown):
        assert group.rate is not None
        assert group.low is not None
        assert group.high is not None
        y = i * _ROW
        tip = f"{group.name}: {group.passed} of {group.samples}, {percent(group.low)} to {percent(group.high)}"
        low, high = _LABEL + _BAR * group.low, _LABEL + _BAR * group.high
        parts += [
            text(_LABEL - 8, y + 16, group.name, "label", "end"),
            rect(_LABEL, y + 4, _BAR * group.rate, _ROW - 8, "rate", tip, fill="var(--c6)"),
            line(low, y + _ROW / 2, high, y + _ROW / 2, "whisker", tip),
            text(_LABEL + _BAR + 10, y + 16, percent(group.rate), "label"),
        ]
    styled = Markup("<style>.whisker{{stroke:var(--ink);stroke-width:1.5}}</style>").format()
    return canvas(_LABEL + _BAR + 80, len(shown) * _ROW, "rate of each group", styled, *parts)
