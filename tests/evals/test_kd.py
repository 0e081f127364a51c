"""Distillation with and without a teacher: three networks of a seed, judged on the test part; worked figures."""

from pathlib import Path
from typing import Any

import pytest

from evals.harness import Context, Evidence, Sample
from evals.kd_suite import SUITE, KdCase, findings, guarded, load, run


def test_a_seed_leaves_three_networks_and_the_guard_holds(tmp_path: Path) -> None:
    case = KdCase(id="tiny", data="basic_motions", student="cv3s2c4d1", epochs=2, epochs_distil=2, epochs_teacher=2)
    evidence = run(case, Context(tmp_path, run=3))
    facts = evidence.facts
    assert set(facts["test"]) == set(facts["validation"]) == {"student", "trained on", "distilled"}
    assert all(0 <= value <= 1 for value in (*facts["test"].values(), *facts["validation"].values()))
    assert guarded(case, evidence).passed
    if not facts["kept"]:
        assert facts["test"]["distilled"] == facts["test"]["student"], "rolled back to the student's own weights"
        assert "rolled back" in facts["note"]
    if not facts["kept_without"]:
        assert facts["test"]["trained on"] == facts["test"]["student"]
    assert run(case, Context(tmp_path, run=3)).facts["test"] == facts["test"], "the same seed, the same networks"


def test_a_worse_network_that_is_shipped_does_not_pass() -> None:
    seen = Evidence(facts={"validation": {"student": 0.9, "distilled": 0.89}})
    score = guarded(load()[0], seen)
    assert (score.passed, score.failure) == (False, "guard let a worse one pass")
    assert not guarded(load()[0], Evidence(failure="gave up")).passed


def sample(seed: int, test: dict[str, float], kept: bool) -> Sample:
    facts: dict[str, Any] = {"test": test, "validation": test, "kept": kept, "kept_without": False}
    return Sample(key=str(seed), case="d", group="d", run=seed, passed=True, scores={}, evidence=Evidence(facts=facts))


def test_the_arms_are_compared_seed_by_seed() -> None:
    samples = [
        sample(
            seed, {"student": 0.80, "trained on": 0.80 + 0.01 * (seed % 2), "distilled": 0.80 + 0.01 * seed}, seed > 1
        )
        for seed in range(1, 7)
    ]
    (finding,) = findings(samples)
    rows = {row[0]: row for row in finding.rows}
    assert rows["student"][1:] == ("6", "80.00 (80.00 – 80.00)", "80.00")
    assert rows["distilled"][2].startswith("83.50 (")
    assert finding.sentences[0].startswith("distilled less student: 3.50 (")
    assert "better in 6 and worse in 0 of 6 seeds (Wilcoxon, Holm-adjusted p 0.094)" in finding.sentences[0]
    assert "kept the distilled network in 5 of 6 seeds" in finding.sentences[3]
    assert findings([]) == []


def test_the_suites_students_have_room_for_ten_seeds_of_digits() -> None:
    assert [case.data for case in load()] == ["digits", "digits"]
    assert not SUITE.uses_models
    with pytest.raises(ValueError, match="student"):
        KdCase.model_validate({"id": "x", "data": "digits"})
