"""`tinysmith eval SUITE`: run an evaluation suite, show its table, and leave results on disk."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evals.finding import Finding
    from evals.harness import Suite
    from evals.results import Results

_MOST = 20
"""Failed samples named on the terminal; the page has them all."""

SuiteName = Annotated[str, typer.Argument(metavar="SUITE", help="Which suite; an unknown one is answered by the list.")]
Only = Annotated[
    list[str] | None, typer.Option(help="Only this case, or those that begin so: NAME or NAME*. Repeatable.")
]


def eval_command(
    suite: SuiteName,
    runs: Annotated[int, typer.Option(help="Samples of each case.")] = 1,
    only: Only = None,
    split: Annotated[str, typer.Option(help="Half of the cases: develop, test; or all.")] = "all",
    out: Annotated[Path | None, typer.Option(help="Folder of the results; default runs/eval/SUITE.")] = None,
    profile: Annotated[str, typer.Option(help="Language models: local, ollama, openai, hybrid.")] = "local",
    model: Annotated[list[str] | None, typer.Option("--model", help="ROLE=PROVIDER:NAME.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Write the suite's section of evals/RESULTS.md.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, progress on stderr.")] = False,
) -> None:
    """Evaluate: run the cases of a suite, as often as asked, and go on where an earlier call stopped."""
    from cli.drive import print_json, shown
    from cli.render import out as console
    from cli.render import progress
    from evals.evaluation import Options, evaluate_suite

    options = Options(runs=runs, only=tuple(only or ()), split=split, profile=profile, models=tuple(model or ()))
    folder = (out or Path("runs") / "eval" / os.path.basename(suite)).resolve()
    with progress(json):
        chosen, results = evaluate_suite(suite, options, folder, record)
    if json:
        print_json({"out": str(folder), **results.model_dump(mode="json")})
        return
    show_summary(chosen, results)
    console.print(f"{shown(folder / 'results.html')}  {shown(folder / 'results.json')}", markup=False, highlight=False)


def show_summary(suite: "Suite", results: "Results") -> None:
    """The figures as a table, and what did not pass."""
    from rich.markup import escape
    from rich.table import Table

    from cli.render import out as console
    from evals.summary import table

    titles, rows = table(results.summary, suite.columns)
    shown = Table(title=escape(suite.title), title_justify="left")
    for number, title in enumerate(titles):
        shown.add_column(title, justify="right" if number else "left")
    for number, row in enumerate(rows):
        shown.add_row(*map(escape, row), end_section=number == len(rows) - 2)
    console.print(shown)
    for finding in results.findings:
        _show_finding(finding)
    for sample in [s for s in results.samples if not s.passed and not s.evidence.excluded][:_MOST]:
        console.print(f"{sample.failure}: {sample.case}", markup=False, highlight=False)


def _show_finding(finding: "Finding") -> None:
    """A finding's table and sentences."""
    from rich.markup import escape
    from rich.table import Table

    from cli.render import out as console

    shown = Table(title=escape(finding.title), title_justify="left")
    for number, title in enumerate(finding.columns):
        shown.add_column(escape(title), justify="right" if number else "left")
    for row in finding.rows:
        shown.add_row(*map(escape, row))
    if finding.rows:
        console.print(shown)
    for sentence in finding.sentences:
        console.print(sentence, markup=False, highlight=False)
