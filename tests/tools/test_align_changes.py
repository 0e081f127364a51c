"""Changes one by one: what chance decides is forgiven near a cut and near an uncertain end, and nowhere else."""

import pytest

from tools.align_changes import Change, compare_changes

BLINK: list[Change] = [(100, 1), (200, 0), (300, 1), (400, 0), (500, 1), (600, 0)]


def late(changes: list[Change], ms: int) -> list[Change]:
    return [(t_ms + ms, level) for t_ms, level in changes]


@pytest.mark.parametrize("lag_ms", [-40, 0, 25, 80])
def test_a_constant_lag_within_the_tolerance_is_none(lag_ms: int) -> None:
    assert compare_changes(BLINK, late(BLINK, lag_ms), [], [], [[t for t, _ in BLINK]]) == ""


def test_too_late_is_told_with_the_moment() -> None:
    assert "from 100 ms on" in compare_changes(BLINK, late(BLINK, 90), [], [], [])


def test_a_flash_that_is_cut_as_it_begins_may_be_there_or_not() -> None:
    cut: list[Change] = [*BLINK, (700, 1), (700, 0)]
    assert compare_changes(cut, BLINK, [700], [], []) == ""
    assert compare_changes(BLINK, [*BLINK, (690, 1), (705, 0)], [700], [], []) == ""
    assert compare_changes(cut, late(cut, 24), [700], [], []) == ""


def test_the_same_flash_anywhere_else_is_wrong() -> None:
    assert compare_changes(BLINK, [*BLINK, (690, 1), (705, 0)], [], [], []) != ""
    assert compare_changes(BLINK, BLINK[:4], [300], [], []) != "", "a whole flash is no matter of chance"


def test_single_changes_near_an_uncertain_end_may_belong_beyond_it() -> None:
    assert compare_changes(BLINK, BLINK[1:], [], [60], []) == ""
    assert compare_changes(BLINK, BLINK[:-1], [], [650], []) == ""
    assert compare_changes(BLINK, BLINK[1:], [], [650], []) != ""


def test_a_series_that_lasts_too_long_is_wrong_though_each_change_is_in_time() -> None:
    slow: list[Change] = [(t_ms + 12 * k, level) for k, (t_ms, level) in enumerate(BLINK)]
    run = [t for t, _ in BLINK]
    assert "take 560 ms, demanded 500 ms" in compare_changes(BLINK, slow, [], [], [run])
    assert compare_changes(BLINK, slow, [], [], []) == ""
