"""The scenes that a board is shown: recordings of every class, rest, noise, readings between classes, a pause.

All of it is chosen by what the model answers, and the same for the same data, model and rules.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tools.answers import SURE_LSB, Answers, lead
from tools.artifacts import Rule
from tools.demand import CONFIDENCE_TOLERANCE
from tools.recordings import Recordings

Kind = Literal["class", "rest", "noise", "threshold", "between", "pause"]

BRIDGE_STEPS = 60
"""Blends of two readings among which those nearest to where the result changes are looked for."""
PICTURE_STEPS = 20
"""The same for pictures, whose networks take their time."""
MAX_RIVALS = 3
"""Other classes that a picture is blended with."""
SHORT_PHASE = 7
"""Single readings shown at rest, of noise and after a pause."""
PAUSE_MS = 1500
"""How long the sensor, or the sender, stops: longer than a window forgives, shorter than a person would wait."""
MAX_ORDERED_PAIRS = 6
"""With more (four classes have twelve) the run would take minutes: then each class is shown twice, up and down."""
MAX_SCENES = 3
"""Of readings between classes and around a threshold; of a series each takes more than a window."""
MAX_THRESHOLDS = 6
THRESHOLD_MARGIN = CONFIDENCE_TOLERANCE + 0.02
_NOISE_SEED = 20250107
_TAKEN = 3
"""Readings in a row of a single reading that is shown around a threshold."""


@dataclass(frozen=True)
class Scene:
    """Something shown: `readings` (T, C) in the sensor library's units, after a pause of `pause_ms` without any."""

    kind: Kind
    label: str
    """The class shown, or the one that is nearly it; empty at rest and for noise."""
    readings: np.ndarray
    pause_ms: int = 0


def choose_scenes(answers: Answers, recordings: Recordings, rules: Sequence[Rule], step_ms: int) -> list[Scene]:
    """All scenes in the order in which they are shown, a reading each `step_ms`."""
    scenes: list[Scene] = []
    for label in walk(len(answers.converted.classes)):
        part = recordings.next(label)
        if scenes and answers.size == 1:
            part = np.concatenate([_bridge(answers, scenes[-1].readings[-1], part[0]), part])
        scenes.append(_class_scene(answers, label, part))
    scenes += _beyond(answers, recordings, scenes[-1].label, step_ms)
    scenes += _thresholds(answers, recordings, rules)
    # Last, because what follows an unsure result cannot be foretold wherever rules remember the past.
    return scenes + list(_between(answers, recordings))


