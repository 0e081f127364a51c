"""What the recipe does with sound: its default steps, its rate, and the windows of its spectrogram."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hw.board import Sensor
from tools.artifacts import Augment, Clean, DataCard, Normalise, Recipe, Resample, Spectrogram, Split, Step, Window
from tools.channels import sensor_channels
from tools.errors import BadInput
from tools.sound import resampled, to_int16
from tools.spectrogram import Sound, hop_samples, span_samples, windows_of

WINDOW_S = 1.0
"""A spoken word, a clap, a turn of a machine; as most keyword spotters have it (arXiv 1804.03209)."""
BAND_SHARE = 0.95
"""Of half the data's rate: beyond, recorders filter."""


def sound_recipe(card: DataCard, sensor: Sensor | None) -> Recipe:
    """A sensible recipe for sound, always the same for the same card. Raises BadInput when the sensor hears nothing."""
    if sensor is not None and not sensor_channels(card.channels, sensor):
        raise BadInput(f"sound cannot come as {sensor.name}: choose a board with a microphone")
    rate = round(sensor.rate_hz) if sensor is not None else 16_000
    own = card.sample_rate_hz or rate
    step = Spectrogram(rate_hz=rate, high_hz=min(Spectrogram().high_hz, BAND_SHARE * own / 2))
    steps: list[Step] = [Clean()]
    why = [f"{step.bands} mel bands every {step.hop_ms} ms tell sounds apart and cost little"]
    if own != rate:
        steps.append(Resample(rate_hz=rate))
        why.append(f"the microphone delivers {rate} Hz")
    longest = (card.recording_samples or (0, rate))[1] / own * rate
    size = _frames(step, min(WINDOW_S * rate, longest))
    steps += [step, Window(size=size, stride=size // 2), Normalise(method="zscore"), Augment(noise=0.2), Split()]
    why.append("half overlapping windows hold every shorter word as a whole at least once")
    return Recipe(steps=tuple(steps), rationale="; ".join(why))


def _frames(step: Spectrogram, samples: float) -> int:
    """Frames that look at about so many samples: a multiple of four, which halves well in strided stages."""
    frames = int((samples - span_samples(step, 1)) // hop_samples(step)) + 1
    return max(8, frames - frames % 4)


def resampled_sound(recording: NDArray[np.int16], from_hz: float, to_hz: float) -> NDArray[np.int16]:
    """(T, 1) counts at another rate, without aliasing."""
    sound = recording[:, 0].astype(np.float32) / np.float32(32768)
    return to_int16(resampled(sound, round(from_hz), round(to_hz)))[:, None]


def sound_windows(
    recordings: Sequence[Sound], y: np.ndarray, source: np.ndarray, step: Spectrogram, window: Window
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N, size, bands) windows of (T, 1) recordings, with the label and the source of each."""
    cuts = [windows_of(x[:, 0], step, window.size, window.stride) for x in recordings]
    counts = [len(cut) for cut in cuts]
    return np.concatenate([np.stack(cut) for cut in cuts]), np.repeat(y, counts), np.repeat(source, counts)
