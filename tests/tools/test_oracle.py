"""The comparison of what was demanded with what the board did: every kind of deviation is told, and nothing else."""

from collections.abc import Sequence

import pytest

from hw.board import boards
from tools.artifacts import Action, CheckResult, Condition, Emulation, Led, Pin, PinEvent, Print, Rule, SerialLine
from tools.demand import Demanded, Expected
from tools.oracle import TOLERANCE_MS, compare, objections

BOARD = boards()["nano33ble"]
LATE = 7
"""Milliseconds that a real board takes to print a line or set a pin."""


def results(labels: str, step_ms: int = 400, first_ms: int = 1000, unsure: Sequence[int] = ()) -> list[Expected]:
    """One result per letter, `a` being class 0."""
    return [
        Expected(first_ms + k * step_ms, letter, ord(letter) - ord("a"), 0.9, sure=k not in unsure)
        for k, letter in enumerate(labels)
    ]


def rule(trigger: str, *actions: Action, labels: str = "", period_ms: int | None = None, **limits: float) -> Rule:
    condition = Condition.model_validate({"labels": tuple(labels), **limits})
    return Rule.model_validate({"trigger": trigger, "condition": condition, "actions": actions, "period_ms": period_ms})


def demanded(rules: Sequence[Rule], labels: str = "aabbcca", **options: object) -> Demanded:
    found = results(labels, **options)  # type: ignore[arg-type]
    return Demanded(rules, found, found[-1].t_ms + 400)


def number(key: tuple[str, str | int]) -> int:
    return BOARD.leds[str(key[1])].number if key[0] == "led" else int(key[1])


def event(key: tuple[str, str | int], t_ms: int, level: int) -> PinEvent:
    """What the trace holds when `key` goes to `level`; 0 and 1 digital, more is PWM."""
    low = key[0] == "led" and BOARD.leds[str(key[1])].active == "low"
    mode = "digital" if level <= 1 else "pwm"
    return PinEvent(t_ms=t_ms, pin=number(key), name=str(key[1]), mode=mode, value=1 - level if low else level)


def right(wanted: Demanded) -> Emulation:
    """A board that does exactly what is demanded, a little late, its LEDs dark from the start."""
    pins = [event(("led", name), 0, 0) for name in BOARD.leds]
    for key, timeline in wanted.outputs.items():
        pins += [event(key, t + LATE, level) for t, level in timeline.changes]
    serial = [
        SerialLine(t_ms=line.t_ms + LATE, text=line.text.replace("<", "").replace(">", "")) for line in wanted.lines
    ]
    return Emulation(
        status="done",
        virtual_ms=wanted.until_ms,
        instructions=1,
        serial=tuple(sorted(serial, key=lambda s: s.t_ms)),
        pins=tuple(sorted(pins, key=lambda p: p.t_ms)),
    )


def failed(wanted: Demanded, run: Emulation) -> list[CheckResult]:
    return objections(compare(wanted, run, BOARD))


