"""What a board with a camera is shown: pictures, each before the lens when a frame begins, and what comes of them."""

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hw.board import Sensor
from tools.answers import Answers, lead
from tools.artifacts import Converted, Picture, Recipe, Rule
from tools.behaviour import uses
from tools.errors import Fixable
from tools.features import device_features, sensor_readings
from tools.live import live_answer
from tools.picture import SIZES, camera_frame, full_frame
from tools.picture_recipe import before_the_lens, device_pixels
from tools.quantise import quantise
from tools.scenario import MINUTE_MS, Phase, Scenario
from tools.scenario_events import ROUNDS, choose_events
from tools.scenario_file import Row, write_rows
from tools.scenario_stream import NS_PER_MAC, RECORDINGS, SHOWN
from tools.scenes import Kind, walk
from tools.shown import Expected
from tools.sketch import PICTURE_PERIOD_MS
from tools.store import write_bytes

POWER_UP_MS = 1000
"""Until Camera.begin() returns; from then on frames begin one after the other."""
FRAME_MS = 200
READ_OUT_MS = 188
"""Of a frame's time, with pictures on it: 480 of 510 rows."""
SCALING_MS = 4
"""The device's own averaging of about 14,000 pixels."""
SHOWN_TWICE = 2
"""Frames taken of a scene."""
_NOISE_SEED = 20250107


@dataclass(frozen=True)
class PictureScene:
    """A picture (height, width, 1) before the lens."""

    kind: Kind
    label: str
    picture: NDArray[np.uint8]


@dataclass(frozen=True)
class Shot:
    """When the device takes its frame: what is before the lens then counts; and when it tells the result (ms)."""

    begins_ms: int
    result_ms: int


