"""What the emulated board is shown, as stimuli on disk, with the results that it must find in them.

Two of them: every scene once, and the same over and over for a minute in which millis() rolls over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np

from hw.board import Sensor
from tools.answers import Answers
from tools.artifacts import Converted, Recipe, Rule
from tools.behaviour import uses
from tools.demand import Demanded
from tools.live import live_answer
from tools.recordings import Recordings
from tools.scenario_events import ROUNDS, choose_events
from tools.scenario_file import Row, line_of, write_rows
from tools.scenes import Kind, Scene, choose_scenes
from tools.shown import Event, Expected
from tools.sketch import picture_step, sound_step

SETTLE_MS = 100
"""From reset to the first reading of a chip: by then it is set up, however long that takes."""
BUSY_MS = 60
"""After a result millis() rolls over, so that what the result began is under way."""
QUIET_MS = 300
"""After the last reading, for its inference and what follows from it."""
SENT_MS = 20
"""From reset to the first line that is sent."""
WAIT_MS = 100
"""After a picture's result, at least, before the next is sent."""
ROW_MARGIN_MS = 1
"""Between two rows of a picture: what comes between them is caught up with."""
BYTES_PER_MS = 11.5
"""The serial line at 115,200 baud, ten bits a byte."""
MINUTE_MS = 60_000
WARM_MS = 20_000
"""When the heap must have reached its size; with long scenes after each has been shown once."""


@dataclass(frozen=True)
class Phase:
    """From when on what is shown."""

    start_ms: int
    kind: Kind
    label: str


@dataclass(frozen=True)
class Scenario:
    """Stimuli on disk, the results that the board must find in them, and when the run ends."""

    stimuli: Path
    results: tuple[Expected, ...]
    until_ms: int
    phases: tuple[Phase, ...]
    events: tuple[Event, ...] = ()
    live: tuple[str | None, ...] = ()
    """Of each result what the self-test says of its inference; None where rounding may differ."""
    rollover_ms: int | None = None
    """When millis() rolls over."""
    warm_ms: int = 0
    inference_ms: int = 0
    """For which the board may be busy without a sign, beyond the usual."""
    minute: "Scenario | None" = None
    """The same scenes for a minute."""

    def phase_at(self, t_ms: int) -> Phase:
        """What is shown at `t_ms` after reset."""
        begun = [phase for phase in self.phases if phase.start_ms <= t_ms]
        return begun[-1] if begun else self.phases[0]


