"""The scorer on emulations made by hand: each kind of expectation holds when it should and fails when it should."""

from collections.abc import Sequence
from typing import Any

import pytest

from evals.sg_case import Case, Phase, _expanded
from evals.sg_lines import fits
from evals.sg_score import judge
from hw.board import boards
from tools.artifacts import Emulation, PinEvent, SerialLine

BOARD = boards()["nano33ble"]
RED, GREEN = 22, 23


def case(*sees: dict[str, Any], **more: Any) -> Case:
    """A case of one step for each `see`, ten results long."""
    scene = [{"show": "a", "results": 10, **({"any_of": s["any_of"]} if "any_of" in s else {"see": s})} for s in sees]
    plain = {"id": "made", "request": "x", "labels": ["a", "b"], "tags": ["t"], "level": "simple", "scene": scene}
    return Case.model_validate(_expanded({**plain, **more}))


def phases(n: int, confidence: float = 0.9) -> list[Phase]:
    return [Phase(1000 * k, 1000 * (k + 1), 10, confidence, "a") for k in range(n)]


def led(*changes: tuple[int, int], pin: int = RED) -> list[PinEvent]:
    """Changes (time, lit) of an active-low LED, dark at first."""
    levels = [(1, 0), *changes]
    return [PinEvent(t_ms=t, pin=pin, name="", mode="digital", value=1 - lit) for t, lit in levels]


def pwm(t_ms: int, duty: int, pin: int = 9) -> PinEvent:
    return PinEvent(t_ms=t_ms, pin=pin, name="", mode="pwm", value=duty)


def says(*lines: tuple[int, str]) -> list[SerialLine]:
    return [SerialLine(t_ms=t, text=text) for t, text in lines]


def found(
    made: Case, pins: Sequence[PinEvent] = (), serial: Sequence[SerialLine] = (), confidence: float = 0.9
) -> list[str]:
    run = Emulation(status="done", virtual_ms=9000, instructions=1, pins=tuple(pins), serial=tuple(serial))
    return judge(made, phases(len(made.scene), confidence), run, BOARD)


def every(step: int, text: str, start: int = 20, until: int = 1000) -> list[SerialLine]:
    return says(*((t, text) for t in range(start, until, step)))


# Per kind: what is wanted, pins and lines that are right, pins and lines that are wrong, words of the objection.
KINDS: dict[str, tuple[dict[str, Any], Any, Any, str]] = {
    "on": ({"out": {"red": True}}, led((30, 1)), led(), "red LED is off at the end, wanted on"),
    "on flickers": ({"out": {"red": True}}, led((30, 1)), led((30, 1), (60, 0), (90, 1)), "without flicker"),
    "off": ({}, led(), led((30, 1)), "red LED is on at the end, wanted off"),
    "not named": ({"out": {"green": True}}, led((9, 1), pin=GREEN), led((9, 1)), "red LED is on"),
    "a flash nobody asked for": ({}, led(), led((300, 1), (400, 0)), "without flicker"),
    "pin": ({"out": {9: True}}, [pwm(20, 255)], [pwm(20, 0)], "pin 9 is off"),
    "any": ({"out": {"red": "any"}, "serial": ["x"]}, (led((30, 1), (60, 0)), says((5, "x"))), led(), "nothing more"),
    "blink": (
        {"out": {"red": "blink"}},
        led(*((100 * k, k % 2) for k in range(1, 10))),
        led((100, 1)),
        "goes on 1 times, wanted blinking",
    ),
    "flashes": (
        {"flashes": {"red": 2}},
        led((100, 1), (200, 0), (300, 1), (400, 0)),
        led((100, 1), (200, 0)),
        "goes on 1 times, wanted 2",
    ),
    "flash length": (
        {"flash_ms": {"red": 200}, "flashes": {"red": 1}}, led((100, 1), (330, 0)), led((100, 1), (400, 0)),
        "is on for 300 ms, wanted 200 ms",
    ),
    "flash lengths": (
        {"flash_ms": {"red": [100, 300]}, "flashes": {"red": 2}},
        led((100, 1), (200, 0), (300, 1), (600, 0)),
        led((100, 1), (400, 0), (500, 1), (600, 0)),
        "is on for 300 ms, wanted 100 ms",
    ),
    "flash that stays": ({"flash_ms": {"red": 200}, "out": {"red": True}}, led((900, 1), (1090, 0)), led((900, 1)),
        "stays on"),
    "duty": ({"duty": {9: 120}}, [pwm(20, 124)], [pwm(20, 140)], "duty 140 of 255, wanted 120"),
    "duty range": ({"duty": {9: [100, 130]}}, [pwm(20, 130)], [pwm(20, 131)], "wanted 100 to 130"),
    "duty by confidence": ({"duty": {9: "confidence"}}, [pwm(20, 230)], [pwm(20, 255)], "wanted about 230"),
    "goes on after": ({"on_after_ms": {"red": 500}}, led((600, 1)), led((20, 1)), "after 20 ms, wanted after 500 ms"),
    "never goes on": ({"on_after_ms": {"red": 500}}, led((450, 1)), led(), "is off at the end"),
    "goes off after": (
        {"on_after_ms": {"red": 0}, "off_after_ms": {"red": 500}},
        led((20, 1), (520, 0)),
        led((20, 1), (900, 0)),
        "goes off after 900 ms",
    ),
    "lines": ({"serial": ["x", "y"]}, says((5, "x "), (9, "y")), says((5, "y"), (9, "x")), "'y' comes over serial"),
    "a line too few": ({"serial": ["x", "y"]}, says((5, "x"), (9, "y")), says((5, "x")), "wanted 'y'"),
    "a line too many": ({"serial": ["x"]}, says((5, "x")), says((5, "x"), (6, "x")), "wanted nothing more"),
    "silence": ({}, says((5, "~0102")), says((5, "hello")), "'hello' comes over serial, wanted nothing"),
    "maybe": ({"serial": [{"maybe": "x"}, "y"]}, says((5, "y")), says((5, "z")), "'z' comes"),
    "each": ({"serial": {"each": "x"}}, every(100, "x"), every(300, "x"), "4 lines like 'x' in 10 results"),
    "each, another": ({"serial": {"each": "x"}}, every(100, "x"), every(100, "y"), "'y' comes over serial"),
    "some": ({"serial": {"some": "~x"}}, says((5, "an X")), [], "nothing comes"),
    "first and each": (
        {"serial": {"first": ["hi"], "each": "x"}},
        [*says((1, "hi")), *every(100, "x")],
        every(100, "x"),
        "wanted 'hi'",
    ),
    "periodic": (
        {"serial": {"every_ms": 250, "line": "x"}},
        every(250, "x"),
        every(100, "x"),
        "10 lines in 1000 ms, wanted one every 250 ms",
    ),
    "periodic, uneven": (
        {"serial": {"every_ms": 250, "line": "x"}},
        every(250, "x"),
        says((20, "x"), (30, "x"), (500, "x"), (800, "x")),
        "two lines come 10 ms apart",
    ),
}  # fmt: skip


