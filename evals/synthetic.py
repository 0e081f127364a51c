"""Invented data sets in which every class can be told: what the firmwares of the suite `verify` are trained on.

Colours as shares or as counts, motions at 50 Hz, and numbers over the serial line, single or as recordings.
"""

from pathlib import Path
from typing import Literal

import numpy as np

Kind = Literal["color", "imu", "serial", "serial_series"]

COLOURS = {
    "apple": (0.60, 0.24, 0.16),
    "banana": (0.36, 0.38, 0.26),
    "plum": (0.30, 0.22, 0.48),
    "lime": (0.22, 0.58, 0.20),
    "orange": (0.47, 0.35, 0.18),
}
"""Mean share of red, green and blue."""
MOTIONS = {
    "rest": (0.0, 0.0),
    "walk": (2.0, 0.4),
    "shake": (6.0, 1.6),
    "swing": (0.8, 1.2),
    "knock": (4.0, 0.9),
}
"""Frequency in Hz and acceleration in g."""
STATES = ("idle", "busy", "warm-up", "no load", "fault")
READINGS = ("volt", "ampere", "celsius", "bar")
IMU_PERIOD_MS, SERIAL_PERIOD_MS = 20, 100
_SAMPLES = 80
_RECORDINGS = 10
_IMU_LENGTH, _SERIAL_LENGTH = 120, 60


def write_data(kind: Kind, classes: int, seed: int, folder: Path) -> Path:
    """A data set of `classes` classes (2..5) as CSV files in `folder`, a file or a folder per class."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    {"color": _colours, "imu": _motions, "serial": _readings, "serial_series": _series}[kind](rng, classes, folder)
    return folder


def _csv(path: Path, header: str, rows: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [header, *(",".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def _colours(rng: np.random.Generator, classes: int, folder: Path) -> None:
    counts = rng.random() < 0.5
    for name in list(COLOURS)[:classes]:
        rows = np.clip(np.array(COLOURS[name]) + rng.normal(0, 0.012, (_SAMPLES, 3)), 0.01, 1)
        rows /= rows.sum(axis=1, keepdims=True)
        if counts:  # at another brightness each
            rows = np.rint(rows * rng.uniform(600, 1500, (_SAMPLES, 1)))
        _csv(folder / f"{name}.csv", "Red,Green,Blue", rows)


def _motions(rng: np.random.Generator, classes: int, folder: Path) -> None:
    t = np.arange(_IMU_LENGTH) * IMU_PERIOD_MS / 1000
    gyro = rng.random() < 0.5
    for name in list(MOTIONS)[:classes]:
        hz, g = MOTIONS[name]
        for k in range(_RECORDINGS):
            swing = g * np.sin(2 * np.pi * hz * rng.uniform(0.9, 1.1) * t + rng.uniform(0, 2 * np.pi))
            turned = np.roll(swing, 7)  # other phases, so that no axis can stand for another
            axes = [swing, 0.3 * turned, 1 + 0.5 * np.abs(swing)]
            noise = [0.03] * 3
            if gyro:
                axes += [90 * turned, 20 * np.abs(swing), -45 * swing]
                noise += [2.0] * 3
            rows = np.stack(axes, axis=1) + rng.normal(0, noise, (_IMU_LENGTH, len(axes)))
            times = np.arange(_IMU_LENGTH)[:, None] * IMU_PERIOD_MS
            header = "t_ms,accX,accY,accZ" + (",gyroX,gyroY,gyroZ" if gyro else "")
            _csv(folder / name / f"{k}.csv", header, np.hstack([times, rows]))


def _readings(rng: np.random.Generator, classes: int, folder: Path) -> None:
    width = int(rng.integers(2, len(READINGS) + 1))
    scales = np.array([24.0, 3.0, 60.0, 5.0])[:width]
    for k, mean in enumerate(_corners(rng, classes, width)):
        rows = (mean + rng.normal(0, 0.05, (_SAMPLES, width))) * scales
        _csv(folder / f"{STATES[k]}.csv", ",".join(READINGS[:width]), rows)


def _corners(rng: np.random.Generator, classes: int, width: int) -> np.ndarray:
    """(classes, width) points in 0..1, no two closer than 0.3."""
    while True:
        points = rng.random((classes, width))
        gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(classes)
        if gaps.min() >= 0.3:
            return points


def _series(rng: np.random.Generator, classes: int, folder: Path) -> None:
    t = np.arange(_SERIAL_LENGTH) * SERIAL_PERIOD_MS / 1000
    for name, (hz, swing) in zip(STATES[:classes], MOTIONS.values(), strict=False):
        for k in range(_RECORDINGS):
            wave = 10 * swing * np.sin(2 * np.pi * hz / 4 * t + rng.uniform(0, 2 * np.pi))
            rows = np.stack([20 + wave, 5 + 0.4 * np.roll(wave, 3) + swing], axis=1)
            rows += rng.normal(0, 0.1, rows.shape)
            times = np.arange(_SERIAL_LENGTH)[:, None] * SERIAL_PERIOD_MS
            _csv(folder / name / f"{k}.csv", "t_ms,volt,ampere", np.hstack([times, rows]))
