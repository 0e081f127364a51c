"""The behaviour's own interpreter: from rules and the model's results to what the board must do, and the comparison.

The checks come from the rules of the spec and never from the sketch. Covered: serial lines (text, count, order,
time), LEDs and pins (level at every moment, glitches), timing of blinking and pulses. Not covered: PWM wave forms
beyond their duty.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hw.board import Board
from tools.artifacts import CheckResult, Condition, Emulation, Led, Pin, PinEvent, Print, Rule
from tools.behaviour import BLINK_MS, steady_outputs, template_parts

TOLERANCE_MS = 80
"""How far the board may be off in time: sampling jitter, serial transmission, one pass of loop()."""
LENGTH_TOLERANCE_MS = 40
"""How far a pulse, or a series of flashes from its first edge to its last, may be off in length."""
CONFIDENCE_TOLERANCE = 0.05
_FOREVER = -1

Output = tuple[str, str | int]


@dataclass(frozen=True)
class Expected:
    """A result that the model must give on the board: `sure` is False where rounding could tip it either way."""

    t_ms: int
    label: str
    index: int
    confidence: float
    sure: bool = True


@dataclass
class Line:
    """A serial line that must come at `t_ms`, caused by the result `slot`; None: at start-up or periodic."""

    t_ms: int
    pattern: re.Pattern[str]
    text: str
    confidence: float | None
    slot: int | None


@dataclass
class Timeline:
    """Levels of one output over time: (t_ms, level), level 0 at the beginning; PWM levels are duties."""

    changes: list[tuple[int, int]] = field(default_factory=list)
    edges_left: int = 0
    next_edge: int = 0
    period: int = 0
    runs: list[list[int]] = field(default_factory=list)
    """Of each blink or pulse the times of its edges, the first one included."""
    cuts: list[int] = field(default_factory=list)
    """When something ended a blink before its time: whether its last edge came just before is left to chance."""

    @property
    def level(self) -> int:
        """The level now."""
        return self.changes[-1][1] if self.changes else 0

    def set(self, t_ms: int, level: int) -> None:
        """Hold `level` from now; ends blinking."""
        if self.edges_left:
            self.cuts.append(t_ms)
        self.edges_left = 0
        self._drive(t_ms, level)

    def blink(self, t_ms: int, times: int, period: int) -> None:
        """`times` flashes (0: for ever) of `period` ms."""
        if self.edges_left:
            self.cuts.append(t_ms)
        self._drive(t_ms, 1)
        self.runs.append([t_ms])
        self.edges_left = _FOREVER if times == 0 else 2 * times - 1
        self.period, self.next_edge = period, t_ms + period

    def advance(self, t_ms: int) -> None:
        """Let the timers run up to `t_ms`."""
        while self.edges_left and self.next_edge <= t_ms:
            self._drive(self.next_edge, 1 - self.level)
            self.runs[-1].append(self.next_edge)
            if self.edges_left > 0:
                self.edges_left -= 1
            self.next_edge += self.period

    def at(self, t_ms: int) -> int:
        """The level at a time of the past."""
        level = 0
        for when, value in self.changes:
            if when > t_ms:
                break
            level = value
        return level

    def _drive(self, t_ms: int, level: int) -> None:
        if level != self.level:
            self.changes.append((t_ms, level))


def holds(condition: Condition, result: Expected) -> bool:
    """Whether a rule's condition holds for a result."""
    return (
        (not condition.labels or result.label in condition.labels)
        and result.label not in condition.not_labels
        and (condition.confidence_min is None or result.confidence >= condition.confidence_min)
        and (condition.confidence_below is None or result.confidence < condition.confidence_below)
    )


def is_sure(result: Expected, rules: Sequence[Rule]) -> bool:
    """False where the winner is close, or the confidence is too near to a threshold of the rules."""
    limits = [
        limit
        for r in rules
        for limit in (r.condition.confidence_min, r.condition.confidence_below)
        if limit is not None
    ]
    return result.sure and all(abs(result.confidence - limit) > CONFIDENCE_TOLERANCE for limit in limits)


