"""The emulated PDM microphone hears the WAV files of the stimuli, sample by sample; files are checked at the door."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from hw.board import boards
from tools.artifacts import Build, Emulation
from tools.errors import BadInput
from tools.sound import read_wav, resampled, to_int16
from tools.stimuli import CHANNELS, check_board, read_stimuli

Compile = Callable[..., Build]
Run = Callable[..., Emulation]
BUFFER = 256
RAMP = (np.arange(3200) * 3).astype(np.int16)


def wav(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    wavfile.write(path, rate, samples)
    return path


def heard(run: Emulation) -> list[tuple[int, ...]]:
    """(time, number, bytes, first sample, last sample, sum) of each buffer that the sketch printed."""
    lines = [(line.t_ms, *map(int, line.text.split())) for line in run.serial]
    return [line for line in lines if len(line) == 6]


def buffers(track: np.ndarray, size: int = BUFFER) -> list[tuple[int, int, int]]:
    cuts = [track[i : i + size].astype(int) for i in range(0, len(track) - size + 1, size)]
    return [(int(c[0]), int(c[-1]), int(c.sum())) for c in cuts]


@pytest.mark.toolchain
def test_every_sample_arrives_in_its_millisecond(run_sketch: Run, tmp_path: Path) -> None:
    wav(tmp_path / "ramp.wav", RAMP)
    wav(tmp_path / "noise.wav", np.random.default_rng(3).integers(-32768, 32768, 5000).astype(np.int16))
    run = run_sketch("microphone", 700, "t_ms,audio\n0,\n101,ramp.wav\n350,noise.wav\n430,ramp.wav\n")
    assert [line.text for line in run.serial[:3]] == ["0", "0", "1"]  # 8 kHz and three channels are refused
    track = np.zeros(700 * 16, dtype=np.int16)
    track[101 * 16 :][: len(RAMP)] = RAMP
    noise = wavfile.read(tmp_path / "noise.wav")[1]
    track[350 * 16 : 430 * 16] = noise[: 80 * 16]  # the next one ends it
    track[430 * 16 :][: len(RAMP)] = RAMP
    got = heard(run)
    assert [(t, number, size) for t, number, size, *_ in got] == [(16 * k, k, 512) for k in range(1, 44)]
    assert [line[3:] for line in got] == buffers(track)[:43]
    assert run.heap_bytes is not None
    assert run.heap_bytes >= 1024  # the two buffers of the library


@pytest.mark.toolchain
def test_gain_is_in_half_decibels_and_saturates(run_sketch: Run, tmp_path: Path) -> None:
    wav(tmp_path / "tone.wav", np.full(16_000, 1000, dtype=np.int16))
    run = run_sketch("microphone", 420, "t_ms,audio,serial\n0,tone.wav,\n100,,g 32\n200,,g 8\n300,,g 999\n")
    levels = [line[3] for line in heard(run)]
    assert sorted(set(levels)) == [501, 1000, 1995, 31623]  # -6, 0, +6 and, at the most, +30 dB
    loud = wav(tmp_path / "tone.wav", np.full(16_000, -30_000, dtype=np.int16))
    assert loud.is_file()
    run = run_sketch("microphone", 220, "t_ms,audio,serial\n0,tone.wav,\n100,,g 32\n")
    assert {line[3] for line in heard(run)} == {-30_000, -32_768}


@pytest.mark.toolchain
def test_what_is_not_read_in_time_stops_the_microphone(run_sketch: Run) -> None:
    run = run_sketch("microphone", 500, "t_ms,serial\n100,x\n")
    assert heard(run)[-1][0] == 96


@pytest.mark.toolchain
def test_stereo_other_rates_and_the_end(run_sketch: Run, tmp_path: Path) -> None:
    wav(tmp_path / "ramp.wav", RAMP)
    run = run_sketch("microphone", 600, "t_ms,audio,serial\n0,,\n100,ramp.wav,b 1024\n400,,f\n500,,e\n")
    stereo = [line for line in heard(run) if line[2] == 1024]
    # 256 pairs of equal values, 16 ms
    assert {b[0] - a[0] for a, b in itertools.pairwise(stereo)} == {16}
    assert stereo[3][4] - stereo[3][3] == 3 * 255
    fast = [line for line in heard(run) if line[0] > 400]
    assert [line[0] - 400 for line in fast[:4]] == [7, 13, 19, 25]  # 256 samples at 41,667 Hz take 6.14 ms
    assert fast[-1][0] <= 500


@pytest.mark.toolchain
def test_boards_without_the_library_say_so(compile_named: Compile) -> None:
    for sketch, words in (("microphone", "has no PDM library"), ("camera", "with an nRF52840 only")):
        build = compile_named(sketch, "nucleo_h743zi")
        assert not build.ok
        assert any(words in d.message for d in build.diagnostics)


def test_stereo_at_another_rate_is_mixed_and_resampled(tmp_path: Path) -> None:
    t = np.arange(44_100) / 44_100
    tone = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    wav(tmp_path / "s.wav", np.stack([tone, np.zeros_like(tone)], axis=1), 44_100)
    (tmp_path / "s.csv").write_text("t_ms,audio\n5, s.wav \n9,s.wav\n")
    stimuli = read_stimuli(tmp_path / "s.csv")
    assert stimuli.values == ((5, CHANNELS["audio"], 0.0), (9, CHANNELS["audio"], 0.0))  # begins again
    clip = np.frombuffer(stimuli.clips[0], dtype="<i2")
    wanted = 4000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    assert len(clip) == 16_000
    assert np.abs(clip - wanted)[200:-200].max() < 40


@pytest.mark.parametrize(
    ("dtype", "scale"), [(np.uint8, 128), (np.int16, 2**15), (np.int32, 2**31), (np.float32, 1), (np.float64, 1)]
)
def test_every_sample_format_is_read_alike(tmp_path: Path, dtype: type, scale: float) -> None:
    wanted = np.array([0.0, 0.5, -0.5, -1.0], dtype=np.float32)
    offset = 128 if dtype is np.uint8 else 0
    path = wav(tmp_path / "x.wav", (wanted * scale + offset).astype(dtype), 8000)
    samples, rate = read_wav(path.read_bytes(), "x.wav")
    assert rate == 8000
    assert samples.dtype == np.float32
    assert np.array_equal(samples, wanted)
    assert np.array_equal(to_int16(samples), [0, 16384, -16384, -32768])


def test_resampling_lets_nothing_alias() -> None:
    t = np.arange(16_000) / 16_000
    high = np.sin(2 * np.pi * 6000 * t).astype(np.float32)
    assert np.abs(resampled(high, 16_000, 8000)[100:-100]).max() < 0.02
    assert resampled(high, 16_000, 16_000) is high


def broken(kind: str, good: bytes) -> bytes:
    return {
        "text": b"hello, world",
        "empty": b"",
        "cut": good[:30],
        "header": good[:44],
        "mulaw": good[:20] + b"\x07" + good[21:],
        "rate": good[:24] + b"\x00" * 8 + good[32:],
        "nodata": good[:36] + b"xxxx" + good[40:],
    }[kind]


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "header", "mulaw", "rate", "nodata"])
def test_a_broken_sound_file_has_one_clear_line(tmp_path: Path, kind: str) -> None:
    good = wav(tmp_path / "good.wav", RAMP).read_bytes()
    (tmp_path / "bad.wav").write_bytes(broken(kind, good))
    (tmp_path / "s.csv").write_text("t_ms,audio\n0,good.wav\n7,bad.wav\n")
    with pytest.raises(BadInput) as caught:
        read_stimuli(tmp_path / "s.csv")
    assert str(caught.value).startswith("s.csv row 3, column audio: bad.wav ")
    assert "\n" not in str(caught.value)


def test_missing_and_huge_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    csv = tmp_path / "s.csv"
    csv.write_text("t_ms,audio\n0,absent.wav\n")
    with pytest.raises(BadInput, match=r"row 2, column audio: the file absent\.wav is not there"):
        read_stimuli(csv)
    csv.write_text("t_ms,audio\n0,bad\x00name.wav\n")
    with pytest.raises(BadInput, match="not there"):
        read_stimuli(csv)
    with (tmp_path / "big.wav").open("wb") as file:
        file.truncate(1_000_000_000)  # sparse: takes no space
    csv.write_text("t_ms,audio\n0,big.wav\n")
    with pytest.raises(BadInput, match=r"big\.wav has 1000 MB: at most 256 MiB"):
        read_stimuli(csv)
    wav(tmp_path / "a.wav", RAMP)
    wav(tmp_path / "b.wav", RAMP)
    monkeypatch.setattr("tools.stimuli_files.MAX_TOTAL_BYTES", 10_000)
    csv.write_text("t_ms,audio\n0,a.wav\n5,a.wav\n9,b.wav\n")
    with pytest.raises(BadInput, match="row 4, column audio: all sound and pictures together"):
        read_stimuli(csv)


def test_only_boards_with_a_microphone_hear(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", RAMP)
    (tmp_path / "s.csv").write_text("t_ms,audio\n0,a.wav\n")
    stimuli = read_stimuli(tmp_path / "s.csv")
    for board in ("nano33ble", "nano33ble_rev2"):
        check_board(stimuli, boards()[board])
    for board in ("uno", "nucleo_h743zi"):
        with pytest.raises(BadInput, match=f"column 'audio': board {board} has no such sensor"):
            check_board(stimuli, boards()[board])
