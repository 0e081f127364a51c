"""Sound -> logarithmic mel energies, twice: in Python and, from the same step, as C for the device.

Mel scale: 2595 log10(1 + f/700) (O'Shaughnessy 1987, as in HTK). The device sums in another order, so its values differ
in the last bits.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tools.artifacts import Spectrogram
from tools.features import c_float

Sound = NDArray[np.int16]
PLACES = 3
"""Windows cut from a recording that is shorter than one: at the window's end, in its middle, at its beginning."""


def frame_samples(step: Spectrogram) -> int:
    """Samples of sound that one frame looks at."""
    return step.rate_hz * step.frame_ms // 1000


def hop_samples(step: Spectrogram) -> int:
    """Samples from one frame to the next."""
    return step.rate_hz * step.hop_ms // 1000


def span_samples(step: Spectrogram, frames: int) -> int:
    """Samples of sound that `frames` consecutive frames look at."""
    return (frames - 1) * hop_samples(step) + frame_samples(step)


def fft_size(step: Spectrogram) -> int:
    """The power of two that holds a frame."""
    return int(2 ** np.ceil(np.log2(frame_samples(step))))


@lru_cache(maxsize=8)
def window_and_bands(step: Spectrogram) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Hann window (frame,), and weights (bands, fft/2) of the bins' powers: triangles, evenly spaced in mel.

    The weights make the energy of a tone of amplitude a about a^2. A band may be empty: see empty_bands().
    """
    window = np.hanning(frame_samples(step) + 1)[:-1]
    size = fft_size(step)
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (step.low_hz, step.high_hz))
    edges = 700 * (10 ** (np.linspace(low, high, step.bands + 2) / 2595) - 1)
    bins = np.arange(size // 2) * step.rate_hz / size
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling)) * 4 / window.sum() ** 2
    weights[:, 0] = 0.0  # a microphone's constant offset is no sound
    return window.astype(np.float32), weights.astype(np.float32)


def empty_bands(step: Spectrogram) -> bool:
    """Whether a band is so narrow that no bin of the spectrum falls into it."""
    return bool((window_and_bands(step)[1].sum(axis=1) == 0).any())


def spectrogram(sound: Sound, step: Spectrogram) -> NDArray[np.float32]:
    """(T,) samples -> (frames, bands) float32; no frame where T is less than one."""
    window, weights = window_and_bands(step)
    if len(sound) < len(window):
        return np.zeros((0, step.bands), dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, len(window))[:: hop_samples(step)]
    spectrum = np.fft.rfft(frames.astype(np.float32) * window, fft_size(step))[:, :-1]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energies = power @ weights.T
    return np.log(np.maximum(energies, np.float32(step.floor))).astype(np.float32)


def stream_frames(sound: Sound, step: Spectrogram) -> NDArray[np.float32]:
    """The frames that the device computes of what it hears from its start: one each hop, silence before the first."""
    before = np.zeros(frame_samples(step) - hop_samples(step), dtype=np.int16)
    return spectrogram(np.concatenate([before, sound]), step)


def windows_of(sound: Sound, step: Spectrogram, size: int, stride: int) -> list[NDArray[np.float32]]:
    """Windows of `size` frames of a recording, each (size, bands).

    A recording shorter than a window lies in silence, at PLACES places; of a longer one a window every `stride`
    frames, and the last one.
    """
    slack = span_samples(step, size) - len(sound)
    if slack >= 0:
        lefts = sorted({round(slack * place / (PLACES - 1)) for place in range(PLACES)})
        return [spectrogram(np.pad(sound, (left, slack - left)), step) for left in lefts]
    frames = spectrogram(sound, step)
    last = len(frames) - size
    return [frames[start : start + size] for start in sorted({*range(0, last + 1, stride), last})]


def spectrogram_c(step: Spectrogram) -> str:
    """C99 (also C++) source, to be included once: `spectrogram_frame` turns a frame of samples into energies."""
    window, weights = window_and_bands(step)
    size = fft_size(step)
    angles = 2 * np.pi * np.arange(size // 2) / size
    bins = [np.flatnonzero(row) for row in weights]
    used = np.concatenate([row[at] for row, at in zip(weights, bins, strict=True)])
    return f"""#ifndef SPECTROGRAM_H
#define SPECTROGRAM_H

/* {step.frame_ms} ms of sound -> logarithmic energies of {step.bands} bands, as in training. */

#include <math.h>
#include <stdint.h>