class Demanded:
    """What the board must do for a sequence of results: serial `lines` and the `outputs`' timelines."""

    def __init__(self, rules: Sequence[Rule], results: Sequence[Expected], until_ms: int) -> None:
        self.rules, self.results, self.until_ms = rules, results, until_ms
        self.lines: list[Line] = []
        self.outputs: dict[Output, Timeline] = {}
        self._steady = steady_outputs(rules)
        self._was: dict[int, bool] = {}
        self._ways: dict[Output, tuple[str, int | None] | None] = {}
        for rule in rules:
            for action in rule.actions:
                if not isinstance(action, Print):
                    self.outputs.setdefault(_key(action), Timeline())
        self._run()

    def _run(self) -> None:
        for rule in self.rules:
            if rule.trigger == "start":
                self._do(rule, 0, None, None)
        moments: list[tuple[int, int, int]] = [(r.t_ms, 0, k) for k, r in enumerate(self.results)]
        for i, rule in enumerate(self.rules):
            if rule.trigger == "every" and rule.period_ms:
                moments += [(t, 1, i) for t in range(rule.period_ms, self.until_ms, rule.period_ms)]
        latest: Expected | None = None
        for t_ms, kind, index in sorted(moments):
            for timeline in self.outputs.values():
                timeline.advance(t_ms)
            if kind == 0:
                previous, latest = latest, self.results[index]
                self._on_result(index, latest, previous)
            else:
                self._on_period(self.rules[index], t_ms, latest)
        for timeline in self.outputs.values():
            timeline.advance(self.until_ms)

    def _on_result(self, slot: int, result: Expected, previous: Expected | None) -> None:
        for key, users in self._steady.items():
            self._hold(key, users, result)
        for i, rule in enumerate(self.rules):
            true = holds(rule.condition, result)
            changed = previous is None or previous.label != result.label
            events = tuple(a for a in rule.actions if rule.trigger != "while" or isinstance(a, Print))
            happens = {
                "while": true,
                "result": true,
                "change": true and changed,
                "becomes": true and not self._was.get(i, False),
            }.get(rule.trigger, False)
            self._was[i] = true
            if happens:
                self._do(rule.model_copy(update={"actions": events}), result.t_ms, result, slot)

    def _on_period(self, rule: Rule, t_ms: int, latest: Expected | None) -> None:
        fields = any(isinstance(a, Print) and "{" in a.template for a in rule.actions)
        if latest is None and (fields or rule.condition != Condition()):
            return
        if latest is None or holds(rule.condition, latest):
            self._do(rule, t_ms, latest, None)

    def _hold(self, key: Output, users: Sequence[tuple[Rule, Led | Pin]], result: Expected) -> None:
        timeline, held = self.outputs[key], [(rule, action) for rule, action in users if holds(rule.condition, result)]
        action = held[0][1] if held else None
        way, before = (action.state, action.duration_ms) if action else None, self._ways.get(key)
        self._ways[key] = way
        if users[0][1].state in ("off", "low"):
            timeline.set(result.t_ms, int(not held))
        elif action is None:
            timeline.set(result.t_ms, 0)
        elif action.state == "blink":
            if way != before:
                timeline.blink(result.t_ms, 0, action.duration_ms or BLINK_MS)
        else:
            timeline.set(result.t_ms, (action.duty or 0) if isinstance(action, Pin) and action.state == "pwm" else 1)

    def _do(self, rule: Rule, t_ms: int, result: Expected | None, slot: int | None) -> None:
        for action in rule.actions:
            if isinstance(action, Print):
                self.lines.append(_line(action.template, t_ms, result, slot))
                continue
            timeline = self.outputs[_key(action)]
            if action.state == "toggle":
                timeline.set(t_ms, 1 - timeline.level)
            elif action.state == "blink":
                timeline.blink(t_ms, action.times if isinstance(action, Led) else 1, action.duration_ms or BLINK_MS)
            elif action.state in ("on", "high") and action.duration_ms:
                timeline.blink(t_ms, 1, action.duration_ms)
            elif isinstance(action, Pin) and action.state == "pwm":
                timeline.set(t_ms, action.duty or 0)
            else:
                timeline.set(t_ms, int(action.state in ("on", "high")))


def _key(action: Led | Pin) -> Output:
    return (action.kind, action.name if isinstance(action, Led) else action.pin)


def _line(template: str, t_ms: int, result: Expected | None, slot: int | None) -> Line:
    pattern, text = "", ""
    for part in template_parts(template):
        if part == "{label}" and result:
            pattern, text = pattern + re.escape(result.label), text + result.label
        elif part == "{index}" and result:
            pattern, text = pattern + str(result.index), text + str(result.index)
        elif part == "{confidence}" and result:
            pattern, text = pattern + r"(?P<confidence>\d\.\d+)", text + f"{result.confidence:.2f}"
        elif part == "{ms}":
            pattern, text = pattern + r"\d+", text + f"<{t_ms}>"
        else:
            pattern, text = pattern + re.escape(part), text + part
    # Every further field repeats a group name at most once: templates with two confidences are compared as text.
    pattern = _single_group(pattern)
    return Line(t_ms, re.compile(pattern), text, result.confidence if result else None, slot)


