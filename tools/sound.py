"""WAV files -> mono samples, and resampling: for data sets and for what the emulated microphone hears."""

import io
import math
import struct
import warnings

import numpy as np
from numpy.typing import NDArray

from tools.errors import BadInput

RATES = (1000, 384_000)
"""Hz: what is taken for a sampling rate of sound."""
_BROKEN = (ValueError, NameError, ZeroDivisionError, EOFError, MemoryError, struct.error)
"""What scipy's reader raises on broken files (a missing chunk is a variable that was never set)."""


def read_wav(content: bytes, name: str) -> tuple[NDArray[np.float32], int]:
    """(T,) samples in -1 .. 1, channels averaged, and the rate in Hz. `name` is for messages.

    PCM of 8 to 64 bits and floating point. Raises BadInput naming the file for what is no such WAV file, or is empty.
    """
    from scipy.io import wavfile

    if content[:4] not in (b"RIFF", b"RIFX", b"RF64") or content[8:12] != b"WAVE":
        raise BadInput(f"{name} is not a WAV file: convert it to WAV (PCM), for example with ffmpeg or Audacity")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks that are not sound
            rate, samples = wavfile.read(io.BytesIO(content))
    except _BROKEN as error:
        why = str(error).split(". ")[0] if isinstance(error, ValueError) and str(error) else "its header is broken"
        raise BadInput(f"{name} is not a readable WAV file ({why}): save it as PCM, 16 bit") from error
    if not RATES[0] <= rate <= RATES[1]:
        raise BadInput(f"{name} states a rate of {rate} Hz: sound has {RATES[0]} to {RATES[1]} Hz")
    if samples.size == 0:
        raise BadInput(f"{name} holds no sound")
    values = _normalised(samples)
    return (values if values.ndim == 1 else values.mean(axis=1, dtype=np.float32)), int(rate)


def _normalised(samples: np.ndarray) -> NDArray[np.float32]:
    if samples.dtype == np.uint8:  # 8-bit WAV is unsigned
        return (samples.astype(np.float32) - np.float32(128)) / np.float32(128)
    if np.issubdtype(samples.dtype, np.integer):
        return (samples / -float(np.iinfo(samples.dtype).min)).astype(np.float32)
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(finite, -1.0, 1.0).astype(np.float32)


def resampled(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """The same sound at another rate: polyphase filtering (scipy.signal.resample_poly), so that nothing aliases."""
    if from_hz == to_hz:
        return samples
    from scipy.signal import resample_poly

    common = math.gcd(from_hz, to_hz)
    out: NDArray[np.float32] = resample_poly(samples, to_hz // common, from_hz // common).astype(np.float32)
    return out


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """-1 .. 1 -> the 16 bits that a PDM library delivers; halves to even, saturating."""
    return np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype(np.int16)


def wav_bytes(sound: NDArray[np.int16], rate_hz: int) -> bytes:
    """A WAV file of (T,) samples, 16 bits, one channel."""
    from scipy.io import wavfile

    file = io.BytesIO()
    wavfile.write(file, rate_hz, sound.astype("<i2"))
    return file.getvalue()