def build_scenario(
    held_out: Sequence[tuple[int, np.ndarray]],
    recipe: Recipe,
    sensor: Sensor,
    channels: Sequence[str],
    converted: Converted,
    tflite: Path,
    period_ms: int,
    path: Path,
    rules: Sequence[Rule] = (),
    inference_ms: int = 0,
) -> Scenario:
    """Choose what is shown from recordings that the model is surest of, and write the stimuli of both runs.

    `held_out`: (class index, (T, C) readings in the data's units); period 0: the readings are sent as lines, one
    each 100 ms; pictures (H, W, C) row by row, as fast as the line carries them, and the sender waits for each result:
    `inference_ms` is how long the board computes on one (tools.golden.inference_ms). The minute's stimuli lie beside
    `path`. Raises Fixable when a class has no held-out recording.
    """
    if sound := sound_step(recipe):
        from tools.scenario_stream import sound_scenario  # which builds on this module

        return sound_scenario(held_out, recipe, sensor, sound, converted, tflite, path, rules)
    if picture := picture_step(recipe):
        from tools.scenario_pictures import picture_scenario

        return picture_scenario(held_out, recipe, sensor, picture, converted, tflite, path, rules)
    answers = Answers(recipe, sensor, channels, converted, tflite)
    step_ms = period_ms or 100
    if answers.picture:
        answers.whole = all((samples == np.rint(samples)).all() for _, samples in held_out)
    scenes = choose_scenes(answers, Recordings(answers, held_out), rules, step_ms)
    timing = Timing(step_ms, sensor, answers.size, answers.stride)
    if answers.picture:
        timing = _picture_timing(timing, answers.picture, scenes, inference_ms)
    once = _compose(scenes, timing, answers, rules, path)
    minute_ms = max(MINUTE_MS, once.until_ms * 3 // 2)
    # Once more than needed: scenes end when the time is over.
    times = minute_ms // (once.until_ms - timing.settle_ms - QUIET_MS) + 2
    long = _compose(scenes * times, timing, answers, rules, path.with_name("minute.csv"), minute_ms, ROUNDS * times)
    long = replace(long, warm_ms=max(WARM_MS, min(once.until_ms, minute_ms - WARM_MS)), inference_ms=inference_ms)
    return replace(once, minute=long, inference_ms=inference_ms)


@dataclass(frozen=True)
class Timing:
    """How readings follow each other."""

    step_ms: int
    sensor: Sensor
    size: int
    stride: int
    together: int = 1
    """Readings in one line: the pixels of a picture's row."""
    answer_ms: int = 0
    """From the moment at which a picture's last row is sent to its result."""
    wait_ms: int = 0
    """After that moment, beyond the usual step, before the next picture is sent."""

    @property
    def sent(self) -> bool:
        """Readings come as lines of text."""
        return not self.sensor.header

    @property
    def lag_ms(self) -> int:
        """How old a chip's newest value may be when it is read."""
        return 0 if self.sent else int(np.ceil(1000 / self.sensor.rate_hz))

    @property
    def settle_ms(self) -> int:
        """From reset to the first reading: over a period after set-up, so that the board counts time from it."""
        return SETTLE_MS + self.step_ms

    @property
    def followed(self) -> bool:
        """Whether each reading shown is one that the board takes: not where it reads as fast as the chip measures."""
        return self.step_ms >= 2 * self.lag_ms + 2

    @property
    def read_ms(self) -> int:
        """From the moment at which a reading is shown to that at which it is read, about."""
        return SENT_MS + self.answer_ms if self.sent else self.lag_ms * 3 // 2

    def resume(self, rows: list[Row], t_ms: int, pause_ms: int) -> int:
        """Let the chips fall silent for a while, and so start anew; returns when the first reading after is shown.

        It is there before they measure again: then no reading is of the moment between two that are shown.
        """
        if self.sent:
            return t_ms + (pause_ms if t_ms else 0)
        # The lag matters: a chip that measures all the time (the LSM9DS1) measured the value that is read up to a
        # period before. Were it woken as the reading is shown, later ones would still be of the reading before.
        rows += [Row(t_ms, silent=True), Row(t_ms + pause_ms + self.lag_ms, silent=False)]
        return t_ms + pause_ms


def _picture_timing(
    timing: Timing, picture: tuple[int, int, int], scenes: Sequence[Scene], inference_ms: int
) -> Timing:
    """Rows of pictures as fast as the line carries the longest of them."""
    _, width, channels = picture
    rows = (row for scene in scenes for row in scene.readings.reshape(-1, width * channels))
    longest_ms = ceil(max(len(line_of(row)) + 1 for row in rows) / BYTES_PER_MS)
    answer_ms = longest_ms + inference_ms
    return replace(
        timing,
        step_ms=longest_ms + ROW_MARGIN_MS,
        together=width,
        answer_ms=answer_ms,
        # Half of it in silence, so that what happens between two results falls into no inference.
        wait_ms=2 * inference_ms + WAIT_MS,
    )


@dataclass
class _Stretch:
    """Readings without a pause between them: times (ms) and values; a window lies within one."""

    times: list[int]
    readings: list[np.ndarray]


def _compose(
    scenes: Sequence[Scene],
    timing: Timing,
    answers: Answers,
    rules: Sequence[Rule],
    path: Path,
    until_ms: int | None = None,
    rounds: int = ROUNDS,
) -> Scenario:
    rows, phases, stretches, end = _lay_out(scenes, timing, until_ms)
    expected = _results(stretches, timing, answers)
    results, live = [result for result, _ in expected], [said for _, said in expected]
    used = uses(rules)
    events = choose_events(results, used, rules, rounds)
    rollover_ms = _rollover(results, rules, events, end) if until_ms else None
    write_rows(path, rows, answers.channels, timing.sent, events, used, rollover_ms, SENT_MS)
    return Scenario(path, tuple(results), end, tuple(phases), tuple(events), tuple(live), rollover_ms)


def _rollover(results: Sequence[Expected], rules: Sequence[Rule], events: Sequence[Event], until_ms: int) -> int:
    """When millis() shall roll over: in the middle third, while as many flashes and pulses as can be are under way."""
    demanded = Demanded(rules, results, until_ms, events)
    middle = [r.t_ms + BUSY_MS for r in results if until_ms < 3 * r.t_ms < 2 * until_ms]

    def busy(t_ms: int) -> int:
        return sum(run[0] < t_ms < run[-1] for timeline in demanded.outputs.values() for run in timeline.runs)

    return max(middle, key=busy, default=until_ms // 2)


def _lay_out(
    scenes: Sequence[Scene], timing: Timing, least_ms: int | None
) -> tuple[list[Row], list[Phase], list[_Stretch], int]:
    """Rows of stimuli, phases, stretches of readings (at the times at which they are read), and the end.

    As many scenes as `least_ms` takes; None: all.
    """
    rows: list[Row] = []
    phases: list[Phase] = []
    stretches = [_Stretch([], [])]
    t_ms = timing.resume(rows, 0, timing.settle_ms)
    for scene in scenes:
        if least_ms is not None and t_ms >= least_ms:
            break
        kind = scene.kind
        if scene.pause_ms and not (timing.sent or timing.followed):
            kind = "class"  # nobody could tell which reading is the first after it
        elif scene.pause_ms:
            last = stretches[-1]
            if timing.sensor.latches:  # measured just before, and read at the next time that is due
                last.times.append(t_ms + timing.read_ms)
                last.readings.append(last.readings[-1])
            t_ms = timing.resume(rows, t_ms, scene.pause_ms)
            if not timing.sent:
                stretches.append(_Stretch([], []))
        phases.append(Phase(t_ms + timing.read_ms, kind, scene.label))
        for line in scene.readings.reshape(-1, timing.together, scene.readings.shape[-1]):
            rows.append(Row(t_ms, reading=line.reshape(-1)))
            stretches[-1].times += [t_ms + timing.read_ms] * timing.together
            stretches[-1].readings += list(line)
            t_ms += timing.step_ms
            t_ms += timing.wait_ms if len(stretches[-1].times) % timing.size == 0 else 0
    t_ms = _fall_silent(rows, stretches[-1], timing, t_ms)
    return sorted(rows, key=lambda row: row.t_ms), phases, stretches, t_ms + timing.read_ms + QUIET_MS


def _fall_silent(rows: list[Row], stretch: _Stretch, timing: Timing, t_ms: int) -> int:
    """End between two results, so that a reading more or less gives none; returns when nothing is measured any more."""
    if timing.sent:
        return t_ms
    while timing.stride > 2 and (len(stretch.times) - timing.size) % timing.stride != timing.stride // 2:
        rows.append(Row(t_ms, reading=stretch.readings[-1]))
        stretch.times.append(t_ms + timing.read_ms)
        stretch.readings.append(stretch.readings[-1])
        t_ms += timing.step_ms
    if timing.sensor.latches:  # measured just before, and read at the next time that is due
        stretch.times.append(t_ms + timing.read_ms)
        stretch.readings.append(stretch.readings[-1])
    rows.append(Row(t_ms, silent=True))
    return t_ms


def _results(stretches: Sequence[_Stretch], timing: Timing, answers: Answers) -> list[tuple[Expected, str | None]]:
    found = []
    for stretch in stretches:
        readings = np.array(stretch.readings)
        windows = answers.windows(readings, timing.stride)
        unique, where = np.unique(windows.reshape(len(windows), -1), axis=0, return_inverse=True)
        logits = answers.infer(unique.reshape(-1, *windows.shape[1:]))[where.reshape(-1)]
        exact = answers.exact(readings, timing.stride)
        for k, row in enumerate(logits):
            last = timing.size - 1 + k * timing.stride
            steady = readings[last - timing.size + 1 : last + 2]
            known = exact[k] and (timing.followed or timing.sent or bool((steady == steady[0]).all()))
            said = live_answer(windows[k], row) if known else None
            found.append((answers.result(stretch.times[last], row), said))
    return found