def _single_group(pattern: str) -> str:
    first, *rest = pattern.split("(?P<confidence>")
    return first if not rest else first + "(?P<confidence>" + "(?:".join(rest)


# --- comparison -------------------------------------------------------------------------------------


def compare(demanded: Demanded, emulation: Emulation, board: Board) -> list[CheckResult]:
    """Each output and the serial lines, per label, against what the emulated board did; plus that it ran to the end."""
    ended = emulation.status == "done"
    running = CheckResult(
        check="the board runs to the end without a crash or a hang",
        passed=ended,
        seen="" if ended else f"{emulation.status} after {emulation.virtual_ms} ms: {emulation.reason}",
    )
    serial = [(line.t_ms, line.text) for line in emulation.serial if not line.text.startswith("~")]
    checks = [running]
    for key, timeline in demanded.outputs.items():
        checks += _compare_output(demanded, key, timeline, _actual(emulation.pins, key, board))
    checks += _compare_serial(demanded, serial)
    checks += _silent_outputs(demanded, emulation, board)
    return checks


def _actual(events: Sequence[PinEvent], key: Output, board: Board) -> Timeline:
    kind, name = key
    number = board.leds[str(name)].number if kind == "led" else int(name)
    low_is_on = kind == "led" and board.leds[str(name)].active == "low"
    timeline = Timeline()
    for event in events:
        if event.pin == number:
            full = 1 if event.mode == "digital" else 255
            timeline.set(event.t_ms, full - event.value if low_is_on else event.value)
    # What lasts less than a millisecond, like an active-low LED between pinMode() and digitalWrite(), nobody sees.
    last = dict(timeline.changes)
    timeline.changes = []
    for t_ms, level in last.items():
        timeline.set(t_ms, level)
    return timeline


def _slots(demanded: Demanded) -> Iterator[tuple[int, int, Expected, bool]]:
    """(start, end, result, comparable) of each result's reign; not comparable next to an unsure result."""
    results = demanded.results
    for k, result in enumerate(results):
        end = results[k + 1].t_ms if k + 1 < len(results) else demanded.until_ms
        sure = is_sure(result, demanded.rules) and (k == 0 or is_sure(results[k - 1], demanded.rules))
        yield result.t_ms, end, result, sure


def _compare_output(demanded: Demanded, key: Output, wanted: Timeline, seen: Timeline) -> list[CheckResult]:
    name = f"{key[1]} LED" if key[0] == "led" else f"pin {key[1]}"
    wrong: dict[str, str] = {}
    visited: dict[str, set[int]] = {}
    # Where all is sure the whole sequence must agree, so that no short glitch hides in the tolerance.
    if all(is_sure(r, demanded.rules) for r in demanded.results):
        wrong["*"] = _compare_changes(wanted, seen)
    for start, end, result, sure in _slots(demanded):
        if not sure:
            continue
        visited.setdefault(result.label, set())
        for t_ms in range(start, end, 10):
            if any(abs(t_ms - when) <= TOLERANCE_MS for when, _ in wanted.changes):
                continue
            level, actual = wanted.at(t_ms), seen.at(t_ms)
            visited[result.label].add(level)
            if level != actual and result.label not in wrong:
                wrong[result.label] = f"at {t_ms} ms it is {_word(actual)}"
    checks = [
        CheckResult(
            check=f"{name} is {_words(levels)} while the result is '{label}'",
            passed=label not in wrong,
            seen=wrong.get(label, ""),
        )
        for label, levels in visited.items()
    ]
    checks.append(
        CheckResult(
            check=f"{name} changes as often and for as long as demanded",
            passed=not wrong.get("*"),
            seen=wrong.get("*", ""),
        )
    )
    return checks


def _compare_changes(wanted: Timeline, seen: Timeline) -> str:
    """What is wrong with the number of changes, or with the length of flashes and pulses; empty: nothing."""
    demanded, done = _net(wanted.changes, wanted.cuts), _net(seen.changes, wanted.cuts)
    if [level for _, level in demanded] != [level for _, level in done]:
        return f"{len(done)} changes, demanded {len(demanded)}"
    at = {t_ms: k for k, (t_ms, _) in enumerate(demanded)}
    for run in wanted.runs:
        edges = [at[t_ms] for t_ms in run if t_ms in at]
        if len(edges) < 2:
            continue
        length, lasted = (c[edges[-1]][0] - c[edges[0]][0] for c in (demanded, done))
        if abs(length - lasted) > LENGTH_TOLERANCE_MS:
            return f"at {run[0]} ms {len(edges)} changes take {lasted} ms, demanded {length} ms"
    return ""


