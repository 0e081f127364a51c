"""What a board with a microphone is shown: a recording of sound that it hears while it computes frame after frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hw.board import Sensor
from tools.answers import Answers, lead
from tools.artifacts import Converted, Recipe, Rule, Spectrogram
from tools.behaviour import uses
from tools.errors import Fixable
from tools.features import device_features
from tools.live import live_answer
from tools.quantise import quantise
from tools.scenario import MINUTE_MS, Phase, Scenario
from tools.scenario_events import ROUNDS, choose_events
from tools.scenario_file import Row, write_rows
from tools.scenes import Kind, walk
from tools.shown import Expected
from tools.sound import wav_bytes
from tools.spectrogram import Sound, hop_samples, stream_frames
from tools.store import write_bytes

PDM_SAMPLES = 256
"""In a buffer of the PDM library, which come all at once."""
NS_PER_MAC = 150
"""Of an inference on the emulated Cortex-M4: 3 to 6 instructions (CMSIS-NN) of 32 ns; small networks need more."""
RECORDINGS = 20
"""Of each class, from which the surest are chosen."""
SHOWN = 3
"""Different recordings of a class, in turn."""
ROUNDING = 2e-5
"""How far a logarithm computed on the device may be from Python's: float32, other order of sums."""
_NOISE_SEED = 20250107
_NOISE_COUNTS = 3000.0


@dataclass(frozen=True)
class SoundScene:
    """A stretch of sound of one window's length or several."""

    kind: Kind
    label: str
    sound: Sound


@dataclass(frozen=True)
class Heard:
    """The sound of a whole run, when which scene begins in it (ms), and what the board must make of it."""

    track: Sound
    starts: tuple[int, ...]
    results: tuple[Expected, ...]
    live: tuple[str | None, ...]


