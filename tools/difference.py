"""Where two firmwares that were shown the same first do something else, in plain words; and what else differs.

Both ran on the emulated board, whose time is exactly repeatable: what differs is what their code does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from hw.board import Board
from tools.artifacts import Emulation
from tools.behaviour import Output, output_name
from tools.compare_outputs import actual
from tools.shown import Event, Expected
from tools.timeline import TOLERANCE_MS, Timeline, stretches

_SHORTEST_MS = 25
"""A difference that is over sooner is one of how long code takes."""
_DUTY_TOLERANCE = 6
_NUMBER_TOLERANCE = 25
"""Of printed numbers from 1000 on, which are times."""
_SOON_MS = 200
"""After an event, what happens is taken to follow from it."""


@dataclass(frozen=True)
class Difference:
    """The first one, and where there are others."""

    t_ms: int
    text: str
    """"at 2.3 s, after 'banana' appears: with the rules the red LED goes on; with the draft it stays off"."""
    where: tuple[str, ...]
    """All outputs that differ at some time, and `serial`."""


def first_difference(
    rules: Emulation, draft: Emulation, board: Board, results: Sequence[Expected], events: Sequence[Event] = ()
) -> Difference | None:
    """Compare the run of the rules' own code with that of a draft; None where they do the same.

    `results` and `events` are what both were shown, for the words.
    """
    found = [d for output in _outputs(rules, draft, board) if (d := _of_output(rules, draft, output, board))]
    if (said := _of_serial(rules, draft)) is not None:
        found.append(said)
    if not found:
        return None
    t_ms, words, _ = min(found)
    where = tuple(name for _, _, name in sorted(found))
    return Difference(t_ms, f"at {t_ms / 1000:.1f} s, {_moment(t_ms, results, events)}: {words}", where)


_Found = tuple[int, str, str]
"""(t_ms, what happens with the rules and with the draft, where)."""


def _outputs(rules: Emulation, draft: Emulation, board: Board) -> list[Output]:
    """All that either of them drives."""
    driven = {event.pin for run in (rules, draft) for event in run.pins}
    leds = {name: led.number for name, led in board.leds.items()}
    found: list[Output] = [("led", name) for name, number in leds.items() if number in driven]
    return found + [("pin", pin) for pin in sorted(driven - set(leds.values())) if pin in board.digital_pins]


def _of_output(rules: Emulation, draft: Emulation, output: Output, board: Board) -> _Found | None:
    one, other = (actual(run.pins, output, board) for run in (rules, draft))
    until_ms = min(rules.virtual_ms, draft.virtual_ms)
    t_ms = next((start for start, end in _apart(one, other, until_ms) if end - start >= _SHORTEST_MS), None)
    if t_ms is None:
        return None
    name = output_name(output)
    subject = f"the {name}" if output[0] == "led" else name
    words = f"with the rules {subject} {_does(one, t_ms)}; with the draft it {_does(other, t_ms)}"
    return t_ms, words, name


def _apart(one: Timeline, other: Timeline, until_ms: int) -> Iterator[tuple[int, int]]:
    """The stretches of time in which two outputs differ."""
    edges = sorted({0, *(t for timeline in (one, other) for t, _ in timeline.changes if t < until_ms)})

    def differ(t_ms: int) -> bool:
        a, b = one.at(t_ms), other.at(t_ms)
        return (a > 0) != (b > 0) or abs(a - b) > _DUTY_TOLERANCE

    return stretches(edges, differ, until_ms)


def _does(timeline: Timeline, t_ms: int) -> str:
    level, before = timeline.at(t_ms), timeline.at(t_ms - 1)
    if level > 1:
        return f"is at {level} of 255"
    word = "on" if level else "off"
    return f"{'stays' if (level > 0) == (before > 0) else 'goes'} {word}"


def _of_serial(rules: Emulation, draft: Emulation) -> _Found | None:
    one, other = ([(s.t_ms, s.text) for s in run.serial if not s.text.startswith("~")] for run in (rules, draft))
    for a, b in zip_longest(one, other):
        if a and b and abs(a[0] - b[0]) <= TOLERANCE_MS:
            if not _same_text(a[1], b[1]):
                return a[0], f"with the rules it prints '{a[1]}'; with the draft '{b[1]}'", "serial"
        elif b is None or (a and a[0] < b[0]):
            return a[0], f"with the rules it prints '{a[1]}'; with the draft nothing", "serial"
        else:
            return b[0], f"with the rules it prints nothing; with the draft '{b[1]}'", "serial"
    return None


def _same_text(one: str, other: str) -> bool:
    if re.sub(r"\d+", "0", one) != re.sub(r"\d+", "0", other):
        return False
    pairs = zip(re.findall(r"\d+", one), re.findall(r"\d+", other), strict=True)
    return all(a == b or (len(a) > 3 and abs(int(a) - int(b)) <= _NUMBER_TOLERANCE) for a, b in pairs)


def _moment(t_ms: int, results: Sequence[Expected], events: Sequence[Event]) -> str:
    """What the board is shown then."""
    shown = [k for k, result in enumerate(results) if result.t_ms <= t_ms]
    happened = [event for event in events if event.t_ms <= t_ms]
    since = results[shown[-1]].t_ms if shown else -1
    if happened and since <= happened[-1].t_ms and t_ms - happened[-1].t_ms <= _SOON_MS:
        return f"after {_event(happened[-1])}"
    if not shown:
        return "before the first result"
    last = shown[-1]
    label = results[last].label
    appears = last == 0 or results[last - 1].label != label
    return f"after '{label}' appears" if appears else f"while '{label}' is shown"


def _event(event: Event) -> str:
    if event.kind in ("pressed", "released"):
        return f"the button at pin {event.value} is {event.kind}"
    return f'"{event.value}" comes on serial' if event.kind == "serial" else f"the proximity becomes {event.value}"
