"""The table by half, from outcomes alone."""

from typing import Any

from evals.harness import Evidence, Sample, in_split
from evals.sg_findings import findings
from evals.suites import suite


def sample(case: str, outcome: str, **facts: Any) -> Sample:
    seen = {"outcome": outcome, "compiled": outcome in ("works", "wrong_behaviour"), "author": "drafted", **facts}
    evidence = Evidence(facts=seen, tokens=3000, seconds=20.0, model_lines=5, total_lines=100)
    return Sample(key=case, case=case, group="simple", run=1, passed=outcome == "works", scores={}, evidence=evidence)


def test_rates_are_told_for_each_half() -> None:
    names = [f"case{n}" for n in range(20)]
    develop = [name for name in names if in_split(name, "develop")]
    samples = [sample(name, "works" if name in develop else "wrong_behaviour") for name in names[:-1]]
    samples.append(sample(names[-1], "compile_failed", author=""))
    (found,) = findings(samples)
    rows = {row[0]: dict(zip(found.columns, row, strict=True)) for row in found.rows}
    assert set(rows) == {"develop", "test", "all"}
    wrong = sum(s.evidence.facts["outcome"] == "wrong_behaviour" for s in samples)
    assert rows["all"]["silent misunderstanding"] == f"{wrong} ({wrong / 20:.2f})"
    assert rows["all"]["of these: does not compile"] == "1"
    assert int(rows["develop"]["samples"]) + int(rows["test"]["samples"]) == 20
    assert "Of 19 firmwares 19 have an onResult" in found.sentences[0]


def test_nothing_is_found_without_samples() -> None:
    assert findings([]) == []


def test_the_slow_baselines_take_a_part_of_the_cases() -> None:
    counts = {name: len(suite(name).load()) for name in ("sg", "sg_p2", "sg_draft", "fruit", "fruit_p2")}
    assert counts["sg"] >= 60
    assert counts["fruit"] == 30
    assert (counts["sg_p2"], counts["sg_draft"], counts["fruit_p2"]) == (12, 12, 10)
    ids = {case.id for case in suite("sg").load()}
    assert {case.id for case in suite("sg_p2").load()} <= ids
