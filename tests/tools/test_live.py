"""What the self-test says of live inferences against what it must say."""

import numpy as np
import pytest

from tools.artifacts import SerialLine
from tools.live import compare_live, live_answer

TIMES = [100, 200, 300]
WANTED = [live_answer(np.array([k, -k], np.int8), np.array([5, -5], np.int8)) for k in range(3)]


def said(*texts: str, late: int = 0) -> list[SerialLine]:
    return [SerialLine(t_ms=100 + 100 * k + late, text=text) for k, text in enumerate(texts)]


def test_the_digest_is_fnv_1a() -> None:
    # Test vector of draft-eastlake-fnv: "foobar".
    assert live_answer(np.frombuffer(b"foobar", np.int8), np.array([1, -1], np.int8)) == "~!bf9cf96801ff"


def test_the_same_bytes_pass_in_any_case_of_letters() -> None:
    assert compare_live(TIMES, WANTED, said(*(w.upper() for w in WANTED), late=9)) == ("", 3)
    lines = [*said(*WANTED), SerialLine(t_ms=150, text="~0102"), SerialLine(t_ms=160, text="apple")]
    assert compare_live(TIMES, WANTED, lines) == ("", 3)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (said(*WANTED[:2]), "no inference at 300 ms"),
        (said(*WANTED, *WANTED[:2]), "2 inferences too many"),
        (said(WANTED[0], WANTED[2], WANTED[1]), "input"),
        (said(WANTED[0], WANTED[1][:-1] + "0", WANTED[2]), "outputs"),
        (said(*WANTED, late=90), "demanded at 100 ms"),
        ([], "no inference at 100 ms"),
    ],
)
def test_every_deviation_is_told(lines: list[SerialLine], told: str) -> None:
    assert told in compare_live(TIMES, WANTED, lines)[0]


def test_what_rounding_may_change_is_counted_but_not_compared() -> None:
    wanted = [WANTED[0], None, WANTED[2]]
    assert compare_live(TIMES, wanted, said(WANTED[0], "~!00000000ffff", WANTED[2])) == ("", 2)
    assert compare_live(TIMES, wanted, said(WANTED[0], WANTED[2]))[0]
