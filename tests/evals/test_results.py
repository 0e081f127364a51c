"""Figures of an evaluation and what it leaves: intervals against known numbers, page, RESULTS.md and command."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from evals import evaluation, suites
from evals.evaluation import Options, evaluate_suite
from evals.finding import Finding, curve
from evals.harness import Case, Context, Evidence, Sample, Score, Scorer, Suite
from evals.page import write_page
from evals.results import make_results, record
from evals.summary import percent, summarise, table, wilson
from tools.errors import BadInput

CASES = tuple(Case(id=f"a<b & {n}", group="one" if n < 3 else "two|x") for n in range(5))


def run(case: Case, context: Context) -> Evidence:
    n = int(case.id[-1])
    excluded = "says nothing" if n == 4 else ""
    return Evidence(
        facts={"n": n}, tokens=100 * n, tries=n, model_lines=n, total_lines=10, seconds=2, excluded=excluded
    )


def score(case: Case, evidence: Evidence) -> Score:
    return Score(passed=evidence.facts["n"] != 1, failure="one <script>", note="saw <1>")


SUITE = Suite(
    "bench",
    "What a bench <can> do",
    lambda: CASES,
    run,
    (Scorer("not one", 1, score),),
    ("passed", "rate", "interval", "excluded", "tokens", "seconds", "tries", "share", "failures"),
    uses_models=False,
)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """`bench` is a suite that can be asked for by name; the path is where its RESULTS.md is."""
    monkeypatch.setattr(evaluation, "suite_named", lambda name: SUITE if name == "bench" else suites.suite(name))
    path = tmp_path / "RESULTS.md"
    monkeypatch.setattr(evaluation, "RESULTS", path)
    return path


# Known values: R. G. Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3.
@pytest.mark.parametrize(
    ("passed", "samples", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(passed: int, samples: int, low: float, high: float) -> None:
    assert wilson(passed, samples) == pytest.approx((low, high), abs=5e-5)


def test_wilson_refuses_what_is_no_rate() -> None:
    assert wilson(7, 7)[1] == 1.0
    for passed, samples in ((1, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="no rate"):
            wilson(passed, samples)


def samples_of(tmp_path: Path) -> list[Sample]:
    from evals.harness import evaluate

    return evaluate(SUITE, CASES, 1, {}, tmp_path / "samples")


def test_the_summary_counts_what_counts(tmp_path: Path) -> None:
    summary = summarise(samples_of(tmp_path))
    one, two = summary.groups
    assert (one.name, one.samples, one.passed, one.failures) == ("one", 3, 2, {"one <script>": 1})
    assert (two.samples, two.excluded, two.rate) == (1, 1, 1.0)
    assert (summary.total.samples, summary.total.passed) == (4, 3)
    assert (one.tokens_mean, one.tokens_median, one.tries_mean, one.seconds_mean) == (100, 100, 1, 2)
    assert summary.total.model_share == pytest.approx(6 / 40)
    titles, rows = table(summary, ("passed", "rate"))
    assert titles == ["", "passed", "rate"]
    assert rows == [["one", "2 of 3", "66.7 %"], ["two|x", "1 of 1", "100 %"], ["all", "3 of 4", "75.0 %"]]


def test_a_rate_short_of_one_is_never_shown_as_a_hundred() -> None:
    assert [percent(v) for v in (1.0, 0.99999, 0.5, None)] == ["100 %", "99.9 %", "50.0 %", "–"]


class _Page(HTMLParser):
    """Tags that were opened and closed in order, and every address that the page would fetch."""

    VOID = ("meta", "link", "br", "img", "hr", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [
            value or "" for name, value in attrs if name in ("src", "href") and not str(value).startswith("#")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_well_formed_fetches_nothing_and_shows_names_as_they_are(tmp_path: Path) -> None:
    made = make_results(SUITE, samples_of(tmp_path), 1, {"seed": 3}, complete=True)
    page = _Page()
    page.feed(write_page(SUITE, made, tmp_path).read_text())
    assert page.open == []
    assert page.fetched == []
    for shown in ("a<b & 1", "one <script>", "saw <1>", "What a bench <can> do", "2 of 3", "says nothing", "seed"):
        assert shown in page.text


def test_results_md_is_replaced_in_place_and_other_sections_stay(bench: Path, tmp_path: Path) -> None:
    made = make_results(SUITE, samples_of(tmp_path), 1, {"seed": 3}, complete=True)
    other = Suite("other", "Another", lambda: CASES, run, ())
    for suite in (SUITE, other, SUITE):
        record(suite, made.model_copy(update={"suite": suite.name}), bench)
    text = bench.read_text()
    assert text.index("<!-- bench: begin -->") < text.index("<!-- bench: end -->") < text.index("<!-- other: begin -->")
    assert text.count("## bench") == text.count("## other") == 1
    assert "| one | 2 of 3 | 66.7 % |" in text
    assert "two\\|x" in text
    assert "seed: 3" in text
    assert "python 3." in text
    record(SUITE, made.model_copy(update={"date": "2001-01-01"}), bench)
    assert bench.read_text() == text.replace(f"\n{made.date};", "\n2001-01-01;", 1)


def test_an_evaluation_leaves_its_files_and_the_second_one_runs_nothing(bench: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _, first = evaluate_suite("bench", Options(), folder)
    assert json.loads((folder / "results.json").read_text())["summary"]["total"]["passed"] == 3
    assert (folder / "results.html").exists()
    lines = (folder / "samples.jsonl").read_text()
    _, second = evaluate_suite("bench", Options(), folder)
    assert (folder / "samples.jsonl").read_text() == lines
    assert first.samples == second.samples
    assert first.complete
    assert len(first.code) == 1
    assert not evaluate_suite("bench", Options(only=(CASES[0].id,)), folder)[1].complete


def test_only_a_whole_suite_is_recorded(bench: Path, tmp_path: Path) -> None:
    for options in (Options(only=(CASES[0].id,)), Options(split="test")):
        with pytest.raises(BadInput, match="whole suite"):
            evaluate_suite("bench", options, tmp_path / "out", recorded=True)
    assert not bench.exists()
    evaluate_suite("bench", Options(), tmp_path / "out", recorded=True)
    assert str(tmp_path) not in bench.read_text()


def test_the_command_shows_a_table_or_one_json_object(bench: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    shown = CliRunner().invoke(app, ["eval", "bench", "--out", out])
    assert shown.exit_code == 0
    assert "one <script>: a<b & 1" in shown.output
    answer = CliRunner().invoke(app, ["eval", "bench", "--out", out, "--json"])
    found = json.loads(answer.stdout)
    assert (found["suite"], found["summary"]["total"]["samples"], len(found["samples"])) == ("bench", 4, 5)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["nothing"], "unknown suite 'nothing': choose one of .*verify"),
        (["bench", "--only", "x"], "no case 'x'"),
        (["bench", "--split", "half"], "unknown split 'half'"),
        (["bench", "--runs", "0"], "--runs must be at least 1"),
        (["bench", "--profile", "best"], "unknown profile 'best'"),
        (["bench", "--model", "planner"], "not ROLE=PROVIDER:NAME"),
    ],
)
def test_a_wrong_flag_is_told(bench: Path, tmp_path: Path, options: list[str], says: str) -> None:
    result = CliRunner().invoke(app, ["eval", *options, "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, BadInput)
    with pytest.raises(BadInput, match=says):
        raise result.exception


def test_findings_are_on_the_page_in_the_section_and_in_the_file(bench: Path, tmp_path: Path) -> None:
    finding = Finding(
        title="what <they> say",
        columns=("who", "n"),
        rows=(("a|b", "7"),),
        sentences=("Seven of them.",),
        curves=(curve("first", [[0.1, 0.2], [0.3, 0.4]]),),
        axes=("steps", "height"),
    )
    suite = replace(SUITE, findings=lambda samples: [finding] if len(samples) == 5 else [])
    made = make_results(suite, samples_of(tmp_path), 1, {}, complete=True)
    assert made.findings == (finding,)
    page = _Page()
    page.feed(write_page(suite, made, tmp_path).read_text())
    assert page.open == []
    for shown in ("what <they> say", "a|b", "Seven of them.", "first"):
        assert shown in page.text
    record(suite, made, bench)
    text = bench.read_text()
    assert text.index("**what <they> say**") < text.index("| a\\|b | 7 |") < text.index("- Seven of them.")
