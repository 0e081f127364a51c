"""The harness with a suite that needs nothing: what is run, what is not run again, and how cases are chosen."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from evals.cases import read_cases
from evals.harness import (
    SAMPLES,
    Case,
    Context,
    Evidence,
    Score,
    Scorer,
    Suite,
    choose,
    evaluate,
    in_split,
    read_samples,
)
from tools.errors import BadInput, Fixable, Infeasible, Setup
from tools.progress import Event, listening

CASES = tuple(Case(id=f"case {n}", group="even" if n % 2 == 0 else "odd") for n in range(6))


class Bench:
    """A suite that counts how often each case was run; case 3 fails its scorer, what is in `errors` is raised."""

    def __init__(self, version: int = 1, jobs: int = 1) -> None:
        self.ran: Counter[str] = Counter()
        self.errors: dict[str, BaseException] = {}
        scorer = Scorer("small", version, self.score)
        self.suite = Suite("bench", "A bench", lambda: CASES, self.run, (scorer,), ("rate",), jobs=jobs)

    def run(self, case: Case, context: Context) -> Evidence:
        self.ran[case.id] += 1
        if case.id in self.errors:
            raise self.errors[case.id]
        return Evidence(facts={"number": int(case.id.split()[1]), "run": context.run}, tokens=10 * context.run)

    def score(self, case: Case, evidence: Evidence) -> Score:
        return Score(passed=evidence.facts.get("number") != 3, failure="three")

    def evaluate(self, folder: Path, runs: int = 1, cases: Sequence[Case] = CASES, **settings: object) -> list[str]:
        return [s.failure for s in evaluate(self.suite, cases, runs, settings, folder)]


def test_every_case_is_run_scored_and_written_with_the_scorers_version(tmp_path: Path) -> None:
    bench = Bench(version=4)
    assert bench.evaluate(tmp_path, runs=2) == ["", "", "", "", "", "", "three", "three", "", "", "", ""]
    samples = list(read_samples(tmp_path / SAMPLES).values())
    assert [(s.case, s.run) for s in samples][:3] == [("case 0", 1), ("case 0", 2), ("case 1", 1)]
    assert {tuple(s.scores) for s in samples} == {("small@4",)}
    assert samples[1].evidence.tokens == 20


def test_a_second_call_runs_nothing_and_says_the_same(tmp_path: Path) -> None:
    first, second = Bench(), Bench()
    assert first.evaluate(tmp_path) == second.evaluate(tmp_path)
    assert second.ran == Counter()


def test_more_runs_only_add(tmp_path: Path) -> None:
    bench = Bench()
    bench.evaluate(tmp_path)
    bench.evaluate(tmp_path, runs=3)
    assert bench.ran == Counter({case.id: 3 for case in CASES})


def test_a_new_scorer_version_other_settings_and_a_changed_case_run_again(tmp_path: Path) -> None:
    Bench().evaluate(tmp_path, model="a")
    for bench, settings in ((Bench(version=2), {"model": "a"}), (Bench(), {"model": "b"})):
        bench.evaluate(tmp_path, **settings)
        assert sum(bench.ran.values()) == len(CASES)
    changed = [case.model_copy(update={"group": "new"}) if case.id == "case 1" else case for case in CASES]
    bench = Bench()
    bench.evaluate(tmp_path, cases=changed, model="a")
    assert bench.ran == Counter({"case 1": 1})


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_ctrl_c_only_what_is_missing_is_run(tmp_path: Path, jobs: int) -> None:
    bench = Bench(jobs=jobs)
    bench.errors["case 4"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        bench.evaluate(tmp_path)
    kept = {s.case for s in read_samples(tmp_path / SAMPLES).values()}
    assert {"case 0", "case 1", "case 2"} <= kept
    assert "case 4" not in kept
    again = Bench(jobs=jobs)
    assert again.evaluate(tmp_path) == ["", "", "", "three", "", ""]
    assert set(again.ran) == {case.id for case in CASES} - kept


def test_a_line_that_was_cut_off_counts_as_not_there_and_spoils_no_other(tmp_path: Path) -> None:
    Bench().evaluate(tmp_path)
    path = tmp_path / SAMPLES
    path.write_bytes(path.read_bytes()[:-40])
    bench = Bench()
    bench.evaluate(tmp_path)
    assert bench.ran == Counter({"case 5": 1})
    assert len(read_samples(path)) == len(CASES)


def test_giving_up_and_infeasible_are_outcomes_but_a_missing_tool_ends_the_evaluation(tmp_path: Path) -> None:
    bench = Bench()
    bench.errors = {"case 0": Fixable("no draft worked"), "case 1": Infeasible("too large")}
    assert bench.evaluate(tmp_path)[:3] == ["gave up", "infeasible", ""]
    bench.errors = {"case 0": Setup("no compiler")}
    with pytest.raises(Setup, match="no compiler"):
        bench.evaluate(tmp_path / "other")


def test_in_parallel_each_worker_runs_one_sample_at_a_time(tmp_path: Path) -> None:
    import threading

    busy: set[int] = set()
    seen: set[int] = set()
    together = threading.Barrier(2, timeout=20)

    def run(case: Case, context: Context) -> Evidence:
        assert context.worker not in busy
        busy.add(context.worker)
        seen.add(context.worker)
        together.wait()  # passes only when two samples are in work
        busy.remove(context.worker)
        return Evidence()

    suite = Suite("bench", "A bench", lambda: CASES, run, (), jobs=2)
    assert all(s.passed for s in evaluate(suite, CASES, 1, {}, tmp_path))
    assert seen == {0, 1}


def test_the_splits_are_halves_and_never_move() -> None:
    ids = [f"case {n}" for n in range(400)]
    test, develop = ({i for i in ids if in_split(i, split)} for split in ("test", "develop"))
    assert test | develop == set(ids)
    assert not test & develop
    assert 150 < len(test) < 250
    # Written down, so that a change of the hash is noticed: it would move cases that were used for development.
    assert [i for i in ids[:12] if i in test] == TEST_OF_12
    with pytest.raises(BadInput, match="develop, test, all"):
        in_split("case 1", "train")


TEST_OF_12 = ["case 0", "case 1", "case 2", "case 3", "case 4", "case 5", "case 8", "case 10"]


def test_only_takes_names_and_beginnings_and_knows_what_there_is() -> None:
    assert [case.id for case in choose(CASES, ["case 4", "case 1"], "all")] == ["case 1", "case 4"]
    assert len(choose(CASES, ["case*"], "all")) == len(CASES)
    with pytest.raises(BadInput, match="no case 'case 9'; there are case 0, case 1"):
        choose(CASES, ["case 9"], "all")
    with pytest.raises(BadInput, match="two cases have the id 'case 0'"):
        choose([*CASES, CASES[0]], [], "all")


def test_runs_below_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--runs must be at least 1"):
        Bench().evaluate(tmp_path, runs=0)


def test_progress_counts_to_the_end_and_hides_the_samples_own_steps(tmp_path: Path) -> None:
    from tools.progress import report

    def run(case: Case, context: Context) -> Evidence:
        report("train", "epoch 1")
        return Evidence()

    events: list[Event] = []
    with listening(events.append):
        evaluate(Suite("bench", "A bench", lambda: CASES, run, ()), CASES, 1, {}, tmp_path)
    assert [(e.stage, e.done, e.total) for e in events] == [("eval", n, 6) for n in range(1, 7)]


# --- cases ------------------------------------------------------------------------------------------


def yaml_in(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "cases" / "bench"
    folder.mkdir(parents=True)
    (folder / "some.yaml").write_text(text)
    return folder.parent


def test_cases_are_read_in_order(tmp_path: Path) -> None:
    root = yaml_in(tmp_path, "- id: b\n  group: one\n- {id: a}\n")
    assert read_cases("bench", Case, root) == [Case(id="b", group="one"), Case(id="a")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {id: a, colour: red}", "some.yaml, case 'a': colour: Extra inputs"),
        ("- {group: one}", "some.yaml, case 1: id: Field required"),
        ("- {id: ' '}", "some.yaml, case ' ': id: String should match"),
        ("id: a", "some.yaml must hold a list"),
        ("- {id: a", "some.yaml is not YAML"),
        ("[]", "the suite 'bench' has no cases"),
    ],
)
def test_a_wrong_case_is_told_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_cases("bench", Case, yaml_in(tmp_path, text))
