"""WAV files in one folder per class, or a .zip of them -> labelled recordings of sound."""

import re
from collections.abc import Sequence

from tools.errors import BadInput
from tools.files import DataFile
from tools.progress import report
from tools.samples import Samples, with_enough_recordings
from tools.sound import read_wav, resampled, to_int16

SUFFIXES = frozenset((".wav", ".wave"))
MAX_SAMPLES = 500_000_000
"""Of all recordings together: nine hours at 16 kHz, a gigabyte."""
_SHORTEST_PIECE_S = 1
_NOTHING = re.compile(r"noise|silen|quiet|background|nothing|none|unknown|other|idle|ambient", re.IGNORECASE)
"""In the name of a class for what is none of the others."""


def sound_samples(files: Sequence[DataFile]) -> Samples:
    """Recordings as int16 (T, 1), in counts as a PDM microphone delivers them; channels are mixed, rates made equal.

    The class is the name of the folder. Files at other rates than the most common one are resampled to it. Raises
    BadInput naming a file that is no WAV file, lies in no folder, or is one too many.
    """
    loose = [file for file in files if not file.path.parent.name]
    if loose:
        raise BadInput(f"{loose[0].path} lies in no class folder: put the recordings into one folder per class")
    sounds = []
    total = 0
    for i, file in enumerate(files):
        sounds.append(read_wav(file.read(), str(file.path)))
        total += len(sounds[-1][0])
        if total > MAX_SAMPLES:
            raise BadInput(f"the recordings hold over {MAX_SAMPLES:,} samples: give fewer, or at a lower rate")
        if i % 2000 == 1999:
            report("data", "reading recordings", i + 1, len(files))
    rates = [rate for _, rate in sounds]
    rate = max(sorted(set(rates)), key=rates.count)
    x = [to_int16(resampled(sound, own, rate))[:, None] for sound, own in sounds]
    labels = [file.path.parent.name for file in files]
    out = Samples("audio", list(x), labels, ("audio",), ("count",), float(rate))
    if len(set(rates)) > 1:
        others = ", ".join(f"{own} Hz" for own in sorted(set(rates) - {rate}))
        out.notes.append(f"assumed: recordings at {others} are resampled to {rate} Hz, as most have it")
    if not any(_NOTHING.search(label) for label in labels):
        out.notes.append(
            "no class is for silence or noise: the device will take them for one of the classes; record such a class, "
            "or let rules ask for confidence"
        )
    return with_enough_recordings(out, rate * _SHORTEST_PIECE_S)
