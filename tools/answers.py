"""What the model answers to readings as the device takes them: TFLM on the sensor's own grid of values.

Whether the answers are right is the accuracy's business; for the checks they say which result the board must find.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hw.board import Sensor
from tools.artifacts import Converted, Recipe
from tools.features import device_features, sensor_readings
from tools.quantise import quantise
from tools.shown import Expected
from tools.sketch import picture_sent, window_of
from tools.tflite_file import tflm_infer

SURE_LSB = 6
"""Distance between the best two INT8 outputs under which one rounding step in the sensor could tip the result."""
_NUDGE = 2.0**-20
"""Relative change of readings that covers the rounding of other float32 units (fused multiply-add, AVR's strtod)."""


class Answers:
    """The model behind the device's processing: readings in, expected results out."""

    def __init__(
        self, recipe: Recipe, sensor: Sensor, channels: Sequence[str], converted: Converted, tflite: Path
    ) -> None:
        self.recipe, self.sensor, self.converted, self.tflite = recipe, sensor, converted, tflite
        self.channels = tuple(channels)
        self.size, self.stride = window_of(recipe, converted.input_shape)
        self.picture = picture_sent(sensor, converted.input_shape)
        """(H, W, C) of pictures that a sender gives; their readings are pixels, row by row."""
        self.whole = False
        """Readings are whole numbers, as the levels of pictures usually are."""
        facts = {fact.name: fact for fact in sensor.channels}
        self.facts = [facts.get(name) for name in channels]

    def readings(self, samples: np.ndarray) -> np.ndarray:
        """What the sensor delivers for `samples` (T, C) in the data's units, in its library's, on its grid."""
        return self.on_grid(sensor_readings(samples, self.recipe, self.sensor, self.channels))

    def on_grid(self, readings: np.ndarray) -> np.ndarray:
        """Readings (T, C) rounded to what the sensor can deliver, and as the stimuli are written."""
        out = np.array(readings, dtype=np.float64)
        if self.whole:
            return np.rint(out)
        for i, fact in enumerate(self.facts):
            if fact is not None and fact.step:
                # Two's complement has one code less above zero.
                top = np.floor(fact.high / fact.step) - (1 if fact.low < 0 else 0)
                counts = np.clip(np.rint(out[:, i] / fact.step), np.ceil(fact.low / fact.step), top)
                out[:, i] = counts * fact.step
            else:
                out[:, i] = [float(f"{value:.6g}") for value in np.round(out[:, i], 4)]
        return out

    def windows(self, readings: np.ndarray, stride: int) -> np.ndarray:
        """INT8 inputs (windows, *input_shape) for each window of `readings` (T, C)."""
        features = device_features(readings, self.recipe)
        starts = range(0, len(features) - self.size + 1, stride)
        if not starts:
            return np.zeros((0, *self.converted.input_shape), dtype=np.int8)
        windows = np.stack([features[s : s + self.size] for s in starts])
        x = windows.reshape(len(windows), *self.converted.input_shape)
        return quantise(x, self.converted.input_scale, self.converted.input_zero_point)

    def logits(self, readings: np.ndarray, stride: int) -> np.ndarray:
        """INT8 outputs (windows, classes) of TFLM for each window of `readings` (T, C)."""
        return self.infer(self.windows(readings, stride))

    def infer(self, windows: np.ndarray) -> np.ndarray:
        """INT8 outputs (N, classes) of TFLM for INT8 inputs (N, *input_shape)."""
        if not len(windows):
            return np.zeros((0, len(self.converted.classes)), dtype=np.int8)
        return tflm_infer(self.tflite, windows).reshape(len(windows), -1)

    def exact(self, readings: np.ndarray, stride: int) -> np.ndarray:
        """For each window of `readings` whether its INT8 input is the same on every float32 unit."""
        here = self.windows(readings, stride)
        same = np.ones(len(here), dtype=bool)
        for factor in (1 - _NUDGE, 1 + _NUDGE):
            there = self.windows(readings * factor, stride)
            same &= (here == there).reshape(len(here), -1).all(axis=1)
        return same

    def confidence(self, logits: np.ndarray) -> np.ndarray:
        """Softmax probability (N,) of the winner of each row of INT8 outputs (N, classes)."""
        scaled = (logits.astype(np.float32) - logits.max(axis=1, keepdims=True)) * np.float32(
            self.converted.output_scale
        )
        return np.asarray(1 / np.exp(scaled).sum(axis=1))

    def result(self, t_ms: int, logits: np.ndarray) -> Expected:
        """The result at `t_ms` for one row of INT8 outputs (classes,)."""
        index = int(np.argmax(logits))
        behind = int(logits[index]) - logits.astype(int)
        rivals = tuple(int(k) for k in np.argsort(behind, kind="stable") if k != index and behind[k] < SURE_LSB)
        confidence = float(self.confidence(logits[None])[0])
        names = self.converted.classes
        return Expected(t_ms, names[index], index, confidence, not rivals, tuple((names[k], k) for k in rivals))


def lead(logits: np.ndarray, label: int) -> np.ndarray:
    """By how much (N,) the output of `label` is ahead of the best other one in each row; below 0: it is behind."""
    others = np.delete(logits.astype(int), label, axis=1)
    ahead: np.ndarray = logits[:, label].astype(int) - (others.max(axis=1) if others.shape[1] else 0)
    return ahead
