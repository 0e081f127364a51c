"""From a case's scene to stimuli: readings that make the model say a label with a wanted confidence, and buttons,
serial lines and proximity at the beginnings of steps.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evals.sg_case import HIGH, Case, Phase, Step
from evals.sg_network import WINDOW, centres
from hw.board import sensors
from tools.artifacts import Converted, DataCard, Prepared
from tools.features import device_features, sensor_readings
from tools.quantise import quantise
from tools.store import write_text
from tools.tflite_file import tflm_infer

RESULTS = 5
"""Of a step that does not say how many."""
BEGIN_MS = 200
"""When the first reading is sent over the serial line; boards need a moment from reset."""
LEAD_MS = 20
"""From the beginning of a step to its first reading that is sent: as late as a sensor's first measurement is."""
CLICK_MS = 150
BOUNCES_MS = (2, 4, 6, 8)
BLENDS = 400


class Shown:
    """Readings for a label and a confidence, chosen by asking TFLM."""

    def __init__(self, case: Case, prepared: Prepared, card: DataCard, converted: Converted, tflite: Path) -> None:
        self.sensor, self.recipe, self.card = sensors()[case.sensor], prepared.recipe, card
        self.converted, self.tflite = converted, tflite
        self.middle = centres(case.sensor, len(case.labels))
        self.window = WINDOW if case.sensor == "imu" else 1
        self._found: dict[tuple[str, float | None], tuple[np.ndarray, float]] = {}

    def reading(self, label: str, wanted: float | None) -> tuple[np.ndarray, float]:
        """(C,) in the sensor's units, and the model's confidence in `label` for it; None: as sure as can be.

        Raises ValueError when the model cannot be made to say so.
        """
        key = (label, wanted)
        if key not in self._found:
            self._found[key] = self._search(self.converted.classes.index(label), wanted)
        return self._found[key]

    def _search(self, index: int, wanted: float | None) -> tuple[np.ndarray, float]:
        own = self.middle[index]
        others = [other for k, other in enumerate(self.middle) if k != index]
        steps = np.linspace(0, 0.6, BLENDS)[:, None]
        samples = np.concatenate([own + (other - own) * steps for other in others])
        readings = np.round(sensor_readings(samples, self.recipe, self.sensor, self.card.channels), 3)
        winners, confidences = self.answers(readings)
        aim = 1.0 if wanted is None else wanted
        off = np.where(winners == index, np.abs(confidences - aim), np.inf)
        best = int(off.argmin())
        found = float(confidences[best])
        if not np.isfinite(off[best]) or (wanted is None and found < HIGH) or (wanted and off[best] > 0.02):
            raise ValueError(f"cannot show {self.converted.classes[index]} with confidence {wanted}: {found:.3f}")
        return readings[best], found

    def answers(self, readings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(winner, its confidence) of (N, C) readings, each held for a whole window."""
        features = device_features(readings, self.recipe)
        x = np.repeat(features[:, None], self.window, axis=1).reshape(len(features), *self.converted.input_shape)
        logits = tflm_infer(self.tflite, quantise(x, self.converted.input_scale, self.converted.input_zero_point))
        scaled = logits.astype(np.float32) * np.float32(self.converted.output_scale)
        scaled -= scaled.max(axis=1, keepdims=True)
        return logits.argmax(axis=1), 1 / np.exp(scaled).sum(axis=1)


@dataclass(frozen=True)
class Staged:
    """Stimuli on disk and the steps as they are shown; `until_ms` is the end of the last one."""

    stimuli: Path
    phases: tuple[Phase, ...]
    until_ms: int


def stage(case: Case, shown: Shown, path: Path) -> Staged:
    """Write the stimuli of a case's scene to `path`."""
    events: list[tuple[int, str, Any]] = [(0, f"pin.{pin}", 1) for pin in case.pressed_pins()]
    phases: list[Phase] = []
    at, label, reading, sure = (BEGIN_MS if case.sensor == "serial" else 0), "", np.empty(0), 0.0
    for step in case.scene:
        if step.show is not None or step.confidence is not None:
            label = step.show or label
            reading, sure = shown.reading(label, step.confidence)
        length = step.ms or (step.results or RESULTS) * case.result_ms()
        events += _happenings(step, at)
        if not step.pause:
            events += _readings(case, reading, at, length, shown.card.channels)
        results = 0 if step.pause else length // case.result_ms()
        phases.append(Phase(at, at + length, results, sure, _title(step, label)))
        at += length
    write_text(path, _csv(events))
    return Staged(path, tuple(phases), at)


def _title(step: Step, label: str) -> str:
    parts = ["no readings" if step.pause else f"{label}"]
    parts += [f"confidence {step.confidence}"] if step.confidence else []
    parts += [f"'{step.send}' sent"] if step.send else []
    for what in ("press", "release", "click", "proximity"):
        parts += [f"{what} {value}"] if (value := getattr(step, what)) is not None else []
    return ", ".join(parts)


def _happenings(step: Step, at: int) -> Iterator[tuple[int, str, Any]]:
    if step.send is not None:
        yield at, "serial", step.send
    if step.proximity is not None:
        yield at, "proximity", step.proximity
    if step.press is not None:
        yield from _contact(step.press, at, 0, step.bounce)
    if step.release is not None:
        yield from _contact(step.release, at, 1, step.bounce)
    if step.click is not None:
        yield from _contact(step.click, at, 0, step.bounce)
        yield from _contact(step.click, at + CLICK_MS, 1, step.bounce)


def _contact(pin: int, at: int, level: int, bounce: bool) -> Iterator[tuple[int, str, Any]]:
    yield at, f"pin.{pin}", level
    for k, later in enumerate(BOUNCES_MS if bounce else ()):
        yield at + later, f"pin.{pin}", level if k % 2 else 1 - level


def _readings(
    case: Case, reading: np.ndarray, at: int, length: int, channels: Sequence[str]
) -> Iterator[tuple[int, str, Any]]:
    if case.sensor == "serial":
        line = ",".join(f"{value:.4g}" for value in reading)
        for t_ms in range(at, at + length, case.result_ms()):
            yield t_ms + LEAD_MS, "serial", line
        return
    yield from ((at, channel, f"{value:.6g}") for channel, value in zip(channels, reading, strict=True))


def _csv(events: Sequence[tuple[int, str, Any]]) -> str:
    """Rows in the order of time; two lines over serial at the same time take two rows."""
    columns = list(dict.fromkeys(column for _, column, _ in events))
    rows: list[dict[str, Any]] = []
    for t_ms, column, value in sorted(events, key=lambda event: event[0]):
        if not rows or rows[-1]["t_ms"] != t_ms or column in rows[-1]:
            rows.append({"t_ms": t_ms})
        rows[-1][column] = value
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ["t_ms", *columns], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
