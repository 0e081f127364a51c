"""What the emulated board is shown: held-out recordings of every class and their transitions, with the model's answers.

The answers come from TFLM on the readings as the device samples them; whether they are right is the accuracy's
business, here they say which result the firmware must act upon.
"""

import csv
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hw.board import Sensor
from tools.artifacts import Converted, Recipe
from tools.demand import Expected
from tools.errors import Fixable
from tools.features import device_features, sensor_readings
from tools.quantise import quantise
from tools.sketch import window_of
from tools.store import write_text
from tools.tflite_file import tflm_infer
from tools.trace import traced_tool

TABULAR_PHASE = 13
"""Readings shown of a class before the next one; odd, so that a board that skips every other one comes late."""
BRIDGE_STEPS = 60
"""Blends of two readings among which those nearest to where the result changes are looked for."""
SERIES_RESULTS = 3
"""Results shown of a class in a series, the first of them over the transition."""
SURE_LSB = 6
"""Distance between the best two INT8 outputs under which one rounding step in the sensor could tip the result."""
START_MS = 20
"""From reset to the first reading, about: chips need a moment for their first measurement."""
MAX_ORDERED_PAIRS = 6
"""With more (four classes have twelve) the run would take minutes: then each class is shown twice, up and down."""


@dataclass(frozen=True)
class Scenario:
    """Stimuli on disk, the results that the board must find in them, and when the run ends."""

    stimuli: Path
    results: tuple[Expected, ...]
    until_ms: int
    phases: tuple[tuple[int, str], ...]
    """(start in ms, label shown)."""


@traced_tool
def build_scenario(
    held_out: Sequence[tuple[int, np.ndarray]],
    recipe: Recipe,
    sensor: Sensor,
    channels: Sequence[str],
    converted: Converted,
    tflite: Path,
    period_ms: int,
    path: Path,
) -> Scenario:
    """Choose recordings that the model is surest of, show the classes and their transitions, write the stimuli.

    `held_out`: (class index, (T, C) readings in the data's units); period 0: the readings are sent as lines, one
    each 100 ms. Raises Fixable when a class has no held-out recording.
    """
    model = _Model(recipe, sensor, converted, tflite)
    step_ms = period_ms or 100
    shown = _Shown(model, held_out, model.size + (SERIES_RESULTS - 1) * model.stride)
    readings: list[np.ndarray] = []
    phases: list[tuple[int, str]] = []
    for label in _order(len(converted.classes)):
        phases.append((sum(len(rows) for rows in readings) * step_ms, converted.classes[label]))
        part = shown.next(label)
        if readings and model.size == 1:
            readings.append(model.bridge(readings[-1][-1], part[0]))
        readings.append(part)
    sequence = np.concatenate(readings)
    results = model.results(sequence, step_ms)
    text = _lines_csv(sequence, step_ms) if period_ms == 0 else _channels_csv(sequence, step_ms, channels)
    write_text(path, text)
    return Scenario(path, tuple(results), len(sequence) * step_ms + START_MS, tuple(phases))


def _order(classes: int) -> list[int]:
    """A walk over the classes that visits every ordered pair where there are few, else each class twice."""
    pairs = set(itertools.permutations(range(classes), 2))
    if len(pairs) > MAX_ORDERED_PAIRS:
        return [*range(classes), *reversed(range(classes - 1))]
    walk = [0]
    while pairs:
        here = walk[-1]
        # Leave a class first for the one with the most ways out: greedy, and enough for complete graphs.
        ways = [b for a, b in pairs if a == here] or [a for a, _ in pairs]
        step = max(ways, key=lambda c: (sum(1 for a, _ in pairs if a == c), -c))
        pairs.discard((here, step))
        walk.append(step)
    return walk