def _net(changes: Sequence[tuple[int, int]], cuts: Sequence[int]) -> list[tuple[int, int]]:
    """The changes with what happens around a cut reduced to its outcome, at the cut."""
    moved = {}
    for t_ms, level in changes:
        moved[next((cut for cut in cuts if abs(cut - t_ms) <= TOLERANCE_MS), t_ms)] = level
    net = Timeline()
    for t_ms, level in moved.items():
        net.set(t_ms, level)
    return net.changes


def _words(levels: set[int]) -> str:
    return " and ".join(map(_word, sorted(levels))) or "as demanded"


def _word(level: int) -> str:
    return {0: "off", 1: "on"}.get(level, str(level))


def _fits(line: Line, text: str) -> bool:
    found = line.pattern.fullmatch(text)
    if found is None:
        return False
    shown = found.groupdict().get("confidence")
    return shown is None or line.confidence is None or abs(float(shown) - line.confidence) <= CONFIDENCE_TOLERANCE


def _compare_lines(want: Sequence[Line], got: Sequence[tuple[int, str]]) -> str:
    """What is wrong with the lines printed, in their order, each within TOLERANCE_MS; empty: nothing."""
    if len(got) != len(want) or not all(_fits(line, text) for line, (_, text) in zip(want, got, strict=True)):
        return f"it printed {[text for _, text in got][:4]}, demanded {[line.text for line in want][:4]}"
    off = [(line, t) for line, (t, _) in zip(want, got, strict=True) if abs(t - line.t_ms) > TOLERANCE_MS]
    return f"it printed '{off[0][0].text}' at {off[0][1]} ms, demanded at {off[0][0].t_ms} ms" if off else ""


def _compare_serial(demanded: Demanded, serial: list[tuple[int, str]]) -> list[CheckResult]:
    left, checks = _take_timed(demanded, serial)
    wrong: dict[str, str] = {}
    labels: dict[str, int] = {}
    first = demanded.results[0].t_ms if demanded.results else demanded.until_ms
    early = [text for t, text in left if t < first - TOLERANCE_MS]
    if early:
        checks.append(CheckResult(check="nothing undemanded is printed at start-up", passed=False, seen=repr(early[0])))
    slots = list(_slots(demanded))
    reach = min([TOLERANCE_MS, *((end - start) // 2 for start, end, _, _ in slots[:-1])])
    for k, (start, end, result, sure) in enumerate(slots):
        last = k + 1 == len(slots)
        if not sure or not (last or is_sure(demanded.results[k + 1], demanded.rules)):
            continue
        got = [(t, text) for t, text in left if start - reach <= t and (last or t < end - reach)]
        want = [line for line in demanded.lines if line.slot == k]
        labels[result.label] = labels.get(result.label, 0) + len(want)
        problem = _compare_lines(want, got)
        if problem:
            wrong.setdefault(result.label, f"at {start} ms {problem}")
    if reach < TOLERANCE_MS and all(sure for *_, sure in slots):
        # Results come so thick that a line's time does not tell whose it is: its place in the order does.
        problem = _compare_lines([line for line in demanded.lines if line.slot is not None], left)
        wrong = dict.fromkeys(wrong or labels, problem) if problem else {}
    for label, count in labels.items():
        what = "prints the demanded lines" if count else "prints nothing undemanded"
        checks.append(
            CheckResult(check=f"serial {what} for '{label}'", passed=label not in wrong, seen=wrong.get(label, ""))
        )
    return checks


def _take_timed(demanded: Demanded, serial: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], list[CheckResult]]:
    """Match start-up and periodic lines by time; the lines that are left belong to results."""
    left, missing, timed = list(serial), [], [line for line in demanded.lines if line.slot is None]
    for line in timed:
        reach = 2 * TOLERANCE_MS if line.t_ms else 1000  # start-up: sensors may take a moment to answer
        found = next((s for s in left if abs(s[0] - line.t_ms) <= reach and _fits(line, s[1])), None)
        if found is None:
            missing.append(line)
        else:
            left.remove(found)
    if not timed:
        return left, []
    seen = f"no line '{missing[0].text}' near {missing[0].t_ms} ms" if missing else ""
    return left, [CheckResult(check="start-up and periodic lines come in time", passed=not missing, seen=seen)]


def _silent_outputs(demanded: Demanded, emulation: Emulation, board: Board) -> list[CheckResult]:
    """LEDs that no rule names must stay dark."""
    checks = []
    for name in board.leds:
        if ("led", name) in demanded.outputs:
            continue
        lit = [t for t, v in _actual(emulation.pins, ("led", name), board).changes if v]
        checks.append(
            CheckResult(check=f"{name} LED stays off", passed=not lit, seen=f"lit at {lit[0]} ms" if lit else "")
        )
    return checks