LINES = [rule("result", Print(template="{label} {confidence}"))]
CHANGES = [rule("change", Print(template="now {label}"))]
STEADY = [rule("while", Led(name="red"), labels="a"), rule("while", Led(name="green"), labels="b")]
BLINKS = [rule("becomes", Led(name="blue", state="blink", times=3, duration_ms=150), labels="b")]
PULSE = [rule("becomes", Led(name="blue", duration_ms=500), labels="b")]
PERIODIC = [rule("every", Print(template="alive"), period_ms=500), rule("start", Print(template="hello"))]
PINS = [rule("while", Pin(pin=4), labels="a"), rule("while", Pin(pin=3, state="pwm", duty=90), labels="b")]
CORRECT = {
    "lines": LINES,
    "changes": CHANGES,
    "steady": STEADY,
    "blink": BLINKS,
    "pulse": PULSE,
    "periodic": PERIODIC,
    "pins": PINS,
    "fields": [rule("result", Print(template="{index}/{label} at {ms}, {confidence} = {confidence}"))],
    "complement": [*STEADY, rule("while", Led(name="red", state="off"), labels="bc")],
    "blink while": [rule("while", Led(name="red", state="blink", duration_ms=100), labels="bc")],
    "two ways": [
        rule("while", Led(name="red"), labels="a"),
        rule("while", Led(name="red", state="blink", duration_ms=130), labels="b"),
    ],
    "toggle": [rule("result", Led(name="red", state="toggle"), labels="c")],
    "slow toggle": [rule("every", Led(name="builtin", state="toggle"), period_ms=700)],
    "inverse": [rule("while", Led(name="red", state="off"), labels="a")],
    "confident": [rule("while", Led(name="red"), labels="a", confidence_min=0.7)],
    "never": [rule("while", Led(name="red"), labels="a", confidence_min=0.99)],
    "switch": [rule("becomes", Led(name="red"), labels="b"), rule("becomes", Led(name="red", state="off"), labels="a")],
    "nothing": [],
}


@pytest.mark.parametrize("rules", CORRECT.values(), ids=CORRECT.keys())
@pytest.mark.parametrize("labels", ["aabbcca", "abcabc", "a", "bbbb"])
def test_a_correct_board_passes_everything(rules: list[Rule], labels: str) -> None:
    wanted = demanded(rules, labels)
    assert failed(wanted, right(wanted)) == []


def with_lines(run: Emulation, lines: Sequence[SerialLine]) -> Emulation:
    return run.model_copy(update={"serial": tuple(lines)})


def with_pins(run: Emulation, pins: Sequence[PinEvent]) -> Emulation:
    return run.model_copy(update={"pins": tuple(sorted(pins, key=lambda p: p.t_ms))})


def line(t_ms: int, text: str) -> SerialLine:
    return SerialLine(t_ms=t_ms, text=text)


@pytest.mark.parametrize("k", range(7))
@pytest.mark.parametrize("deviation", ["missing", "double", "text", "confidence", "late", "early", "swapped", "extra"])
def test_every_deviation_of_a_line_is_told(deviation: str, k: int) -> None:
    wanted = demanded(LINES)
    run = right(wanted)
    lines = list(run.serial)
    this = lines[k]
    other = (k + 2) % 7 if k < 5 else k - 2  # a neighbour of another label
    changed = {
        "missing": [],
        "double": [this, this],
        "text": [line(this.t_ms, this.text.upper())],
        "confidence": [line(this.t_ms, this.text.replace("0.90", "0.50"))],
        "late": [line(this.t_ms + TOLERANCE_MS + 30, this.text)],
        "early": [line(this.t_ms - TOLERANCE_MS - 30, this.text)],
        "swapped": [line(this.t_ms, lines[other].text)],
        "extra": [this, line(this.t_ms + 1, "debug")],
    }[deviation]
    found = failed(wanted, with_lines(run, [*lines[:k], *changed, *lines[k + 1 :]]))
    assert found
    assert any("serial" in c.check or "start-up" in c.check for c in found)


@pytest.mark.parametrize("text", ["hello", "a 0.90"])
def test_an_undemanded_line_at_start_is_told(text: str) -> None:
    wanted = demanded(LINES)
    run = right(wanted)
    assert failed(wanted, with_lines(run, [line(20, text), *run.serial]))


def test_a_line_after_the_last_results_time_is_told() -> None:
    wanted = demanded(CHANGES)
    run = right(wanted)
    assert failed(wanted, with_lines(run, [*run.serial, line(wanted.until_ms - 10, "bye")]))


def test_printing_at_every_result_instead_of_at_changes_is_told() -> None:
    wanted = demanded(CHANGES)
    run = with_lines(right(wanted), [line(r.t_ms + LATE, f"now {r.label}") for r in wanted.results])
    assert {c.check for c in failed(wanted, run)} >= {f"serial prints the demanded lines for '{x}'" for x in "abc"}


