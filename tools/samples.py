"""Labelled samples as a loader finds them, before they are profiled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Kind = Literal["tabular", "series", "image", "audio"]


@dataclass
class Samples:
    """What a loader hands to tools.data: an array per reading (F,), recording or sound (T, C), or picture (H, W, C)."""

    kind: Kind
    x: list[np.ndarray]
    labels: list[str]
    """Class of each entry of `x`."""
    names: tuple[str, ...]
    """Of the last axis."""
    units: tuple[str, ...] = ()
    sample_rate_hz: float | None = None
    notes: list[str] = field(default_factory=list)
    classes: tuple[str, ...] = ()
    """Order of the classes where the source states one, else they are sorted."""


MIN_RECORDINGS = 5
"""Fewer recordings of a class than this cannot be split into three parts of useful size."""
_PIECES, _PIECE_SAMPLES = 10, 40


def with_enough_recordings(samples: Samples, shortest: int = _PIECE_SAMPLES) -> Samples:
    """Cut long recordings into consecutive pieces where a class has too few to be split.

    One file per class is how people record; pieces that do not overlap keep training and test data apart, though
    neighbouring pieces are more alike than separate recordings would be, which a note says. `shortest`: fewest samples
    of a piece.
    """
    count = {label: samples.labels.count(label) for label in set(samples.labels)}
    few = sorted(label for label, n in count.items() if n < MIN_RECORDINGS)
    x: list[np.ndarray] = []
    labels: list[str] = []
    for recording, label in zip(samples.x, samples.labels, strict=True):
        wanted = -(-_PIECES // count[label]) if label in few else 1
        pieces = max(1, min(wanted, len(recording) // shortest))
        x.extend(np.array_split(recording, pieces))
        labels.extend([label] * pieces)
    if len(x) > len(samples.x):
        samples.notes.append(
            f"fewer than {MIN_RECORDINGS} recordings of {_listed(few)}: each was cut into consecutive pieces, which "
            "are more alike than separate recordings; record more often for a stricter test"
        )
    samples.x, samples.labels = x, labels
    return samples


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
