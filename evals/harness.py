"""Run an evaluation suite sample by sample, resumable: a sample that is done is never done again.

A suite says how to load its cases, how to run one sample and how it is scored; everything else is here and shared.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from evals.finding import Finding
from tools.artifacts import Artifact
from tools.errors import BadInput, Fixable, Infeasible
from tools.progress import Event, listening, report
from tools.store import append_line, content_hash

SAMPLES = "samples.jsonl"
SPLITS = ("develop", "test", "all")
_TEST_SHARE = 0.5


class Case(Artifact):
    """What every case of every suite has; a suite adds its own keys."""

    id: str = Field(pattern=r"^\S(.*\S)?$")
    """Unique in its suite; decides the split."""
    group: str = ""
    """Row of the table that the case counts for."""


class Evidence(Artifact):
    """What one sample left, before it is judged."""

    facts: dict[str, Any] = Field(default_factory=dict)
    """Whatever the suite's scorers look at; plain JSON."""
    failure: str = ""
    """Class of what went wrong while running, empty where it ran through."""
    excluded: str = ""
    """Why this sample says nothing and is not counted; empty: it counts."""
    tokens: int = 0
    tries: int = 0
    model_lines: int = 0
    """Lines of the result that a language model wrote, of `total_lines`."""
    total_lines: int = 0
    seconds: float = 0.0
    """Of the sample; 0: measured around the run."""


class Score(Artifact):
    """A scorer's word on one sample; `failure` is the class under which a miss is counted."""

    passed: bool
    failure: str = ""
    note: str = ""


class Sample(Artifact):
    """One line of samples.jsonl: one run of one case, judged."""

    key: str
    case: str
    group: str
    run: int
    passed: bool
    failure: str = ""
    scores: dict[str, Score]
    """By `name@version` of the scorer."""
    evidence: Evidence
    code: str = ""
    """Fingerprint of the program that made it (see evals/version.py)."""


@dataclass(frozen=True)
class Scorer:
    """A small function with a name and a version: raise it with every change, so that samples are judged anew."""

    name: str
    version: int
    score: Callable[[Any, Evidence], Score]

    @property
    def id(self) -> str:
        """`name@version`, as it stands in every sample."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class Context:
    """Where and how a sample is run."""

    folder: Path
    """The suite's own, for what it keeps between samples."""
    run: int
    """Which of `--runs`, from 1."""
    worker: int = 0
    """Samples of different workers run at the same time; those of one, one after the other."""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """A suite of cases. `run` may raise Fixable and Infeasible, which are outcomes; other errors end the evaluation."""

    name: str
    title: str
    load: Callable[[], Sequence[Case]]
    run: Callable[[Any, Context], Evidence]
    scorers: tuple[Scorer, ...]
    columns: tuple[str, ...] = ("rate",)
    """Of the table, besides group and number: keys of evals.summary.COLUMNS."""
    uses_models: bool = True
    """Whether --profile and --model matter; else they are not part of a sample's identity."""
    follows_code: bool = False
    """Whether a change of the program makes its samples void, so that all are run again."""
    jobs: int = 1
    """Samples that may run at the same time."""
    findings: Callable[[Sequence[Sample]], Sequence[Finding]] = lambda samples: ()
    """What the samples say together, beyond rates."""


def in_split(case_id: str, split: str) -> bool:
    """Whether a case is in `develop`, `test` or `all`: by a hash of its id, so that it never moves."""
    if split not in SPLITS:
        raise BadInput(f"unknown split '{split}': choose one of {', '.join(SPLITS)}")
    share = int(content_hash([case_id])[:8], 16) / 16**8
    return split == "all" or (split == "test") == (share < _TEST_SHARE)


def choose(cases: Sequence[Case], only: Sequence[str], split: str) -> list[Case]:
    """The cases that are asked for. `only` names cases or, ending in `*`, beginnings of ids. Raises BadInput."""
    ids = [case.id for case in cases]
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise BadInput(f"two cases have the id '{twice[0]}'")
    for name in only:
        if not any(_named(name, case_id) for case_id in ids):
            raise BadInput(f"there is no case '{name}'; there are {', '.join(ids[:8])}{', …' if len(ids) > 8 else ''}")
    wanted = [case for case in cases if not only or any(_named(name, case.id) for name in only)]
    return [case for case in wanted if in_split(case.id, split)]


def _named(name: str, case_id: str) -> bool:
    return case_id.startswith(name[:-1]) if name.endswith("*") else case_id == name


def sample_key(suite: Suite, case: Case, run: int, settings: Mapping[str, Any]) -> str:
    """Identity of a sample: content of the case, versions of the scorers, settings and number of the run."""
    facts = {
        "suite": suite.name,
        "case": case.model_dump(mode="json"),
        "scorers": [scorer.id for scorer in suite.scorers],
        "settings": dict(settings),
        "run": run,
    }
    return content_hash(facts)