def test_lines_in_the_wrong_order_are_told() -> None:
    wanted = demanded([rule("result", Print(template="one"), Print(template="two"))])
    run = right(wanted)
    lines = list(run.serial)
    lines[2], lines[3] = line(lines[2].t_ms, "two"), line(lines[3].t_ms, "one")
    assert failed(wanted, with_lines(run, lines))


@pytest.mark.parametrize("drop", ["hello", "alive"])
def test_a_missing_start_up_or_periodic_line_is_told(drop: str) -> None:
    wanted = demanded(PERIODIC)
    run = right(wanted)
    first = next(k for k, s in enumerate(run.serial) if s.text == drop)
    told = failed(wanted, with_lines(run, [s for k, s in enumerate(run.serial) if k != first]))
    assert [c.check for c in told] == ["lines of start-up, periods and events come in time"]


@pytest.mark.parametrize("period_ms", [250, 900])
def test_a_wrong_period_is_told(period_ms: int) -> None:
    wanted = demanded(PERIODIC)
    lines = [line(5, "hello"), *(line(t, "alive") for t in range(period_ms, wanted.until_ms, period_ms))]
    assert failed(wanted, with_lines(right(wanted), lines))


@pytest.mark.parametrize("name", ["red", "green"])
def test_an_inverted_led_is_told(name: str) -> None:
    wanted = demanded(STEADY)
    run = right(wanted)
    pin = BOARD.leds[name].number
    inverted = [p.model_copy(update={"value": 1 - p.value}) if p.pin == pin else p for p in run.pins]
    found = failed(wanted, with_pins(run, inverted))
    assert {f"{name} LED is on while the result is '{'a' if name == 'red' else 'b'}'"} <= {c.check for c in found}


def test_a_late_led_is_told_and_a_prompt_one_is_not() -> None:
    wanted = demanded(STEADY)
    run = right(wanted)
    for late, told in ((TOLERANCE_MS - LATE - 10, False), (TOLERANCE_MS + 30, True)):
        pins = [p.model_copy(update={"t_ms": p.t_ms + late}) if p.t_ms else p for p in run.pins]
        assert bool(failed(wanted, with_pins(run, pins))) is told


@pytest.mark.parametrize("at", [1100, 1400 - 20, 2250, 3100])
def test_a_glitch_is_told_wherever_it_hides(at: int) -> None:
    wanted = demanded(STEADY)
    run = right(wanted)
    level = wanted.outputs["led", "red"].at(at)
    glitch = [event(("led", "red"), at + LATE, 1 - level), event(("led", "red"), at + LATE + 5, level)]
    assert any(
        c.check == "red LED changes as often and for as long as demanded"
        for c in failed(wanted, with_pins(run, [*run.pins, *glitch]))
    )


def test_a_wrong_led_is_told_twice() -> None:
    wanted = demanded([STEADY[0]])
    run = right(wanted)
    red, blue = BOARD.leds["red"].number, BOARD.leds["blue"].number
    moved = [p.model_copy(update={"pin": blue}) if p.pin == red and p.t_ms else p for p in run.pins]
    checks = {c.check for c in failed(wanted, with_pins(run, moved))}
    assert {"blue LED stays off", "red LED is on while the result is 'a'"} <= checks


def test_leds_that_are_lit_from_reset_are_told() -> None:
    wanted = demanded(LINES)
    run = right(wanted)
    lit = [event(("led", "blue"), 0, 1) if p.name == "blue" else p for p in run.pins]
    assert [c.check for c in failed(wanted, with_pins(run, lit))] == ["blue LED stays off"]


def flashes(times: int, ms: int, start_ms: int) -> list[PinEvent]:
    return [event(("led", "blue"), start_ms + LATE + k * ms, 1 - k % 2) for k in range(2 * times)]