def shots(macs: int, count: int) -> list[Shot]:
    """The first `count` frames that the device takes with a network of `macs`, as camera.cpp paces itself."""
    found: list[Shot] = []
    compute_ms = SCALING_MS + round(macs * NS_PER_MAC / 1e6)
    next_ms = call_ms = POWER_UP_MS
    for _ in range(count):
        next_ms += PICTURE_PERIOD_MS
        if call_ms >= next_ms:
            next_ms = call_ms + PICTURE_PERIOD_MS
        begins_ms = POWER_UP_MS + ((call_ms - POWER_UP_MS) // FRAME_MS + 1) * FRAME_MS
        found.append(Shot(begins_ms, begins_ms + READ_OUT_MS + compute_ms))
        call_ms = max(next_ms, found[-1].result_ms + 1)
    return found


class PictureAnswers:
    """The model behind the camera: pictures in, expected results out."""

    def __init__(self, recipe: Recipe, sensor: Sensor, step: Picture, converted: Converted, tflite: Path) -> None:
        self.answers = Answers(recipe, sensor, ("pixel",), converted, tflite)
        self.recipe, self.step, self.converted = recipe, step, converted

    def levels(self, picture: np.ndarray) -> NDArray[np.uint8]:
        """A picture (height, width, 1) in the data's levels as a camera delivers it."""
        return sensor_readings(picture, self.recipe, self.answers.sensor, ("pixel",)).astype(np.uint8)

    def photo(self, picture: NDArray[np.uint8]) -> bytes:
        """A PNG file of the scene whose middle is the picture."""
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(before_the_lens(picture, self.step)).save(file, "PNG")
        return file.getvalue()

    def windows(self, pictures: Sequence[NDArray[np.uint8]]) -> np.ndarray:
        """INT8 inputs (N, *input_shape) that the device makes of what its camera delivers of the pictures."""
        seen = []
        for picture in pictures:
            grey = camera_frame(full_frame(self.photo(picture), "scene"), *SIZES["QQVGA"])
            seen.append(device_features(device_pixels(grey, self.step).astype(np.float32), self.recipe))
        x = np.stack(seen).reshape(len(seen), *self.converted.input_shape)
        return quantise(x, self.converted.input_scale, self.converted.input_zero_point)

    def surest(self, pictures: Sequence[NDArray[np.uint8]], label: int) -> list[NDArray[np.uint8]]:
        """The pictures of `label` that the model is surest of."""
        ahead = lead(self.answers.infer(self.windows(pictures)), label)
        return [pictures[i] for i in np.argsort(-ahead, kind="stable")[:SHOWN]]


def choose_pictures(answers: PictureAnswers, held_out: Sequence[tuple[int, np.ndarray]]) -> list[PictureScene]:
    """Pictures of each class of which the model is surest, then darkness and noise, each before another class.

    `held_out`: (class index, (height, width, 1) in the data's levels). Raises Fixable when a class has none.
    """
    classes = answers.converted.classes
    turns = []
    for label, name in enumerate(classes):
        own = [answers.levels(picture) for k, picture in held_out if k == label][:RECORDINGS]
        if not own:
            raise Fixable(f"no held-out picture of class '{name}' to show to the board")
        turns.append(itertools.cycle(answers.surest(own, label)))
    scenes = [PictureScene("class", classes[label], next(turns[label])) for label in walk(len(classes))]
    shape = (answers.step.height, answers.step.width, 1)
    noise = np.random.default_rng(_NOISE_SEED).integers(0, 256, shape).astype(np.uint8)
    scenes += [PictureScene("rest", "", np.zeros(shape, np.uint8)), PictureScene("class", classes[0], next(turns[0]))]
    return [*scenes, PictureScene("noise", "", noise), PictureScene("class", classes[-1], next(turns[-1]))]


def picture_scenario(
    held_out: Sequence[tuple[int, np.ndarray]],
    recipe: Recipe,
    sensor: Sensor,
    step: Picture,
    converted: Converted,
    tflite: Path,
    path: Path,
    rules: Sequence[Rule],
) -> Scenario:
    """As build_scenario does for readings: stimuli at `path`, the pictures and the minute's stimuli beside it."""
    answers = PictureAnswers(recipe, sensor, step, converted, tflite)
    scenes = choose_pictures(answers, held_out)
    once = _write(answers, scenes, rules, path, ROUNDS, rolls=False)
    times = -(-max(MINUTE_MS, once.until_ms * 3 // 2) // (once.until_ms - POWER_UP_MS))
    minute = _write(answers, scenes * times, rules, path.with_name("minute.csv"), ROUNDS * times, rolls=True)
    return replace(once, minute=replace(minute, warm_ms=once.until_ms))


def _write(
    answers: PictureAnswers, scenes: Sequence[PictureScene], rules: Sequence[Rule], path: Path, rounds: int, rolls: bool
) -> Scenario:
    taken = shots(answers.converted.macs, len(scenes) * SHOWN_TWICE + 1)
    # The lens is covered by the next picture half-way between two frames.
    changes = [0, *((a.begins_ms + b.begins_ms) // 2 for a, b in itertools.pairwise(taken))]
    starts = changes[:-1:SHOWN_TWICE]
    names = _write_pictures(answers, scenes, path.parent / "pictures")
    rows = [Row(ms, cells={"camera": name}) for ms, name in zip(starts, names, strict=True)]
    windows = answers.windows([scene.picture for scene in scenes]).repeat(SHOWN_TWICE, axis=0)
    logits = answers.answers.infer(windows)
    results = [answers.answers.result(shot.result_ms, row) for shot, row in zip(taken, logits, strict=False)]
    live = tuple(live_answer(window, row) for window, row in zip(windows, logits, strict=True))
    return _scenario(path, rows, results, live, _phases(starts, scenes), rules, rounds, taken[-1].begins_ms, rolls)


def _phases(starts: Sequence[int], scenes: Sequence[PictureScene]) -> tuple[Phase, ...]:
    return tuple(Phase(ms, scene.kind, scene.label) for ms, scene in zip(starts, scenes, strict=True))


def _scenario(
    path: Path,
    rows: list[Row],
    results: list[Expected],
    live: tuple[str | None, ...],
    phases: tuple[Phase, ...],
    rules: Sequence[Rule],
    rounds: int,
    end_ms: int,
    rolls: bool,
) -> Scenario:
    used = uses(rules)
    events = choose_events(results, used, rules, rounds)
    rollover_ms = end_ms // 2 if rolls else None
    write_rows(path, rows, (), False, events, used, rollover_ms, 0)
    return Scenario(path, tuple(results), end_ms, phases, tuple(events), live, rollover_ms)


def _write_pictures(answers: PictureAnswers, scenes: Sequence[PictureScene], folder: Path) -> list[str]:
    """Write each picture once; the names as the stimuli say them."""
    names: dict[bytes, str] = {}
    for scene in scenes:
        key = scene.picture.tobytes()
        if key not in names:
            name = f"{len(names)}.png"
            write_bytes(folder / name, answers.photo(scene.picture))
            names[key] = f"{folder.name}/{name}"
    return [names[scene.picture.tobytes()] for scene in scenes]