class _Model:
    def __init__(self, recipe: Recipe, sensor: Sensor, converted: Converted, tflite: Path) -> None:
        self.recipe, self.sensor, self.converted, self.tflite = recipe, sensor, converted, tflite
        self.size, self.stride = window_of(recipe)

    def readings(self, samples: np.ndarray) -> np.ndarray:
        """What the sensor sees, in its library's units, rounded as the stimuli are written."""
        return np.round(sensor_readings(samples, self.recipe, self.sensor), 4)

    def logits(self, readings: np.ndarray, stride: int) -> np.ndarray:
        """INT8 outputs (windows, classes) of TFLM for each window of `readings` (T, C)."""
        features = device_features(readings, self.recipe)
        starts = range(0, len(features) - self.size + 1, stride)
        windows = np.stack([features[s : s + self.size] for s in starts])
        x = windows.reshape(len(windows), *self.converted.input_shape)
        q = quantise(x, self.converted.input_scale, self.converted.input_zero_point)
        return tflm_infer(self.tflite, q)

    def bridge(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Readings (at most two) between `start` and `end`: the last like `start` and the first like `end`.

        They lie as close to where the result changes as rounding allows, so that a device which distorts its input
        only a little already tells them wrongly; the surest readings alone would forgive it.
        """
        blends = start + (end - start) * np.linspace(0, 1, BRIDGE_STEPS)[:, None]
        counts = bool(np.all(start == np.rint(start)) and np.all(end == np.rint(end)))
        blends = np.round(blends, 0 if counts else 4)
        logits = self.logits(blends, 1).astype(int)
        winners, best = logits.argmax(axis=1), np.sort(logits, axis=1)
        sure = best[:, -1] - best[:, -2] >= SURE_LSB if logits.shape[1] > 1 else np.ones(len(logits), dtype=bool)
        like_start = np.flatnonzero((winners == winners[0]) & sure)
        like_end = np.flatnonzero((winners == winners[-1]) & sure)
        if winners[0] == winners[-1] or not len(like_start) or not len(like_end):
            return blends[:0]
        return (
            blends[[like_start[-1], like_end[like_end > like_start[-1]][0]]]
            if like_end[-1] > like_start[-1]
            else blends[:0]
        )

    def results(self, readings: np.ndarray, step_ms: int) -> list[Expected]:
        out = []
        for k, logits in enumerate(self.logits(readings, self.stride)):
            index = int(np.argmax(logits))
            best = np.sort(logits.astype(int))
            scaled = (logits.astype(np.float32) - logits.max()) * np.float32(self.converted.output_scale)
            t_ms = START_MS + (self.size - 1 + k * self.stride) * step_ms
            sure = bool(len(best) < 2 or best[-1] - best[-2] >= SURE_LSB)
            confidence = float(1 / np.exp(scaled).sum())
            out.append(Expected(t_ms, self.converted.classes[index], index, confidence, sure))
        return out


class _Shown:
    """The held-out recordings of each class, surest first; single readings are strung together to phases."""

    def __init__(self, model: _Model, held_out: Sequence[tuple[int, np.ndarray]], longest: int) -> None:
        self._parts: dict[int, list[np.ndarray]] = {}
        self._next: dict[int, int] = {}
        by_class: dict[int, list[np.ndarray]] = {}
        for label, samples in held_out:
            by_class.setdefault(label, []).append(model.readings(np.atleast_2d(samples)))
        for label, name in enumerate(model.converted.classes):
            if label not in by_class:
                raise Fixable(f"no held-out recording of class '{name}' to show to the board")
            recordings = by_class[label]
            if model.size == 1:
                rows = np.concatenate(recordings)
                self._parts[label] = _phases(rows[_surest(model.logits(rows, 1), label)])
            else:
                long = [r[:longest] for r in recordings if len(r) >= model.size]
                ranked = sorted(long, key=lambda r: _doubt(model.logits(r, 1), label))
                self._parts[label] = ranked[: max(1, len(ranked) // 2)]

    def next(self, label: int) -> np.ndarray:
        """Another phase of `label`, in turn."""
        parts = self._parts[label]
        turn = self._next.get(label, 0)
        self._next[label] = turn + 1
        return parts[turn % len(parts)]


def _surest(logits: np.ndarray, label: int) -> np.ndarray:
    """Indices of the half of the readings (at least one phase) with the widest lead of `label`."""
    order = np.argsort(-_lead(logits, label), kind="stable")
    return order[: max(TABULAR_PHASE, len(order) // 2)]


def _phases(rows: np.ndarray) -> list[np.ndarray]:
    """Cut rows into phases; a class with few readings shows them again."""
    if len(rows) < TABULAR_PHASE:
        rows = np.resize(rows, (TABULAR_PHASE, rows.shape[1]))
    return [rows[i : i + TABULAR_PHASE] for i in range(0, len(rows) - TABULAR_PHASE + 1, TABULAR_PHASE)]


def _lead(logits: np.ndarray, label: int) -> np.ndarray:
    others = np.delete(logits.astype(int), label, axis=1)
    return logits[:, label].astype(int) - (others.max(axis=1) if others.shape[1] else 0)


def _doubt(logits: np.ndarray, label: int) -> float:
    """Smaller is surer: share of windows that are not clearly `label`, then the narrowest lead."""
    lead = _lead(logits, label)
    return float((lead < SURE_LSB).mean()) - 1e-4 * float(lead.min())


def _channels_csv(readings: np.ndarray, step_ms: int, channels: Sequence[str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["t_ms", *channels])
    for i, row in enumerate(readings):
        writer.writerow([i * step_ms, *(f"{v:.6g}" for v in row)])
    return buffer.getvalue()


def _lines_csv(readings: np.ndarray, step_ms: int) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["t_ms", "serial"])
    for i, row in enumerate(readings):
        writer.writerow([START_MS + i * step_ms, ",".join(f"{v:.6g}" for v in row)])
    return buffer.getvalue()
