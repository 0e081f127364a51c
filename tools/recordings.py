"""The held-out recordings of each class, surest first; single readings are strung together to phases."""

from collections.abc import Sequence

import numpy as np

from tools.answers import SURE_LSB, Answers, lead
from tools.errors import Fixable

TABULAR_PHASE = 13
"""Readings shown of a class before the next one; odd, so that a board that skips every other one comes late."""
SERIES_RESULTS = 3
"""Results shown of a class in a series, the first of them over the transition."""
PICTURES = 2
"""Shown of a class one after the other."""
MOST_PICTURES = 20
"""Of each class, from which the surest are chosen."""


class Recordings:
    """Held-out recordings by class, in the sensor library's units, of which the model is surest."""

    def __init__(self, answers: Answers, held_out: Sequence[tuple[int, np.ndarray]]) -> None:
        """`held_out`: (class index, (T, C) in the data's units). Raises Fixable when a class has none."""
        self._single = answers.size == 1
        self._parts: dict[int, list[np.ndarray]] = {}
        self._next: dict[int, int] = {}
        longest = answers.size + (SERIES_RESULTS - 1) * answers.stride
        self._together = PICTURES if answers.picture else 1
        by_class: dict[int, list[np.ndarray]] = {}
        for label, samples in held_out:
            own = by_class.setdefault(label, [])
            if answers.picture is None or len(own) < MOST_PICTURES:
                own.append(answers.readings(samples.reshape(-1, samples.shape[-1])))
        for label, name in enumerate(answers.converted.classes):
            if label not in by_class:
                raise Fixable(f"no held-out recording of class '{name}' to show to the board")
            recordings = by_class[label]
            if answers.size == 1:
                rows = np.concatenate(recordings)
                self._parts[label] = _phases(rows[_surest(answers.logits(rows, 1), label)])
                continue
            long = [r[:longest] for r in recordings if len(r) >= answers.size]
            if not long:
                raise Fixable(f"no held-out recording of class '{name}' is as long as a window")
            ranked = sorted(long, key=lambda r: _doubt(answers.logits(r, 1), label))
            self._parts[label] = ranked[: max(1, len(ranked) // 2)]

    def next(self, label: int) -> np.ndarray:
        """Another phase (T, C) of `label`, in turn; of pictures several."""
        parts = self._parts[label]
        turn = self._next.get(label, 0)
        self._next[label] = turn + self._together
        return np.concatenate([parts[(turn + k) % len(parts)] for k in range(self._together)])

    def surest(self, label: int) -> np.ndarray:
        """The recording (T, C) of `label` that the model is surest of; one reading where it takes single ones."""
        first = self._parts[label][0]
        return first[:1] if self._single else first

    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value (C,) of each channel."""
        rows = np.concatenate([part for parts in self._parts.values() for part in parts])
        return rows.min(axis=0), rows.max(axis=0)


def _surest(logits: np.ndarray, label: int) -> np.ndarray:
    """Indices of the half of the readings (at least one phase) with the widest lead of `label`."""
    order = np.argsort(-lead(logits, label), kind="stable")
    return order[: max(TABULAR_PHASE, len(order) // 2)]


def _phases(rows: np.ndarray) -> list[np.ndarray]:
    """Cut rows into phases; a class with few readings shows them again."""
    if len(rows) < TABULAR_PHASE:
        rows = np.resize(rows, (TABULAR_PHASE, rows.shape[1]))
    return [rows[i : i + TABULAR_PHASE] for i in range(0, len(rows) - TABULAR_PHASE + 1, TABULAR_PHASE)]


def _doubt(logits: np.ndarray, label: int) -> float:
    """Smaller is surer: share of windows that are not clearly `label`, then the narrowest lead."""
    ahead = lead(logits, label)
    return float((ahead < SURE_LSB).mean()) - 1e-4 * float(ahead.min())