def _beyond(answers: Answers, recordings: Recordings, last: str, step_ms: int) -> list[Scene]:
    """What is none of the classes: rest, noise and a pause, each after and before a class that reads otherwise."""
    classes = answers.converted.classes
    length = SHORT_PHASE if answers.size == 1 else len(recordings.surest(0))
    still = np.tile(_at_rest(answers), (length, 1))
    logits = answers.logits(still, 1)
    taken_for = int(logits[0].argmax()) if len(logits) else 0
    other = next((k for k in range(len(classes)) if k != taken_for), 0)
    # A pause of whole readings, so that all of them stay on one raster.
    pause_ms = -(-max(PAUSE_MS, 5 * step_ms) // step_ms) * step_ms
    return [
        *([_class_scene(answers, other, recordings.next(other)[:length])] if last == classes[taken_for] else []),
        Scene("rest", "", still),
        _class_scene(answers, other, recordings.next(other)[:length]),
        Scene("noise", "", _noise(answers, recordings, length)),
        Scene("pause", classes[-1], recordings.next(len(classes) - 1)[:length], pause_ms),
    ]


def _class_scene(answers: Answers, label: int, readings: np.ndarray) -> Scene:
    return Scene("class", answers.converted.classes[label], readings)


def walk(classes: int) -> list[int]:
    """A walk over the classes that visits every ordered pair where there are few, else each class twice."""
    pairs = set(itertools.permutations(range(classes), 2))
    if len(pairs) > MAX_ORDERED_PAIRS:
        return [*range(classes), *reversed(range(classes - 1))]
    found = [0]
    while pairs:
        here = found[-1]
        # Leave a class first for the one with the most ways out: greedy, and enough for complete graphs.
        ways = [b for a, b in pairs if a == here] or [a for a, _ in pairs]
        step = max(ways, key=lambda c: (sum(1 for a, _ in pairs if a == c), -c))
        pairs.discard((here, step))
        found.append(step)
    return found


def _at_rest(answers: Answers) -> np.ndarray:
    return np.array([fact.rest if fact else 0.0 for fact in answers.facts])


def _noise(answers: Answers, recordings: Recordings, length: int) -> np.ndarray:
    """Uniform noise (length, C) over all that the sensor can deliver.

    What is sent: readings over twice the data's range, pictures over it.
    """
    rng = np.random.default_rng(_NOISE_SEED)
    low, high = recordings.limits()
    wide = (high - low) / 2 if answers.picture is None else np.zeros_like(low)
    lows = [fact.low if fact else at - more for fact, at, more in zip(answers.facts, low, wide, strict=True)]
    highs = [fact.high if fact else at + more for fact, at, more in zip(answers.facts, high, wide, strict=True)]
    return answers.on_grid(rng.uniform(lows, highs, (length, len(answers.facts))))


def _blends(answers: Answers, start: np.ndarray, end: np.ndarray) -> Iterator[np.ndarray]:
    for share in np.linspace(0, 1, PICTURE_STEPS if answers.picture else BRIDGE_STEPS):
        yield answers.on_grid(np.atleast_2d(start + (end - start) * share))


def _bridge(answers: Answers, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Readings (at most two) between `start` and `end`: the last like `start` and the first like `end`.

    They lie as close to where the result changes as rounding allows, so that a device which distorts its input
    only a little already tells them wrongly; the surest readings alone would forgive it.
    """
    blends = np.concatenate(list(_blends(answers, start, end)))
    logits = answers.logits(blends, 1).astype(int)
    winners, best = logits.argmax(axis=1), np.sort(logits, axis=1)
    sure = best[:, -1] - best[:, -2] >= SURE_LSB if logits.shape[1] > 1 else np.ones(len(logits), dtype=bool)
    like_start = np.flatnonzero((winners == winners[0]) & sure)
    like_end = np.flatnonzero((winners == winners[-1]) & sure)
    if winners[0] == winners[-1] or not len(like_start) or not len(like_end) or like_end[-1] < like_start[-1]:
        return blends[:0]
    return blends[[like_start[-1], like_end[like_end > like_start[-1]][0]]]


def _neighbours(answers: Answers, recordings: Recordings, label: int) -> Iterator[np.ndarray]:
    """Stretches (T, C) from the surest one of `label` to those of each other class; T is 1 for single readings."""
    start = recordings.surest(label)
    others = [k for k in range(len(answers.converted.classes)) if k != label]
    for other in others[:MAX_RIVALS] if answers.picture else others:
        end = recordings.surest(other)
        length = min(len(start), len(end))
        yield from _blends(answers, start[:length], end[:length])


def _between(answers: Answers, recordings: Recordings) -> Iterator[Scene]:
    """For each class a stretch where the best two results are as close as can be."""
    for label in range(len(answers.converted.classes))[: MAX_SCENES if answers.size > 1 else None]:
        close: list[tuple[int, np.ndarray]] = []
        for stretch in _neighbours(answers, recordings, label):
            ahead = lead(answers.logits(stretch, 1), label)
            close.append((int(np.abs(ahead).min()), stretch))
        nearest = min(close, key=lambda found: found[0], default=(SURE_LSB, np.empty(0)))
        if nearest[0] < SURE_LSB:
            sure = recordings.surest(label)
            stretch = np.concatenate([sure[:1], nearest[1], nearest[1]]) if answers.size == 1 else nearest[1]
            yield Scene("between", answers.converted.classes[label], stretch)


def _thresholds(answers: Answers, recordings: Recordings, rules: Sequence[Rule]) -> Iterator[Scene]:
    """Around each threshold of confidence, for classes that it is said of: clearly above and clearly below."""
    single = answers.size == 1
    shown = [
        (limit, name)
        for limit, labels in thresholds(rules, answers.converted.classes).items()
        for name in labels[: MAX_SCENES if single else 1]
    ]
    for limit, name in shown[: MAX_THRESHOLDS if single else MAX_SCENES]:
        above, below = _sides(answers, recordings, answers.converted.classes.index(name), limit)
        order = (above, below, above) if single else (above, below)
        parts = [part for part in order if part is not None]
        if parts:
            yield Scene("threshold", name, np.concatenate(parts))


def thresholds(rules: Sequence[Rule], classes: Sequence[str]) -> dict[float, list[str]]:
    """The thresholds of confidence that rules have, and of which classes each is said."""
    found: dict[float, list[str]] = {}
    for condition in (rule.condition for rule in rules):
        for limit in (condition.confidence_min, condition.confidence_below):
            if limit is not None:
                meant = [c for c in classes if c not in condition.not_labels and c in (condition.labels or classes)]
                known = found.setdefault(limit, [])
                known += [c for c in meant if c not in known]
    return found


def _sides(
    answers: Answers, recordings: Recordings, label: int, limit: float
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The stretches nearest to `limit` on which the model is surely of `label`, clearly above and clearly below it."""
    best: dict[bool, tuple[tuple[float, float], np.ndarray]] = {}
    for stretch in _neighbours(answers, recordings, label):
        logits = answers.logits(stretch, 1)
        confidence = answers.confidence(logits)
        clear = (lead(logits, label) >= SURE_LSB) & (np.abs(confidence - limit) > THRESHOLD_MARGIN)
        for side in (True, False):
            share = float((clear & ((confidence >= limit) == side)).mean())
            rank = (-share, float(np.abs(confidence - limit).mean()))
            if share > 0 and (side not in best or rank < best[side][0]):
                best[side] = (rank, stretch)
    times = _TAKEN if answers.size == 1 else 1
    above, below = (np.concatenate([best[side][1]] * times) if side in best else None for side in (True, False))
    return above, below
