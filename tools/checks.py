"""The checks that a board will have to pass, as sentences: from the spec alone, before anything is drafted or run.

The results of a run carry the same sentences, so that a person can tick them off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hw.board import Board
from tools.artifacts import Condition, Led, Pin, Print, Rule
from tools.behaviour import (
    BLINK_MS,
    Output,
    Users,
    contested_outputs,
    events_of,
    happens_at_results,
    output_name,
    output_of,
    steady_outputs,
    when,
)
from tools.sketch import BAUD

MINUTE = "a minute of continuous running"
_SCENES = {
    "rest": "with the sensor at rest (darkness, stillness) all outputs and lines are as demanded",
    "noise": "with noise from the sensor all outputs and lines are as demanded",
    "pause": "after a pause of the readings all outputs and lines are as demanded",
    "threshold": "clearly above and clearly below each threshold of confidence all outputs and lines are as demanded",
    "between": "before, between and after readings that lie between two classes nothing undemanded happens",
}


@dataclass(frozen=True)
class Check:
    """A check: what kind it is and of what, and its sentence."""

    kind: str
    """Of run, baud, start, level, changes, timed, lines, scene, dark, pins,
    long_run, long_outputs, long_heap, live, memory."""
    of: tuple[str | int, ...]
    """The output, the label, the scene."""
    sentence: str


def checks_of(rules: Sequence[Rule], classes: Sequence[str], board: Board) -> tuple[str, ...]:
    """What the board will have to do to pass, a sentence for each check, in the order in which they are reported."""
    return tuple(check.sentence for check in [*scene_checks(rules, classes, board), *minute_checks(), memory_check()])


def scene_checks(rules: Sequence[Rule], classes: Sequence[str], board: Board) -> list[Check]:
    """The checks of the run that shows every scene once."""
    checks = [
        Check("run", (), "the board runs to the end without a crash, a hang or a restart"),
        Check("baud", (), f"the serial line runs at {BAUD:,} baud"),
    ]
    driven = list(dict.fromkeys(output_of(a) for r in rules for a in r.actions if isinstance(a, Led | Pin)))
    for output in driven:
        checks += _output_checks(rules, classes, output)
    checks.append(Check("start", (), "nothing undemanded is printed at start-up"))
    if any(isinstance(a, Print) for r in rules if not happens_at_results(r) for a in r.actions):
        checks.append(Check("timed", (), "lines of start-up, periods and events come in time"))
    checks += [_line_check(rules, label) for label in classes]
    confident = any(
        limit is not None for r in rules for limit in (r.condition.confidence_min, r.condition.confidence_below)
    )
    checks += [Check("scene", (kind,), text) for kind, text in _SCENES.items() if kind != "threshold" or confident]
    used = numbers_of(driven, board)
    dark = [name for name, led in board.leds.items() if led.number not in used]
    checks += [Check("dark", (name,), f"{name} LED stays off") for name in dark]
    return [*checks, Check("pins", (), "no pin is driven that nobody asked for")]


def numbers_of(outputs: Iterable[Output], board: Board) -> set[int]:
    """The pins of outputs; two LEDs of a board may be one, and a LED a pin as well."""
    return {board.leds[str(name)].number if kind == "led" else int(name) for kind, name in outputs}


def minute_checks() -> list[Check]:
    """The checks of the minute."""
    return [
        Check("long_run", (), f"through {MINUTE} it does not crash, hang or restart"),
        Check(
            "long_outputs", (), f"through {MINUTE}, millis() rolling over in it, all outputs and lines are as demanded"
        ),
        Check("long_heap", (), f"through {MINUTE} the heap does not grow any more"),
        Check(
            "live",
            (),
            "every inference is of the readings shown, its input and outputs those of the model, byte for byte",
        ),
    ]


def memory_check() -> Check:
    """The check of the scenes with a build that looks at each access."""
    return Check("memory", (), "it touches no memory that is not its own, self-test lines among the readings")


def _output_checks(rules: Sequence[Rule], classes: Sequence[str], output: Output) -> list[Check]:
    name, users = output_name(output), steady_outputs(rules).get(output)
    contested = output in contested_outputs(rules) or users is None or any(r.linger_ms for r, _ in users)
    checks = []
    for label in classes:
        state = "as demanded" if contested or users is None else _held(users, label)
        checks.append(Check("level", (*output, label), f"{name} is {state} while the result is '{label}'"))
    return [*checks, Check("changes", output, f"{name} changes as often and for as long as demanded")]


def _held(users: Users, label: str) -> str:
    """How `while` rules hold an output for a label, in words."""
    inverse = users[0][1].state in ("off", "low")
    rest = "on" if inverse else "off"
    told: list[str] = []
    for rule, action in users:
        c = rule.condition
        if label in c.not_labels or (c.labels and label not in c.labels):
            continue
        state = "off" if inverse else _state(action)
        beside = c.model_copy(update={"labels": (), "not_labels": ()})
        if beside == Condition():
            return ", ".join([*told, f"else {state}"]) if told else state
        told.append(f"{state} {when(Rule(trigger='while', condition=beside, actions=()))}")
    return ", ".join([*told, f"else {rest}"]) if told else rest


def _state(action: Led | Pin) -> str:
    if action.state == "blink":
        return f"blinking ({action.duration_ms or BLINK_MS} ms)"
    if isinstance(action, Pin) and action.state == "pwm":
        return "at PWM confidence x 255" if action.by_confidence else f"at PWM {action.duty or 0}"
    return "on"


def _line_check(rules: Sequence[Rule], label: str) -> Check:
    printing = [r for r in rules if happens_at_results(r) and any(isinstance(a, Print) for a in events_of(r))]
    may = [r for r in printing if label not in r.condition.not_labels and label in (r.condition.labels or (label,))]
    what = "prints the demanded lines" if may else "prints nothing undemanded"
    return Check("lines", (label,), f"serial {what} for '{label}'")
