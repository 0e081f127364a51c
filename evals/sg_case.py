"""Cases of the suites `sg` and `fruit`: a request in everyday words, a scene, and what a person must see in it.

The format says nothing of rules, triggers or C++: only what is shown to the device and what it does, so that a case
cannot be wrong in the same way as the system. Described for authors in cases/sg/README.md.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evals.harness import Case as HarnessCase
from hw.board import Board, boards, sensors
from tools.errors import BadInput

CASES = Path(__file__).parent / "cases"
RESULT_MS = {"color": 100, "serial": 100, "imu": 200}
"""Milliseconds from one result to the next, per sensor."""
HIGH, LOW = 0.97, 0.55
"""Confidence at least shown by `high`, and aimed at by `low`."""


class Spec(BaseModel):
    """Immutable; a typo in a case is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(Spec):
    """One line of text as it must come: exactly one of `text` and `json`."""

    text: str | None = None
    """Exact; `~words` is contained, in any case; `/regex/` matches all of it. {confidence}, {confidence:2}, {percent},
    {percent:0} (with so many decimals), {number} and {ms} stand for numbers; the first four must be the confidence."""
    json_: dict[str, Any] | None = Field(default=None, alias="json")
    """The line is this JSON object; values may be `{confidence}`, `{percent}`, `{number}`."""
    maybe: bool = False
    """It may also not come: where a request leaves that open."""


class Lines(Spec):
    """Lines of a step: `first` in this order, and then one of: nothing, `each`, `some`, or `line` every `every_ms`."""

    first: tuple[Entry, ...] = ()
    each: Entry | None = None
    """One for each result."""
    some: Entry | None = None
    """At least one, and nothing else: where a request leaves open how often."""
    every_ms: int | None = Field(default=None, ge=100)
    line: Entry | None = None
    anything: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "Lines":
        if sum((self.each is not None, self.some is not None, self.every_ms is not None, self.anything)) > 1:
            raise ValueError("give one of each, some, every_ms and anything")
        if (self.every_ms is None) != (self.line is None):
            raise ValueError("every_ms and line belong together")
        return self


Level = Literal["on", "off", "blink", "any"]
Output = str | int
"""A LED of the board by name, or the number of a pin."""


class See(Spec):
    """What is seen in a step. Outputs that are not named are off at its end, and did not flicker."""

    out: dict[Output, Level] = {}
    """Level at the end, reached by at most one change; `blink`: it flashes all the time."""
    flashes: dict[Output, int] = {}
    """How many times it goes on in the step; it is off at the end unless `out` says otherwise."""
    flash_ms: dict[Output, int | tuple[int, ...]] = {}
    """How long it stays on each time, or each of the times in order; of blinking, the last one may be cut off."""
    duty: dict[Output, int | tuple[int, int] | Literal["confidence"]] = {}
    """PWM 0..255 at the end: a value, a range, or 255 times the confidence."""
    on_after_ms: dict[Output, int] = {}
    """It goes on this long after the beginning of the step."""
    off_after_ms: dict[Output, int] = {}
    serial: Lines = Lines()
    """By default the device is silent."""


class Step(Spec):
    """One thing that happens, and how long the device is watched then."""

    show: str | None = None
    """The sensor sees this label; by default what it saw before."""
    confidence: float | None = Field(default=None, gt=0, lt=1)
    """Of the label's result; None: high."""
    results: int | None = Field(default=None, ge=1, le=400)
    """How many results the step lasts, 5 by default."""
    ms: int | None = Field(default=None, ge=100, le=40_000)
    pause: bool = False
    """No readings come (sensor `serial` only)."""
    send: str | None = None
    """A line of text is sent to the board at the beginning."""
    press: int | None = None
    """Button at this pin, to ground, is held down from the beginning of the step until it is released."""
    release: int | None = None
    click: int | None = None
    """Held down for 150 ms."""
    bounce: bool = False
    """The contacts bounce for 8 ms when they close and open."""
    proximity: int | None = Field(default=None, ge=0, le=255)
    """0 near .. 255 far, from now on."""
    see: See = See()
    any_of: tuple[See, ...] = ()
    """Several readings of the request, in the same order in every step that has some; one of them must hold in all."""