class SoundAnswers:
    """The model behind the spectrogram: sound in, expected results out."""

    def __init__(self, recipe: Recipe, sensor: Sensor, step: Spectrogram, converted: Converted, tflite: Path) -> None:
        self.answers = Answers(recipe, sensor, ("audio",), converted, tflite)
        self.recipe, self.step, self.converted = recipe, step, converted

    @property
    def slot(self) -> int:
        """Samples in which a scene fits so that one window of the device holds all of it and nothing else."""
        stride = self.answers.stride
        return -(-self.answers.size // stride) * stride * hop_samples(self.step)

    def windows(self, sound: Sound, offset: float = 0.0) -> np.ndarray:
        """INT8 inputs (N, *input_shape) of the device's windows of what it hears; `offset` is added to each energy."""
        features = device_features(stream_frames(sound, self.step) + np.float32(offset), self.recipe)
        starts = range(0, len(features) - self.answers.size + 1, self.answers.stride)
        x = np.stack([features[s : s + self.answers.size] for s in starts])
        shaped = x.reshape(len(x), *self.converted.input_shape)
        return quantise(shaped, self.converted.input_scale, self.converted.input_zero_point)

    def centred(self, sound: Sound) -> Sound:
        """The sound in the middle of silence, as long as whole slots."""
        length = -(-len(sound) // self.slot) * self.slot
        left = (length - len(sound)) // 2
        return np.pad(sound, (left, length - len(sound) - left))

    def hear(self, scenes: Sequence[SoundScene]) -> Heard:
        """What the board makes of the scenes, one after the other from its start."""
        track = np.concatenate([scene.sound for scene in scenes])
        ends = np.cumsum([0, *(len(scene.sound) for scene in scenes[:-1])])
        windows = self.windows(track)
        same = [
            (windows == self.windows(track, o)).reshape(len(windows), -1).all(axis=1) for o in (ROUNDING, -ROUNDING)
        ]
        logits = self.answers.infer(windows)
        results = [self.answers.result(self._time(k), row) for k, row in enumerate(logits)]
        live = [live_answer(windows[k], row) if same[0][k] and same[1][k] else None for k, row in enumerate(logits)]
        starts = tuple(int(end) * 1000 // self.step.rate_hz for end in ends)
        return Heard(track, starts, tuple(results), tuple(live))

    def _time(self, window: int) -> int:
        """When the board tells the result of its window number `window`, in ms after reset."""
        frames = window * self.answers.stride + self.answers.size
        samples = -(-frames * hop_samples(self.step) // PDM_SAMPLES) * PDM_SAMPLES
        return samples * 1000 // self.step.rate_hz + round(self.converted.macs * NS_PER_MAC / 1e6)


def choose_sounds(answers: SoundAnswers, held_out: Sequence[tuple[int, np.ndarray]]) -> list[SoundScene]:
    """Recordings of each class of which the model is surest, then silence and noise, each before another class.

    `held_out`: (class index, (T, 1) counts at the microphone's rate). Raises Fixable when a class has none.
    """
    classes = answers.converted.classes
    best = [_surest(answers, held_out, label) for label in range(len(classes))]
    turn = [0] * len(classes)
    scenes = []

    def show(label: int) -> SoundScene:
        turn[label] += 1
        return SoundScene("class", classes[label], best[label][(turn[label] - 1) % len(best[label])])

    scenes += [show(label) for label in walk(len(classes))]
    silence = np.zeros(answers.slot, dtype=np.int16)
    noise = np.random.default_rng(_NOISE_SEED).normal(0, _NOISE_COUNTS, answers.slot)
    scenes += [SoundScene("rest", "", silence), show(0)]
    return [*scenes, SoundScene("noise", "", np.clip(noise, -32768, 32767).astype(np.int16)), show(len(classes) - 1)]


def _surest(answers: SoundAnswers, held_out: Sequence[tuple[int, np.ndarray]], label: int) -> list[Sound]:
    found = [answers.centred(sound[:, 0].astype(np.int16)) for own, sound in held_out if own == label][:RECORDINGS]
    if not found:
        raise Fixable(f"no held-out recording of class '{answers.converted.classes[label]}' to show to the board")
    ahead = [int(lead(answers.answers.infer(answers.windows(sound)[:1]), label)[0]) for sound in found]
    return [found[i] for i in np.argsort(-np.array(ahead), kind="stable")[:SHOWN]]


def sound_scenario(
    held_out: Sequence[tuple[int, np.ndarray]],
    recipe: Recipe,
    sensor: Sensor,
    step: Spectrogram,
    converted: Converted,
    tflite: Path,
    path: Path,
    rules: Sequence[Rule],
) -> Scenario:
    """As build_scenario does for readings: stimuli at `path`, the sound itself and the minute's stimuli beside it."""
    answers = SoundAnswers(recipe, sensor, step, converted, tflite)
    scenes = choose_sounds(answers, held_out)
    once = _write(answers, scenes, rules, path, ROUNDS, rolls=False)
    times = -(-max(MINUTE_MS, once.until_ms * 3 // 2) // once.until_ms)
    minute = _write(answers, scenes * times, rules, path.with_name("minute.csv"), ROUNDS * times, rolls=True)
    return replace(once, minute=replace(minute, warm_ms=once.until_ms))


def _write(
    answers: SoundAnswers, scenes: Sequence[SoundScene], rules: Sequence[Rule], path: Path, rounds: int, rolls: bool
) -> Scenario:
    heard = answers.hear(scenes)
    used = uses(rules)
    events = choose_events(heard.results, used, rules, rounds)
    # After the last result, before the next would be due.
    end_ms = heard.results[-1].t_ms + answers.answers.stride * answers.step.hop_ms // 2
    rollover_ms = end_ms // 2 if rolls else None
    track = path.with_suffix(".wav")
    write_bytes(track, wav_bytes(heard.track, answers.step.rate_hz))
    write_rows(path, [Row(0, cells={"audio": track.name})], (), False, events, used, rollover_ms, 0)
    phases = tuple(Phase(ms, s.kind, s.label) for ms, s in zip(heard.starts, scenes, strict=True))
    return Scenario(path, heard.results, end_ms, phases, tuple(events), heard.live, rollover_ms)
