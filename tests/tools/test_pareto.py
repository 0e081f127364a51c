"""The front, its hypervolume, what the architect is told, what is chosen, and the picture."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.artifacts import Architecture, Budgets, Candidate, Estimate, Front, Stage
from tools.errors import Fixable
from tools.pareto import METRICS, choose, feedback, hypervolume, parents, pareto_front, plot

NET = Architecture(
    form="conv1d",
    stages=(
        Stage(block="conv", channels=8, kernel=5, stride=2),
        Stage(block="mbconv", channels=16, depth=2, expansion=3, skip=True),
    ),
)


def candidate(name: str, accuracy: float | None, macs: int, arena: int, flash: int, **more: Any) -> Candidate:
    violations = more.pop("violations", ())
    estimate = Estimate(
        macs=macs,
        params=1,
        arena_bytes=arena,
        model_flash_bytes=flash,
        ram_bytes=arena,
        flash_bytes=flash,
        violations=violations,
    )
    fields = {"round": 0, "author": "random", "architecture": NET, "status": "trained"} | more
    return Candidate(id=name, accuracy=accuracy, estimate=estimate, **fields)


A = candidate("a", 0.95, 10_000, 2_000, 30_000)
B = candidate("b", 0.90, 5_000, 1_000, 25_000)
WORSE = candidate("w", 0.90, 12_000, 2_000, 30_000)
BROKEN = candidate("x", 0.99, 1, 1, 1, violations=("arena 9 bytes is over the budget of 8",))
UNTRAINED = candidate("u", None, 1, 1, 1, status="failed", reason="the loss was no longer finite in epoch 2")


def test_the_front_holds_what_no_other_one_beats() -> None:
    front = pareto_front([WORSE, B, A, BROKEN, UNTRAINED])
    assert front.members == ("a", "b")
    assert pareto_front([]) == Front(members=(), hypervolume=0.0)
    assert pareto_front([BROKEN, UNTRAINED]).members == ()


def dominates(one: Candidate, other: Candidate) -> bool:
    pairs = [(m.value(one), m.value(other), m.better) for m in METRICS]
    no_worse = all(x >= y if better == "higher" else x <= y for x, y, better in pairs)
    return no_worse and any(x != y for x, y, _ in pairs)


FIGURES = st.tuples(st.floats(0, 1), st.integers(1, 10**8), st.integers(1, 10**6), st.integers(1, 10**7))


@settings(max_examples=60, deadline=None)
@given(st.lists(FIGURES, min_size=1, max_size=12))
def test_front_against_the_definition(figures: list[tuple[float, int, int, int]]) -> None:
    candidates = [candidate(f"c{i}", *values, round=i // 3) for i, values in enumerate(figures)]
    front = pareto_front(candidates)
    wanted = {c.id for c in candidates if not any(dominates(other, c) for other in candidates)}
    assert set(front.members) == wanted
    accuracies = [next(c.accuracy or 0.0 for c in candidates if c.id == name) for name in front.members]
    assert accuracies == sorted(accuracies, reverse=True)
    assert len(front.history) == candidates[-1].round + 1
    assert list(front.history) == sorted(front.history), "the hypervolume of a growing set fell"
    assert front.hypervolume == front.history[-1]
    assert 0.0 <= front.hypervolume <= 1.0


def test_hypervolume_of_one_point_is_its_box() -> None:
    losses = [metric.loss(A) for metric in METRICS]
    box = 1.0
    for loss in losses:
        box *= 1.0 - loss
    assert hypervolume([A]) == pytest.approx(box, abs=1e-6)
    assert hypervolume([A, WORSE]) == hypervolume([A])
    assert hypervolume([A, B]) > hypervolume([A])
    assert hypervolume([candidate("ideal", 1.0, 100, 10, 1_000)]) == 1.0
    assert hypervolume([candidate("worst", 0.0, 10**9, 10**7, 10**8)]) == 0.0


def test_metrics_know_their_direction() -> None:
    better = candidate("b", 0.96, 9_000, 1_900, 29_000)
    assert all(metric.loss(better) < metric.loss(A) for metric in METRICS)


def test_choice_takes_the_smaller_of_two_that_are_equally_good() -> None:
    near = candidate("n", 0.942, 6_000, 1_500, 26_000)
    candidates = [A, B, near]
    front = pareto_front(candidates)
    assert front.members == ("a", "n", "b")
    chosen, why = choose(candidates, front)
    assert chosen == "n"
    assert "0.942 against 0.950" in why
    assert choose([A, B], pareto_front([A, B]))[0] == "a", "five points apart"
    assert choose(candidates, front, "small")[0] == "b"
    slim = candidate("s", 0.93, 1_000, 1_900, 29_000)
    assert choose([*candidates, slim], pareto_front([*candidates, slim]), "fast")[0] == "s"
    with pytest.raises(Fixable, match="no candidate was trained within the budgets"):
        choose([UNTRAINED], pareto_front([UNTRAINED]))


def test_feedback_has_the_numbers_the_reasons_and_what_is_missing() -> None:
    candidates = [
        A,
        B,
        WORSE,
        UNTRAINED,
        candidate("r", None, 1, 9, 1, status="rejected", violations=("arena: 9 of 8",)),
    ]
    front = pareto_front(candidates)
    shown = parents(candidates, front)
    assert {letter: c.id for letter, c in shown.items()} == {"A": "a", "B": "b"}
    text = feedback(candidates, front, Budgets(arena_bytes=32_000), shown)
    assert text.splitlines() == [
        "Best so far, in %: accuracy, MACs (absolute), arena, flash (absolute)",
        "A 95 10 k 6 30 k: cv5s2c8 +mb3c16d2e3",
        "B 90 5 k 3 25 k: cv5s2c8 +mb3c16d2e3",
        "Not usable: cv5s2c8 +mb3c16d2e3 (arena: 9 of 8)",
        "Missing: higher accuracy than 0.950: a uses only 6% of arena_bytes; go wider",
    ]
    more = feedback(candidates, front, Budgets(arena_bytes=32_000), shown, most=3)
    assert "the loss was no longer finite in epoch 2" in more
    assert "not tried yet: dsconv" in more
    many = [candidate(f"c{i}", 0.5 + i / 100, 1000 * i, 100 * i, 1000 * i) for i in range(1, 40)]
    shown = parents(many, pareto_front(many))
    assert [c.id for c in shown.values()] == ["c39", "c26", "c14", "c1"], "from the most accurate to the smallest"
    assert len(feedback(many, pareto_front(many), Budgets(), shown)) < 400
    assert feedback([], pareto_front([]), Budgets(), {}).startswith("No network was trained yet.")


def test_the_architect_hears_of_its_own_untrue_claims() -> None:
    flagged = candidate("f", 0.2, 99_000, 9_000, 90_000, author="llm", flags=("'one layer': it has several stages",))
    others = candidate("g", 0.2, 99_001, 9_000, 90_000, author="guided", flags=("no claim of the architect's",))
    text = feedback([A, flagged, others], pareto_front([A, flagged, others]), Budgets(), {"A": A})
    assert "Not true of cv5s2c8 +mb3c16d2e3: 'one layer': it has several stages" in text
    assert "no claim" not in text


def test_the_plot_is_svg_with_a_mark_for_every_trained_network() -> None:
    odd = candidate("<&>", 0.5, 10**6, 10**5, 10**6)
    candidates = [A, B, WORSE, odd, BROKEN]
    root = ET.fromstring(plot(pareto_front(candidates), candidates))
    space = "{http://www.w3.org/2000/svg}"
    circles = root.findall(f"{space}circle")
    assert len(circles) == 4
    titles = [circle.findtext(f"{space}title") or "" for circle in circles]
    assert any(title.startswith("<&>: accuracy 0.500") for title in titles)
    for circle in circles:
        assert 0 < float(circle.attrib["cx"]) < 640
        assert 0 < float(circle.attrib["cy"]) < 400
    x = {title.split(":")[0]: float(c.attrib["cx"]) for title, c in zip(titles, circles, strict=True)}
    assert x["b"] < x["a"] < x["w"] < x["<&>"]
    assert "no network was trained" in plot(pareto_front([]), [])
