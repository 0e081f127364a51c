"""Searches on equal terms: every strategy trains what it may, trainings are shared, and the figures are worked ones."""

from pathlib import Path
from typing import Any

import pytest

from evals.harness import Evidence, Sample
from evals.nas import Terms, search
from evals.nas_findings import findings
from evals.nas_suite import SUITE, complete, load
from evals.nas_suite_alone import SUITE as ALONE
from evals.suites import SUITES
from tests.conftest import SCRIPTED
from tests.fakes import networks
from tools.artifacts import Budgets

TERMS = Terms(data="digits", networks=3, epochs=1, budgets=Budgets(macs=100_000))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the searches, as in an evaluation."""
    return tmp_path_factory.mktemp("nas")


def kept(folder: Path) -> int:
    return len(list((folder / "cache").glob("*.json")))


@pytest.mark.parametrize("strategy", ["random", "nsga2"])
def test_a_search_without_a_model_trains_its_networks_within_budget_and_never_twice(
    folder: Path, strategy: Any
) -> None:
    first = search(TERMS, strategy, 1, folder, SCRIPTED)
    assert len(first["curve"]) == 3
    assert first["curve"] == sorted(first["curve"])
    assert first["over_budget"] == 0
    assert "architect" not in first
    assert first["form"] == "conv2d"
    assert all(macs <= 100_000 for _, _, macs, _ in first["networks"])
    assert any(on_front for *_, on_front in first["networks"])
    trained = kept(folder)
    second = search(TERMS, strategy, 1, folder, SCRIPTED)
    assert kept(folder) == trained, "nothing is trained again"
    assert {**second, "seconds": 0} == {**first, "seconds": 0}


def test_what_the_model_proposed_is_counted_and_what_the_validator_rescued(folder: Path, script: Any) -> None:
    small, wide = ["ds3s2c8d1"], ["ds3s1c64d1", "ds3s1c64d1"]
    script(
        architect=["no", networks(small, wide, small), networks(["cv3s2c8d1"], ["cv3s2c6d1"])],
        validator='{"1": "more_stride"}',
    )
    facts = search(TERMS, "llm", 1, folder, SCRIPTED)
    assert facts["architect"]["calls"] == 3
    assert facts["architect"]["valid"] == 2
    assert (facts["proposals"], facts["duplicates"], facts["in_budget"]) == (4, 1, 2), "what is not needed is dropped"
    rescue = facts["rescue"]
    assert (rescue["violating"], rescue["advised"], rescue["rescued"], rescue["trained"]) == (1, 1, 1, 1)
    assert rescue["best_rule"]["more_stride"] == 1
    assert 0 < rescue["by_chance"] < 1
    assert facts["authors"] == {"llm": 2, "repair": 1}
    assert sum(facts["on_front"].values()) >= 1


def test_a_search_of_one_pool_begins_with_the_models_networks_and_counts_what_it_skips(
    folder: Path, script: Any
) -> None:
    first = networks(["ds3s2c8"], ["cv3s2c8"], ["ds5s2c8"], ["cv5s2c8"])
    edits = '{"nets": "A less flash: 1ds3s2c6; B less flash: 1cv3s2c4"}'
    script(architect=[first, edits])
    facts = search(TERMS.model_copy(update={"networks": 6}), "mixed", 1, folder, SCRIPTED)
    assert facts["authors"]["llm"] >= 4
    assert sum(facts["authors"].values()) == 6
    assert facts["authors"]["llm"] + facts["skipped"] == facts["proposals"] == 6
    assert facts["validator"]["calls"] == 0, "nothing broke a budget"


# --- findings from worked figures -----------------------------------------------------------------------


def sample(strategy: str, seed: int, end: float, **more: Any) -> Sample:
    nets = [[f"{'mb' if n % 2 else 'ds'}3s2c8d1{'e2' * (n % 2)}", 0.6 + 0.1 * (n % 2), 1000, n == 0] for n in range(8)]
    facts = {
        "data": "digits", "strategy": strategy, "seed": seed, "form": "conv2d", "curve": [end / 2, end],
        "accuracy": 0.9, "training_seconds": 10.0,
        "authors": {"llm": 5, "guided": 3}, "on_front": {"llm": 2}, "networks": nets, "over_budget": 0, **more,
    }  # fmt: skip
    return Sample(
        key=f"{strategy}{seed}", case=f"digits {strategy}", group="", run=seed, passed=True, scores={},
        evidence=Evidence(facts=facts),
    )  # fmt: skip


def asked(violating: int, rescued: int) -> dict[str, Any]:
    return {
        "proposals": 10, "duplicates": 2, "skipped": 3,
        "buildable": 8, "in_budget": 6, "late": 4, "late_in_budget": 3, "flagged": 1,
        "architect": {"calls": 3, "valid": 3, "seconds": 20.0, "tokens": 900},
        "validator": {"calls": 3, "valid": 3, "seconds": 6.0, "tokens": 300},
        "rescue": {
            "violating": violating, "advised": violating, "rescued": rescued, "trained": rescued, "on_front": 0,
            "by_chance": 0.5, "best_rule": {"fewer_channels": min(violating, 1), "drop_stage": 0},
        },
    }  # fmt: skip


def test_strategies_are_compared_seed_by_seed() -> None:
    samples = [sample("random", seed, 0.4) for seed in range(1, 7)]
    samples += [sample("mixed", seed, 0.4 + 0.01 * seed, **asked(2, 1)) for seed in range(1, 7)]
    samples += [sample("llm", seed, 0.425, **asked(0, 0)) for seed in range(1, 7)]
    samples += [sample("blind", seed, 0.41, **asked(0, 0)) for seed in range(2, 7)]
    hypervolume, choices, architect, validator = findings(samples)
    rows = {row[0]: row for row in hypervolume.rows}
    assert rows["mixed"][5:8] == ("1.087", "6 of 6", "0.094"), "mean ratio; exact p 2/64, times three comparisons"
    assert rows["blind"][5:8] == ("1.025", "5 of 5", "0.094")
    assert rows["random"][5:8] == ("–", "–", "–")
    assert rows["mixed"][9] == "26", "seconds of both roles"
    assert "1.087 times the hypervolume of random search on digits" in hypervolume.sentences[0]
    assert hypervolume.sentences[1].startswith("mixed against llm: 1.024 times the hypervolume, better in 4 of 6 seeds")
    assert "better in 5 of 5 seeds" in hypervolume.sentences[3]
    assert [c.name for c in hypervolume.curves] == ["random", "mixed", "llm", "blind"]
    assert choices.rows[0][:4] == ("dsconv block", "6 of 6", "24 of 48", "-10.0 points")
    assert architect.rows[0][:4] == ("mixed", "18 of 18", "60", "48 of 48")
    assert architect.rows[0][-3:] == ("18", "30 of 48", "12 of 12"), "skipped; of all that were trained; of all fronts"
    assert "a proposal takes 2.60 s of the language model, the validator's included" in architect.sentences[0]
    assert architect.sentences[1].startswith("62.5 % of the trained networks and 100 % of the fronts")
    assert validator.rows[0][:3] == ("the validator's change", "12", "6 (50.0 %)")
    assert validator.rows[2][:3] == ("always fewer channels", "12", "6 (50.0 %)")
    assert validator.sentences[0].startswith("850 tokens of the validator for each proposal")


def test_without_a_model_nothing_is_said_of_one_and_a_single_seed_is_no_test() -> None:
    found = findings([sample("random", 1, 0.4), sample("evolution", 1, 0.5)])
    assert len(found) == 2
    assert found[0].rows[1][5:8] == ("1.250", "1 of 1", "–")
    assert findings([]) == []


def test_the_suites_cases_are_data_sets_and_strategies() -> None:
    cases = load()
    assert len(cases) == len({c.id for c in cases}) == 14
    assert {c.terms.data for c in cases} == {"digits", "basic_motions"}
    assert len({c.terms.model_dump_json() for c in cases}) == 2, "the same terms for every strategy of a data set"
    assert {c.strategy for c in ALONE.load()} == {"random", "evolution", "nsga2", "guided"}  # type: ignore[attr-defined]
    assert SUITE.uses_models
    assert not ALONE.uses_models
    assert {"nas", "nas_alone"} <= set(SUITES)
    short = complete(cases[0], Evidence(facts={"curve": [0.1], "over_budget": 0}))
    assert (short.passed, short.failure, short.note) == (False, "too few networks", "1 of 16")
    over = complete(cases[0], Evidence(facts={"curve": [0.1] * 16, "over_budget": 1}))
    assert over.failure == "trained over budget"
