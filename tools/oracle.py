"""The emulated board's behaviour against the demanded one: a check for each output and each kind of serial line.

Covered: serial lines (text, count, order, time), LEDs and pins (level at every moment, glitches), timing of blinking
and pulses. Not covered: PWM wave forms beyond their duty.
"""

from collections.abc import Iterator, Sequence

from hw.board import Board
from tools.artifacts import CheckResult, Emulation, PinEvent
from tools.behaviour import Output
from tools.demand import Demanded, Expected, Line, Timeline, is_sure

TOLERANCE_MS = 80
"""How far the board may be off in time: sampling jitter, serial transmission, one pass of loop()."""
LENGTH_TOLERANCE_MS = 40
"""How far a pulse, or a series of flashes from its first edge to its last, may be off in length."""


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
    if not wanted.tolerance and all(is_sure(r, demanded.rules) for r in demanded.results):
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
            if abs(level - actual) > wanted.tolerance and result.label not in wrong:
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


def _compare_lines(want: Sequence[Line], got: Sequence[tuple[int, str]]) -> str:
    """What is wrong with the lines printed, in their order, each within TOLERANCE_MS; empty: nothing."""
    if len(got) != len(want) or not all(line.fits(text) for line, (_, text) in zip(want, got, strict=True)):
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
        found = next((s for s in left if abs(s[0] - line.t_ms) <= reach and line.fits(s[1])), None)
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