@pytest.mark.parametrize(("times", "ms"), [(2, 150), (4, 150), (3, 50), (3, 300), (1, 750), (0, 150)])
def test_blinking_with_a_wrong_count_or_period_is_told(times: int, ms: int) -> None:
    wanted = demanded(BLINKS, "aabbbbcca")
    run = right(wanted)
    dark = [p for p in run.pins if p.name != "blue" or p.t_ms == 0]
    assert failed(wanted, with_pins(run, [*dark, *flashes(3, 150, 1800)])) == []
    assert failed(wanted, with_pins(run, [*dark, *flashes(times, ms, 1800)]))


@pytest.mark.parametrize("ms", [250, 650, 1000, 5000])
def test_a_pulse_of_another_length_is_told(ms: int) -> None:
    wanted = demanded(PULSE, "aabbbbcca")
    run = right(wanted)
    dark = [p for p in run.pins if p.name != "blue" or p.t_ms == 0]
    assert failed(wanted, with_pins(run, [*dark, *flashes(1, ms, 1800)]))


def test_wrong_pins_and_duties_are_told() -> None:
    wanted = demanded(PINS)
    run = right(wanted)
    weak = [p.model_copy(update={"value": 30}) if p.mode == "pwm" else p for p in run.pins]
    other = [p.model_copy(update={"pin": 5}) if p.pin == 4 else p for p in run.pins]
    assert failed(wanted, with_pins(run, weak))
    assert failed(wanted, with_pins(run, other))


@pytest.mark.parametrize("status", ["crash", "hang", "timeout"])
def test_a_run_that_does_not_end_well_is_told(status: str) -> None:
    wanted = demanded(LINES)
    run = right(wanted).model_copy(update={"status": status, "reason": "why"})
    told = failed(wanted, run)
    assert [c.check for c in told] == ["the board runs to the end without a crash, a hang or a restart"]
    assert "why" in told[0].seen


@pytest.mark.parametrize(("baud", "seen"), [(9600, "it runs at 9,600 baud"), (111_000, "111,000"), (0, "never opened")])
def test_a_wrong_rate_of_the_serial_line_is_told(baud: int, seen: str) -> None:
    wanted = demanded(STEADY)
    told = failed(wanted, right(wanted).model_copy(update={"baud": baud}))
    assert [c.check for c in told] == ["the serial line runs at 115,200 baud"]
    assert seen in told[0].seen


@pytest.mark.parametrize("baud", [None, 115_200, 117_647])  # the last: what an AVR's clock divides to
def test_a_rate_that_is_right_or_not_known_passes(baud: int | None) -> None:
    wanted = demanded(STEADY)
    assert not failed(wanted, right(wanted).model_copy(update={"baud": baud}))


def test_a_board_that_does_nothing_is_told_for_every_rule() -> None:
    for name, rules in CORRECT.items():
        silent = Emulation(status="done", virtual_ms=9000, instructions=1)
        if name not in ("nothing", "never"):
            assert failed(demanded(rules), silent), name


def test_an_unsure_result_is_not_held_against_the_board() -> None:
    wanted = demanded([*LINES, *STEADY], "aaabbbb", unsure=(2,))
    other = demanded([*LINES, *STEADY], "aabbbbb")
    assert failed(wanted, right(other)) == []
    assert failed(demanded([*LINES, *STEADY], "aaabbbb"), right(other))


def test_sure_results_around_an_unsure_one_are_still_checked() -> None:
    wanted = demanded(LINES, "aaaaaabbbb", unsure=(2,))
    run = right(wanted)
    assert failed(wanted, with_lines(run, [s for k, s in enumerate(run.serial) if k != 5]))


def test_a_confidence_near_a_threshold_is_unsure() -> None:
    rules = [rule("while", Led(name="red"), labels="a", confidence_min=0.88)]
    wanted = demanded(rules)
    dark = with_pins(right(wanted), [p for p in right(wanted).pins if p.t_ms == 0])
    assert failed(wanted, dark) == []