def parts(seen: Any) -> tuple[list[PinEvent], list[SerialLine]]:
    both = list(seen[0]) + list(seen[1]) if isinstance(seen, tuple) else list(seen)
    return [e for e in both if isinstance(e, PinEvent)], [e for e in both if isinstance(e, SerialLine)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_expectation_holds_when_it_should_and_fails_when_it_should(kind: str) -> None:
    see, right, wrong, said = KINDS[kind]
    assert found(case(see), *parts(right)) == []
    objections = found(case(see), *parts(wrong))
    assert any(said in objection for objection in objections), objections


def test_objections_name_the_step() -> None:
    made = case({"out": {"red": True}}, {})
    assert found(made, led((20, 1), (1020, 0))) == []
    assert found(made, led((20, 1)))[0].startswith("step 2 (a): red LED is on at the end")


def test_what_lasts_no_millisecond_is_not_seen() -> None:
    glitch = led((500, 1), (500, 0))
    assert found(case({}), glitch) == []


def test_one_reading_must_hold_in_all_steps() -> None:
    made = case({"any_of": [{"serial": ["x"]}, {}]}, {"any_of": [{"serial": ["x"]}, {"serial": ["y"]}]})
    assert found(made, (), says((5, "x"), (1005, "x"))) == []
    assert found(made, (), says((1005, "y"))) == []
    assert found(made, (), says((5, "x"), (1005, "y"))) != []
    assert found(made, (), says((1005, "x"))) != []


def test_a_crash_is_told_and_nothing_else() -> None:
    run = Emulation(status="crash", reason="HardFault", virtual_ms=70, instructions=1)
    assert judge(case({"out": {"red": True}}), phases(1), run, BOARD) == [
        "the board ends with crash after 70 ms: HardFault"
    ]


@pytest.mark.parametrize(
    ("wanted", "right", "wrong"),
    [
        ("a,{confidence}", ["a,0.9", "a,0.873"], ["a,0.7", "a,90", "b,0.9", "a,0.9 "]),
        ("a,{confidence:2}", ["a,0.90"], ["a,0.9", "a,0.900"]),
        ("{percent:0}%", ["90%"], ["90.0%", "70%"]),
        ("n {number} at {ms}", ["n -2.5 at 77"], ["n x at 77", "n 1 at 7.5"]),
        ("~Apple", ["an apple!"], ["appl"]),
        ("/a+/", ["aaa"], ["aab"]),
        ('{"a": 1}', ['{"a": 1}'], ['{"a":1}']),
        ({"json": {"a": 1}}, ['{"a":1}', '{ "a": 1 }'], ['{"a": 2}', '{"a": 1, "b": 2}', "a", "[1]"]),
        ({"json": {"c": "{confidence}"}}, ['{"c": 0.91}'], ['{"c": 0.5}', '{"c": "0.9"}', '{"c": true}']),
        ({"json": {"c": "{percent}", "n": "{number}"}}, ['{"c": 88, "n": 3}'], ['{"c": 0.9, "n": 3}']),
    ],
)
def test_a_line_fits(wanted: Any, right: list[str], wrong: list[str]) -> None:
    made = case({"serial": [wanted]})
    entry = made.scene[0].see.serial.first[0]
    assert all(fits(entry, text, 0.9) for text in right)
    assert not any(fits(entry, text, 0.9) for text in wrong)