def read_samples(path: Path) -> dict[str, Sample]:
    """Samples by key; a line that a kill or a full disk cut off counts as not there."""
    found: dict[str, Sample] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        with suppress(ValidationError):
            sample = Sample.model_validate_json(line)
            found[sample.key] = sample
    return found


def evaluate(
    suite: Suite, cases: Sequence[Case], runs: int, settings: Mapping[str, Any], folder: Path, code: str = ""
) -> list[Sample]:
    """Run what is missing of `runs` samples of each case, and return all of them in the order of the cases.

    Each sample is on disk (folder/samples.jsonl) before the next one is counted; Ctrl-C loses only those in work.
    """
    if runs < 1:
        raise BadInput(f"--runs must be at least 1, not {runs}")
    path = folder / SAMPLES
    _end_line(path)
    done = read_samples(path)
    wanted = [(sample_key(suite, case, run, settings), case, run) for case in cases for run in range(1, runs + 1)]
    missing = [entry for entry in wanted if entry[0] not in done]
    if len(missing) < len(wanted):
        report("eval", f"{len(wanted) - len(missing)} of {len(wanted)} samples are there already")
    for sample in _run_all(suite, missing, settings, folder, code):
        append_line(path, sample.model_dump_json())
        done[sample.key] = sample
        state = "passed" if sample.passed else sample.failure
        now = sum(key in done for key, _, _ in wanted)
        report("eval", f"{sample.case}: {'not counted' if sample.evidence.excluded else state}", now, len(wanted))
    return [done[key] for key, _, _ in wanted]


def _end_line(path: Path) -> None:
    """Close a line that was cut off, so that the next one does not continue it."""
    if path.exists() and (text := path.read_bytes()) and not text.endswith(b"\n"):
        append_line(path, "")


def _run_all(
    suite: Suite, entries: Sequence[tuple[str, Case, int]], settings: Mapping[str, Any], folder: Path, code: str
) -> Iterator[Sample]:
    def one(entry: tuple[str, Case, int], worker: int) -> Sample:
        key, case, run = entry
        return _judge(suite, case, _evidence(suite, case, Context(folder, run, worker, settings)), key, run, code)

    if suite.jobs == 1:
        yield from (one(entry, 0) for entry in entries)
    else:
        yield from _in_parallel(one, entries, suite.jobs)


def _in_parallel(
    one: Callable[[tuple[str, Case, int], int], Sample], entries: Sequence[tuple[str, Case, int]], jobs: int
) -> Iterator[Sample]:
    """Threads suffice: the time goes into compilers and emulators, which are processes of their own."""
    free = list(range(jobs))
    lock = threading.Lock()

    def work(entry: tuple[str, Case, int]) -> Sample:
        with lock:
            worker = free.pop()
        try:
            return one(entry, worker)
        finally:
            with lock:
                free.append(worker)

    queue = iter(entries)
    pool = ThreadPoolExecutor(jobs)

    def submit(count: int) -> set[Future[Sample]]:
        return {pool.submit(copy_context().run, work, entry) for entry in islice(queue, count)}

    try:
        running = submit(jobs)
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            running |= submit(len(finished))
            for future in finished:
                yield future.result()
    finally:  # Ctrl-C or an error: what is in work ends by itself within its own time limit
        pool.shutdown(wait=True, cancel_futures=True)


def _evidence(suite: Suite, case: Case, context: Context) -> Evidence:
    started = time.monotonic()
    try:
        with listening(_ignore):  # the steps within a sample would bury the evaluation's own
            evidence = suite.run(case, context)
    except Infeasible as error:
        evidence = Evidence(failure="infeasible", facts={"error": str(error)})
    except Fixable as error:
        evidence = Evidence(failure="gave up", facts={"error": str(error)})
    return evidence.model_copy(update={"seconds": evidence.seconds or round(time.monotonic() - started, 3)})


def _ignore(_: Event) -> None:
    return


def _judge(suite: Suite, case: Case, evidence: Evidence, key: str, run: int, code: str) -> Sample:
    scores = {scorer.id: scorer.score(case, evidence) for scorer in suite.scorers}
    failures = [s.failure or name for name, s in scores.items() if not s.passed]
    passed = not failures and not evidence.failure
    failure = "" if passed else evidence.failure or failures[0]
    return Sample(
        key=key, case=case.id, group=case.group, run=run, passed=passed, failure=failure,
        scores=scores, evidence=evidence, code=code,
    )  # fmt: skip


def dump(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Samples as plain JSON."""
    return [json.loads(sample.model_dump_json()) for sample in samples]