def test_answers_of_the_self_test_are_not_lines() -> None:
    wanted = demanded(LINES)
    run = right(wanted)
    assert failed(wanted, with_lines(run, [*run.serial, line(1100, "~7f80")])) == []


@pytest.mark.parametrize("step_ms", [20, 100])
def test_thick_results_are_compared_by_order(step_ms: int) -> None:
    wanted = demanded([*LINES, *CHANGES], "aaabbbcccaaa", step_ms=step_ms)
    run = right(wanted)
    for lag in (0, 12, 30):
        late = [s.model_copy(update={"t_ms": s.t_ms + lag}) for s in run.serial]
        assert failed(wanted, with_lines(run, late)) == []
    for k in range(len(run.serial)):
        assert failed(wanted, with_lines(run, [s for j, s in enumerate(run.serial) if j != k]))


@pytest.mark.parametrize("at", [2101, 3351, 4351])
def test_a_glitch_is_told_on_both_sides_of_an_unsure_result(at: int) -> None:
    wanted = demanded(STEADY, "aaaabbbbaaa", unsure=(4,))
    run = right(wanted)
    assert failed(wanted, run) == []
    level = wanted.outputs["led", "red"].at(at)
    glitch = [event(("led", "red"), at, 1 - level), event(("led", "red"), at + 5, level)]
    assert [c.check for c in failed(wanted, with_pins(run, [*run.pins, *glitch]))] == [
        "red LED changes as often and for as long as demanded"
    ]


def test_an_unsure_result_may_go_either_way_for_rules_that_remember() -> None:
    rules = [rule("change", Led(name="red", state="toggle"), Print(template="now {label}"))]
    wanted, other = demanded(rules, "aaabbbbaa", unsure=(3,)), demanded(rules, "aaaabbbaa")
    assert failed(wanted, right(wanted)) == []
    assert failed(wanted, right(other)) == []
    lines = [s for s in right(wanted).serial if s.text != "now a"]
    assert failed(wanted, with_lines(right(wanted), lines))


def test_a_result_more_or_less_is_told_however_many_there_are() -> None:
    wanted = demanded(LINES, "aaabbbcccaaa" * 5, step_ms=100)
    lines = list(right(wanted).serial)
    for k in (0, 17, len(lines) - 3):
        assert failed(wanted, with_lines(right(wanted), [*lines[:k], *lines[k + 1 :]]))
        assert failed(wanted, with_lines(right(wanted), [*lines[:k], lines[k], *lines[k:]]))


def test_what_nothing_could_show_is_not_passed_and_not_held_against_the_board() -> None:
    wanted = demanded(STEADY, "aabb")
    found = {c.check: c for c in compare(wanted, right(wanted), BOARD, ("a", "b", "c"))}
    missing = found["serial prints nothing undemanded for 'c'"]
    assert (missing.passed, missing.exercised) == (False, False)
    assert objections(list(found.values())) == []


def test_a_pin_that_nobody_asked_for_is_told() -> None:
    wanted = demanded(STEADY)
    run = right(wanted)
    driven = [*run.pins, PinEvent(t_ms=700, pin=5, name="D5", mode="digital", value=1)]
    assert [c.check for c in failed(wanted, with_pins(run, driven))] == ["no pin is driven that nobody asked for"]


def test_scenes_have_checks_of_their_own() -> None:
    wanted = demanded(STEADY, "aabbaa")
    run = right(wanted)
    dark = with_pins(run, [p for p in run.pins if p.t_ms < 2500 or p.name != "red"])
    found = compare(wanted, dark, BOARD, ("a", "b"), lambda r: "rest" if r.t_ms > 2500 else "class")
    told = [c.check for c in objections(found)]
    assert "with the sensor at rest (darkness, stillness) all outputs and lines are as demanded" in told
    assert "red LED is on while the result is 'a'" not in told