#define SPECTROGRAM_FRAME {frame_samples(step)} /* samples */
#define SPECTROGRAM_HOP {hop_samples(step)}
#define SPECTROGRAM_BANDS {step.bands}
#define SPECTROGRAM_FFT {size}
#define SPECTROGRAM_HALF (SPECTROGRAM_FFT / 2)

{_c_array("SPECTROGRAM_WINDOW", window)}
{_c_array("SPECTROGRAM_COS", np.cos(angles))}
{_c_array("SPECTROGRAM_SIN", -np.sin(angles))}
static const uint16_t SPECTROGRAM_FIRST[] = {{{", ".join(str(at[0]) for at in bins)}}};
static const uint16_t SPECTROGRAM_COUNT[] = {{{", ".join(str(len(at)) for at in bins)}}};
{_c_array("SPECTROGRAM_WEIGHT", used)}
{_C_CODE.replace("FLOOR", c_float(step.floor))}
#endif
"""


def _c_array(name: str, values: NDArray[np.floating]) -> str:
    literals = [c_float(float(value)) for value in values]
    lines = ",\n  ".join(", ".join(literals[i : i + 8]) for i in range(0, len(literals), 8))
    return f"static const float {name}[] = {{\n  {lines}\n}};"


_C_CODE = """
/* In place, of SPECTROGRAM_HALF complex values; radix 2, decimation in time. */
static void spectrogram_fft(float *re, float *im) {
  for (int i = 1, j = 0; i < SPECTROGRAM_HALF; i++) {
    int bit = SPECTROGRAM_HALF >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const float r = re[i], m = im[i];
    re[i] = re[j];
    im[i] = im[j];
    re[j] = r;
    im[j] = m;
  }
  for (int half = 1; half < SPECTROGRAM_HALF; half *= 2) {
    for (int k = 0; k < half; k++) {
      const float c = SPECTROGRAM_COS[k * (SPECTROGRAM_HALF / half)];
      const float s = SPECTROGRAM_SIN[k * (SPECTROGRAM_HALF / half)];
      for (int i = k; i < SPECTROGRAM_HALF; i += 2 * half) {
        const float r = re[i + half] * c - im[i + half] * s;
        const float m = re[i + half] * s + im[i + half] * c;
        re[i + half] = re[i] - r;
        im[i + half] = im[i] - m;
        re[i] += r;
        im[i] += m;
      }
    }
  }
}

/* Even samples as real parts, odd ones as imaginary parts: half the work. Leaves the power of each bin in `re`. */
static void spectrogram_power(const int16_t *samples, float *re, float *im) {
  for (int i = 0; i < SPECTROGRAM_HALF; i++) {
    const int at = 2 * i;
    re[i] = at < SPECTROGRAM_FRAME ? samples[at] * SPECTROGRAM_WINDOW[at] : 0.0f;
    im[i] = at + 1 < SPECTROGRAM_FRAME ? samples[at + 1] * SPECTROGRAM_WINDOW[at + 1] : 0.0f;
  }
  spectrogram_fft(re, im);
  re[0] = (re[0] + im[0]) * (re[0] + im[0]);
  for (int k = 1; k <= SPECTROGRAM_HALF / 2; k++) {
    const int mirror = SPECTROGRAM_HALF - k;
    const float even_r = 0.5f * (re[k] + re[mirror]), even_i = 0.5f * (im[k] - im[mirror]);
    const float odd_r = 0.5f * (im[k] + im[mirror]), odd_i = 0.5f * (re[mirror] - re[k]);
    const float r = SPECTROGRAM_COS[k] * odd_r - SPECTROGRAM_SIN[k] * odd_i;
    const float m = SPECTROGRAM_COS[k] * odd_i + SPECTROGRAM_SIN[k] * odd_r;
    re[mirror] = (even_r - r) * (even_r - r) + (even_i - m) * (even_i - m);
    re[k] = (even_r + r) * (even_r + r) + (even_i + m) * (even_i + m);
  }
}

static void spectrogram_frame(const int16_t *samples, float *bands) {
  static float re[SPECTROGRAM_HALF], im[SPECTROGRAM_HALF];
  spectrogram_power(samples, re, im);
  const float *weight = SPECTROGRAM_WEIGHT;
  for (int band = 0; band < SPECTROGRAM_BANDS; band++) {
    float energy = 0.0f;
    for (int i = 0; i < SPECTROGRAM_COUNT[band]; i++) energy += *weight++ * re[SPECTROGRAM_FIRST[band] + i];
    bands[band] = logf(energy > FLOOR ? energy : FLOOR);
  }
}
"""