class Case(HarnessCase):
    """A request and what must come of it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    request: str = Field(min_length=1)
    labels: tuple[str, ...] = Field(min_length=2, max_length=6)
    board: str = "nano33ble"
    sensor: Literal["color", "imu", "serial"] = "color"
    tags: tuple[str, ...] = Field(min_length=1)
    level: Literal["simple", "medium", "hard"]
    kind: Literal["works", "refused", "asked"] = "works"
    why: str = ""
    """Of a request that cannot be done as it stands: what is wrong with it."""
    mentions: str = ""
    """Regular expression that the refusal or question must match, in any case."""
    buttons: tuple[int, ...] = ()
    """Pins with a button to ground, open at the start; those of the scene are added."""
    scene: tuple[Step, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _row(cls, plain: Any) -> Any:
        """The row of the table is the level, and one of its own for what cannot be done."""
        if not isinstance(plain, dict):
            return plain
        return {**plain, "group": plain.get("level", "") if plain.get("kind", "works") == "works" else "bad requests"}

    def result_ms(self) -> int:
        """Milliseconds from one result to the next."""
        return RESULT_MS[self.sensor]

    def pressed_pins(self) -> tuple[int, ...]:
        """All pins with a button."""
        used = {pin for step in self.scene for pin in (step.press, step.release, step.click) if pin is not None}
        return tuple(sorted(used | set(self.buttons)))

    def readings(self) -> int:
        """How many readings of the request the scene allows, 1 without any_of."""
        return max((len(step.any_of) for step in self.scene), default=0) or 1

    @model_validator(mode="after")
    def _possible(self) -> "Case":
        board = boards().get(self.board)
        if board is None or self.sensor not in board.sensors or self.sensor not in sensors():
            raise ValueError(f"there is no sensor {self.sensor} on a board {self.board}")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("a label is there twice")
        if (self.kind == "works") != bool(self.scene):
            raise ValueError("a scene is what a case of kind works has, and no other")
        for number, step in enumerate(self.scene, start=1):
            try:
                _check_step(self, step, board, first=number == 1)
            except ValueError as error:
                raise ValueError(f"step {number}: {error}") from error
        return self


@dataclass(frozen=True)
class Phase:
    """A step of the scene as it was shown to the board."""

    start_ms: int
    end_ms: int
    results: int
    confidence: float
    """That the model gives what is shown, by TFLM."""
    title: str


def _check_step(case: Case, step: Step, board: Board, first: bool) -> None:
    if step.show is not None and step.show not in case.labels:
        raise ValueError(f"'{step.show}' is none of the labels {', '.join(case.labels)}")
    if first and step.show is None and not step.pause:
        raise ValueError("the first step must show a label")
    if step.results is not None and step.ms is not None:
        raise ValueError("give results or ms, not both")
    if step.ms is not None and step.ms % case.result_ms():
        raise ValueError(f"ms is {step.ms}: results come every {case.result_ms()} ms")
    if step.pause and (case.sensor != "serial" or step.ms is None):
        raise ValueError("pause needs ms, and readings that come over the serial line")
    if step.proximity is not None and "color" not in board.sensors:
        raise ValueError(f"{board.id} has no proximity sensor")
    if step.any_of and (len(step.any_of) != case.readings() or step.see != See()):
        raise ValueError("any_of must hold as many readings in each step that has some, and takes the place of see")
    for see in (step.see, *step.any_of):
        for named in (see.out, see.flashes, see.flash_ms, see.duty, see.on_after_ms, see.off_after_ms):
            for output in named:
                pin_of(output, board)


def pin_of(output: Output, board: Board) -> int:
    """Number of the pin behind a LED's name or a pin's number. Raises ValueError when the board has none such."""
    if isinstance(output, int):
        if output not in (*board.digital_pins, *board.analog_pins):
            raise ValueError(f"{board.id} has no pin {output}")
        return output
    if output not in board.leds:
        raise ValueError(f"{board.id} has no {output} LED")
    return board.leds[output].number


def read_case(path: Path) -> Case:
    """One case of a YAML file; `on` and `off` need no quotes there. Raises BadInput that names file and place."""
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
        case = Case.model_validate(_expanded(plain))
    except (yaml.YAMLError, ValidationError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else " ".join(str(error).split())
        raise BadInput(f"{path.name} is not a case: {what}") from error
    if case.id != path.stem:
        raise BadInput(f"{path.name} holds the case {case.id}: file and case must have the same name")
    return case


def load_cases(suite: str = "sg") -> list[Case]:
    """All cases of a suite, by id. Raises BadInput for one that is not a case."""
    return [read_case(path) for path in sorted((CASES / suite).glob("*.yaml"))]


def _expanded(plain: Any) -> Any:
    """The short forms that people write, spelled out: `serial: [a, b]`, plain text for an entry, on/off as YAML has."""
    if not isinstance(plain, dict):
        return plain
    steps = plain.get("scene") or ()
    for step in steps:
        for see in (step.get("see"), *(step.get("any_of") or ())):
            if isinstance(see, dict):
                _expand_see(see)
    return plain


def _expand_see(see: dict[str, Any]) -> None:
    words = {True: "on", False: "off"}
    see["out"] = {key: words.get(level, level) for key, level in (see.get("out") or {}).items()}
    lines = see.get("serial", [])
    if lines == "any":
        lines = {"anything": True}
    elif not isinstance(lines, dict):
        lines = {"first": lines}
    for key in ("each", "some", "line"):
        if key in lines:
            lines[key] = _entry(lines[key])
    lines["first"] = [_entry(line) for line in lines.get("first", [])]
    see["serial"] = lines


def _entry(line: Any) -> Any:
    if isinstance(line, dict) and isinstance(line.get("maybe"), str):
        return {"text": line["maybe"], "maybe": True}
    return line if isinstance(line, dict) else {"text": str(line)}
