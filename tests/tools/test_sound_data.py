"""Sound as data: WAV files in folders, the spectrogram in Python and in C, windows, recipes and what is refused."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from hw.board import sensors
from tools.artifacts import DataCard, Normalise, Recipe, Resample, Spectrogram, Split, Window
from tools.data import load
from tools.errors import BadInput, Fixable
from tools.process import run
from tools.recipe import check_recipe, default_recipe, held_out, run_recipe
from tools.sound import to_int16
from tools.spectrogram import (
    empty_bands,
    hop_samples,
    span_samples,
    spectrogram,
    spectrogram_c,
    stream_frames,
    windows_of,
)

MICROPHONE = sensors()["microphone"]
STEP = Spectrogram()
TONES = {"high": 2200.0, "low": 400.0}


def tone(hz: float, seconds: float, rate: int = 8000, level: float = 0.3, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.01, round(seconds * rate))
    return to_int16((level * np.sin(2 * np.pi * hz * np.arange(len(noise)) / rate) + noise).astype(np.float32))


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    """Two classes of ten recordings each, 0.3 to 0.75 s at 8 kHz."""
    for name, hz in TONES.items():
        (tmp_path / "tones" / name).mkdir(parents=True)
        for i in range(10):
            wavfile.write(tmp_path / "tones" / name / f"{i}.wav", 8000, tone(hz + 10 * i, 0.3 + 0.05 * i, seed=i))
    return tmp_path / "tones"


# --- loading ----------------------------------------------------------------------------------------


def test_a_folder_per_class_and_a_zip_of_it_are_the_same(tones: Path, tmp_path: Path) -> None:
    raw = load(tones)
    assert (raw.card.kind, raw.classes, raw.card.channels, raw.card.units) == ("audio", ("high", "low"), ("audio",),
                                                                               ("count",))  # fmt: skip
    assert raw.card.sample_rate_hz == 8000
    assert raw.card.recording_samples == (2400, 6000)
    assert raw.card.counts == {"high": 10, "low": 10}
    assert {x.dtype for x in raw.x} == {np.dtype(np.int16)}
    assert np.array_equal(raw.x[3][:, 0], wavfile.read(tones / "high" / "3.wav")[1])
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for path in sorted(tones.rglob("*.wav")):
            archive.write(path, Path("outer") / path.relative_to(tones))
    assert load(tmp_path / "t.zip").card.sha256 == raw.card.sha256


def test_other_rates_are_resampled_to_that_of_most_files(tones: Path) -> None:
    wavfile.write(tones / "low" / "odd.wav", 44_100, tone(400, 1.0, 44_100))
    card = load(tones).card
    assert card.sample_rate_hz == 8000
    assert card.recording_samples == (2400, 8000)
    assert card.notes[0] == "assumed: recordings at 44100 Hz are resampled to 8000 Hz, as most have it"
    assert "no class is for silence or noise" in card.notes[1]
    (tones / "low").rename(tones / "background_noise")
    assert len(load(tones).card.notes) == 1


def test_one_long_recording_per_class_is_cut_into_pieces(tmp_path: Path) -> None:
    for name, hz in TONES.items():
        (tmp_path / name).mkdir()
        wavfile.write(tmp_path / name / "all.wav", 8000, tone(hz, 12.0))
    card = load(tmp_path).card
    assert card.counts == {"high": 10, "low": 10}
    assert card.recording_samples == (9600, 9600)
    assert "cut into consecutive pieces" in card.notes[-1]


def test_wrong_sound_has_one_clear_line(tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tones / "low" / "bad.wav").write_bytes(b"ID3 this is an mp3")
    with pytest.raises(BadInput, match=r"^low/bad\.wav is not a WAV file: convert it"):
        load(tones)
    (tones / "low" / "bad.wav").unlink()
    monkeypatch.setattr("tools.sound_source.MAX_SAMPLES", 10_000)
    with pytest.raises(BadInput, match="over 10,000 samples"):
        load(tones)
    monkeypatch.undo()
    shutil.copy(tones / "low" / "1.wav", tones / "loose.wav")
    with pytest.raises(BadInput, match=r"loose\.wav lies in no class folder"):
        load(tones)


# --- spectrogram ------------------------------------------------------------------------------------


def test_a_tone_has_its_energy_in_its_band() -> None:
    sound = (1000 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)).astype(np.int16)
    frames = spectrogram(sound, STEP)
    assert frames.shape == (1 + (16_000 - 512) // 320, 16)
    assert frames.dtype == np.float32
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (125, 7500))
    edges = 700 * (10 ** (np.linspace(low, high, 18) / 2595) - 1)
    loudest = int(frames.mean(axis=0).argmax())
    assert edges[loudest] < 1000 < edges[loudest + 2]
    assert np.allclose(np.exp(frames[:, loudest]), 1000**2, rtol=0.1)
    assert (spectrogram(np.zeros(16_000, dtype=np.int16), STEP) == np.log(np.float32(STEP.floor))).all()
    offset = np.full(16_000, 900, dtype=np.int16)
    assert (spectrogram(offset, STEP)[:, 1:] == np.log(np.float32(STEP.floor))).all()  # no sound, only an offset


@pytest.mark.parametrize(
    "step",
    [
        STEP,
        Spectrogram(frame_ms=30, hop_ms=10, bands=40),  # 480 samples in a transform of 512
        Spectrogram(rate_hz=8000, frame_ms=16, hop_ms=16, bands=8, high_hz=3800),
    ],
    ids=["default", "padded", "small"],
)
@pytest.mark.parametrize("language", ["c", "c++"])
def test_c_computes_what_python_computes(tmp_path: Path, step: Spectrogram, language: str) -> None:
    rng = np.random.default_rng(1)
    parts = [rng.integers(-32768, 32768, 8000), np.zeros(3000), tone(700, 0.5, 16_000), rng.normal(0, 12, 8000)]
    sound = np.concatenate(parts).astype(np.int16)
    (tmp_path / "spectrogram.h").write_text(spectrogram_c(step))
    source = tmp_path / f"main.{'c' if language == 'c' else 'cpp'}"
    source.write_text(
        "#include <stdio.h>\n#include <string.h>\n"
        '#include "spectrogram.h"\n'
        "int main(void) {\n"
        "  static int16_t frame[SPECTROGRAM_FRAME];\n"
        "  float bands[SPECTROGRAM_BANDS];\n"
        '  FILE *in = fopen("in.bin", "rb"), *out = fopen("out.bin", "wb");\n'
        "  for (;;) {\n"
        "    const size_t kept = SPECTROGRAM_FRAME - SPECTROGRAM_HOP;\n"
        "    memmove(frame, frame + SPECTROGRAM_HOP, kept * sizeof *frame);\n"
        "    if (fread(frame + kept, sizeof *frame, SPECTROGRAM_HOP, in) != SPECTROGRAM_HOP) break;\n"
        "    spectrogram_frame(frame, bands);\n"
        "    fwrite(bands, sizeof *bands, SPECTROGRAM_BANDS, out);\n"
        "  }\n"
        "  return fclose(out);\n"
        "}\n"
    )
    compiler = ["gcc", "-std=c99"] if language == "c" else ["g++", "-std=c++11"]
    flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
    built = run([*compiler, *flags, source, "-o", tmp_path / "main", "-lm"], timeout_s=60)
    assert built.returncode == 0, built.stderr
    (tmp_path / "in.bin").write_bytes(sound.astype("<i2").tobytes())
    assert run([tmp_path / "main"], timeout_s=60, cwd=tmp_path).returncode == 0
    got = np.frombuffer((tmp_path / "out.bin").read_bytes(), dtype="<f4").reshape(-1, step.bands)
    wanted = stream_frames(sound, step)
    assert got.shape == wanted.shape == (len(sound) // hop_samples(step), step.bands)
    assert np.abs(got - wanted).max() < 1e-4  # of logarithms: a network's input is quantised to steps of about 0.1


def test_windows_of_short_and_long_recordings() -> None:
    short = tone(700, 0.3, 16_000)
    cuts = windows_of(short, STEP, 48, 24)
    assert [cut.shape for cut in cuts] == [(48, 16)] * 3
    loud = [int((cut.max(axis=1) > 12).argmax()) for cut in cuts]
    assert loud[0] == 0
    assert loud[0] < loud[1] < loud[2]
    exact = tone(700, 1, 16_000)[: span_samples(STEP, 48)]
    assert len(windows_of(exact, STEP, 48, 24)) == 1
    long = tone(700, 2.5, 16_000)
    frames = spectrogram(long, STEP)
    cuts = windows_of(long, STEP, 48, 24)
    assert [cut.tolist() for cut in cuts] == [frames[s : s + 48].tolist() for s in (0, 24, 48, 72, len(frames) - 48)]


# --- recipes ----------------------------------------------------------------------------------------


def test_the_default_recipe_runs_and_keeps_recordings_apart(tones: Path, tmp_path: Path) -> None:
    raw = load(tones)
    recipe = default_recipe(raw.card, MICROPHONE)
    kinds = [step.step for step in recipe.steps]
    assert kinds == ["clean", "resample", "spectrogram", "window", "normalise", "augment", "split"]
    step = next(s for s in recipe.steps if isinstance(s, Spectrogram))
    assert (step.rate_hz, step.high_hz) == (16_000, 3800)  # nothing is above in sound of 8 kHz
    prepared = run_recipe(raw, recipe, 1, tmp_path / "run")
    assert prepared.input_shape == (36, 16)  # the longest recording, 0.75 s
    with np.load(tmp_path / "run" / prepared.arrays) as arrays:
        groups = [set(arrays[f"g_{part}"].tolist()) for part in ("train", "validation", "test")]
        train = arrays["x_train"]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 20
    assert np.abs(train.mean(axis=(0, 1))).max() < 1e-3
    assert np.abs(train.std(axis=(0, 1)) - 1).max() < 1e-3
    kept = held_out(tmp_path / "run")
    assert len(kept) == len(groups[2])
    assert all(x.dtype == np.int16 and x.shape[1] == 1 for _, x in kept)
    assert min(len(x) for _, x in kept) >= 4800  # at the microphone's rate


def test_sound_needs_a_microphone(tones: Path) -> None:
    card = load(tones).card
    with pytest.raises(BadInput, match="choose a board with a microphone"):
        default_recipe(card, sensors()["serial"])
    with pytest.raises(BadInput, match="does not deliver audio"):
        default_recipe(card, sensors()["imu"])


AUDIO = DataCard(source="s", sha256="", kind="audio", classes=("a", "b"), counts={}, channels=("audio",),
                 sample_rate_hz=8000, recording_samples=(1000, 9000))  # fmt: skip
WRONG = {
    "no spectrogram": ((Window(size=8, stride=4), Split()), "there is no step `spectrogram`"),
    "no window": ((Resample(rate_hz=16_000), STEP, Split()), "there is no step `window`"),
    "rate": ((STEP, Window(size=8, stride=4), Split()), "at 16000 Hz of sound at 8000 Hz: use `resample`"),
    "bands": (
        (Resample(rate_hz=16_000), Spectrogram(bands=40, frame_ms=8, hop_ms=8), Window(size=8, stride=4), Split()),
        "40 bands are too narrow for frames of 8 ms",
    ),
    "hop": (
        (Resample(rate_hz=16_000), Spectrogram(hop_ms=40), Window(size=8, stride=4), Split()),
        "hop of 40 ms: use 4 to the frame's length",
    ),
    "high": (
        (Resample(rate_hz=16_000), Spectrogram(high_hz=9000), Window(size=8, stride=4), Split()),
        "from 125 to 9000 Hz: use frequencies up to 8000",
    ),
    "normalise": (
        (Resample(rate_hz=16_000), STEP, Window(size=8, stride=4), Normalise(offset=(0.0,), gain=(1.0,)), Split()),
        "`normalise` has 1 values for 16 channels",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_nonsense_is_told_in_a_sentence(case: str) -> None:
    steps, sentence = WRONG[case]
    with pytest.raises(Fixable) as caught:
        check_recipe(Recipe(steps=steps), AUDIO)
    assert sentence in str(caught.value)


def test_a_spectrogram_of_other_data_is_refused() -> None:
    card = AUDIO.model_copy(update={"kind": "series", "channels": ("accel.x",)})
    with pytest.raises(Fixable, match="`spectrogram` is for sound"):
        check_recipe(Recipe(steps=(STEP, Window(size=8, stride=4), Split())), card)


def test_bands_of_the_default_are_never_empty() -> None:
    assert not empty_bands(STEP)
    assert not empty_bands(Spectrogram(high_hz=3800))
    assert empty_bands(Spectrogram(bands=40, frame_ms=8, hop_ms=8))
