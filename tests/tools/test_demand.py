"""The interpreter: which results count, what conditions see, what a line may look like, what stimuli are needed."""

from collections.abc import Sequence

import pytest

from tests.tools.behaviours import press, say, sent, when
from tools.artifacts import Count, Decision, Flag, Led, Pin, Rule
from tools.demand import CLEARANCE_MS, Demanded, Event, Expected
from tools.needs import stimuli_needed
from tools.shown import decide

LETTERS = {"a": "ash", "b": "bay", "c": "cob"}


def results(shown: str, step_ms: int = 100, unsure: Sequence[int] = ()) -> list[Expected]:
    return [
        Expected(
            step_ms * (k + 1), LETTERS[x.lower()], "abc".index(x.lower()), 0.9 if x.islower() else 0.6, k not in unsure
        )
        for k, x in enumerate(shown)
    ]


def said(rules: Sequence[Rule], shown: str, events: Sequence[Event] = (), **options: object) -> list[str]:
    found = results(shown)
    return [x.text for x in Demanded(rules, found, found[-1].t_ms + 50, events, **options).lines]  # type: ignore[arg-type]


def counted(shown: str, decision: Decision) -> str:
    kept = {r.t_ms: r.label[0] for r in decide(results(shown), decision)}
    return "".join(kept.get(100 * (k + 1), ".") for k in range(len(shown)))


@pytest.mark.parametrize(
    ("decision", "shown", "kept"),
    [
        (Decision(), "abcab", "abcab"),
        (Decision(pace_ms=300), "abcabca", "a..a..a"),
        (Decision(majority=3), "abacbbcc", "abacbbbc"),
        (Decision(majority=4), "aabb", "aaab"),
        (Decision(stable_results=2), "aababbb", ".a...bb"),
        (Decision(stable_ms=200), "aaabaaaa", "..a...aa"),
        (Decision(majority=3, stable_results=2), "abaabbbc", "...aa.bb"),
    ],
)
def test_which_results_count(decision: Decision, shown: str, kept: str) -> None:
    assert counted(shown, decision) == kept


def test_doubt_spreads_to_all_that_rest_on_it() -> None:
    assert [r.sure for r in decide(results("aaaaa", unsure=(1,)), Decision())] == [True, False, True, True, True]
    assert [r.sure for r in decide(results("aaaaa", unsure=(1,)), Decision(majority=3))] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert not any(r.sure for r in decide(results("aabb", unsure=(1,)), Decision(stable_results=2)))


def test_a_label_among_several_happens_anew() -> None:
    assert said([when("becomes", say("{label}"), labels="ash bay")], "aabbaccb") == ["ash", "bay", "ash", "bay"]
    assert said([when("becomes", say("{label}"), not_labels=("cob",))], "aabbaccb") == ["ash", "bay"]
    assert said([when("becomes", say("x"), flag="f"), when("start", Flag(name="f"))], "abc") == ["x"]


def test_the_order_of_rules_is_the_order_of_counting_and_showing() -> None:
    count = when("becomes", Count(), labels="bay")
    show = when("becomes", say("{count}"), labels="bay")
    assert said([count, show], "abab") == ["1", "2"]
    assert said([show, count], "abab") == ["0", "1"]


def test_counters_of_labels_and_by_name_are_the_same_where_they_have_the_same_name() -> None:
    rules = [
        when("change", Count()),
        when("serial", say("{count:bay} {count:seen}"), text="?"),
        when("change", Count(counter="seen")),
    ]
    assert said(rules, "abab", sent((450, "?"))) == ["2 4"]
    assert said(
        [*rules, when("pressed", Count(state="reset"), pin=2)], "abab", (*press(2, (150, 250)), *sent((450, "?")))
    ) == ["2 3"]


def test_a_result_soon_after_an_event_is_unsure_where_events_matter() -> None:
    found = results("aaa")
    events = press(2, (200 - CLEARANCE_MS, 450))
    gated = Demanded([when("result", say("x"), button_pressed=2)], found, 400, events)
    assert [r.sure for r in gated.results] == [True, False, True]
    assert all(r.sure for r in Demanded([when("result", say("x"))], found, 400, events).results)


def test_what_stays_on_goes_off_later_and_not_before() -> None:
    found = results("abbbbbab")
    [timeline] = Demanded([when("while", Led(name="red"), labels="ash", linger_ms=250)], found, 2000).outputs.values()
    assert timeline.changes == [(100, 1), (450, 0), (700, 1), (1050, 0)]


def test_duties_that_follow_the_confidence_have_a_tolerance() -> None:
    rule = when("result", Pin(pin=3, state="pwm", by_confidence=True))
    [timeline] = Demanded([rule], results("aA"), 300).outputs.values()
    assert timeline.changes == [(100, 230), (200, 153)]
    assert timeline.tolerance > 0


@pytest.mark.parametrize(
    ("template", "fits", "fails"),
    [
        ("{label} {confidence}", ("ash 0.90", "ash 0.86"), ("ash 0.80", "ash 1", "bay 0.90", "ash 0.90 ")),
        ("{confidence} {confidence}", ("0.90 0.91",), ("0.90 0.50", "0.5 0.9")),
        ("{percent}%", ("90%", "88%"), ("80%", "0.9%", "%")),
        ("{held_ms} {streak}", ("0 1", "30 1"), ("500 1", "0 2", "-500 1")),
        ('{"x":{index}}', ('{"x":0}',), ('{"x":1}', '{"x":00}')),
        ("{name}|{previous}", ("Esche|ash",), ("ash|ash",)),
    ],
)
def test_a_line_fits_within_its_numbers_tolerances(
    template: str, fits: tuple[str, ...], fails: tuple[str, ...]
) -> None:
    [line] = Demanded([when("result", say(template))], results("a"), 200, names={"ash": "Esche"}).lines
    assert all(line.fits(text) for text in fits)
    assert not any(line.fits(text) for text in fails)


def test_needs_are_what_the_rules_listen_to() -> None:
    rules = [
        when("pressed", say("x"), pin=2),
        when("while", Led(name="red"), button_released=4, held_ms_min=700, linger_ms=300),
        when("serial", say("x"), text="go"),
        when("result", say("x"), proximity_below=90, confidence_min=0.8, streak_min=4),
        when("becomes", Count(), labels="bay"),
        when("becomes", say("x"), labels="bay", count_every=3),
    ]
    needs = stimuli_needed(rules, Decision(pace_ms=200))
    assert (needs.buttons, needs.commands, needs.proximity, needs.confidences) == ((4, 2), ("go",), (90,), (0.8,))
    assert needs.dwell_ms >= 1400
    assert (needs.dwell_results, needs.visits) == (5, 6)
    nothing = stimuli_needed([when("while", Led(name="red"), labels="ash")])
    assert (nothing.buttons, nothing.commands, nothing.dwell_ms, nothing.visits) == ((), (), 0, 1)
