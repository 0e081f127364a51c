"""Statistics of findings against published and worked values, and how findings are shown."""

import pytest

from evals.finding import Finding, curve, holm, interval, markdown, p_text, wilcoxon_p
from evals.finding_chart import chart


def test_the_t_interval_is_that_of_a_table() -> None:
    found = interval([1, 2, 3, 4, 5])
    # t(0.975, 4) = 2.776, s = 1.5811, so 3 ± 1.963.
    assert (found.mean, found.low, found.high) == pytest.approx((3, 1.0368, 4.9632), abs=1e-3)
    assert interval([0.5]).shown() == "0.5000 (0.5000 – 0.5000)"
    with pytest.raises(ValueError, match="no values"):
        interval([])


def test_wilcoxon_is_exact_for_few_pairs() -> None:
    ours = [1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7, 8.8, 9.9, 11.0]
    theirs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    assert wilcoxon_p(ours, theirs) == pytest.approx(2 / 2**10), "all ten differences have one sign"
    assert wilcoxon_p(ours, ours) is None
    assert wilcoxon_p([1.0, 2.0], [1.0, 3.0]) is None, "a single difference tells nothing"


def test_holm_is_the_worked_example() -> None:
    # 4 tests: 0.005 * 4, 0.01 * 3, 0.03 * 2, 0.04 * 1 raised to the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, None, 0.9]) == [1.0, None, 1.0]
    assert [p_text(p) for p in (None, 0.0004, 0.0312)] == ["–", "< 0.001", "0.031"]


def test_a_curve_ends_where_the_shortest_run_ends() -> None:
    found = curve("a", [[0.1, 0.2, 0.3], [0.3, 0.4]])
    assert found.mean == pytest.approx((0.2, 0.3))
    assert found.low[0] < 0.1
    assert curve("none", []).mean == ()


def test_markdown_keeps_the_table_whole_and_the_chart_names_its_curves() -> None:
    finding = Finding(
        title="speed", columns=("a|b", "n"), rows=(("x", "1"),), sentences=("It is fast.",),
        curves=(curve("<us>", [[0.1, 0.2]]), curve("them", [[0.1, 0.1]])), axes=("steps", "speed"),
    )  # fmt: skip
    assert markdown(finding) == ["**speed**", "", "| a\\|b | n |", "|---|---|", "| x | 1 |", "", "- It is fast.", ""]
    drawn = str(chart(finding))
    assert drawn.count("<polygon") == 2
    assert "&lt;us&gt;" in drawn
    assert chart(Finding(title="none")) is None
