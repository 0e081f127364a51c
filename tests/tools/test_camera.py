"""The emulated camera module shows the pictures of the stimuli, pixel by pixel, in the time that its frames take."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hw.board import boards
from tools.artifacts import Emulation
from tools.errors import BadInput
from tools.picture import SIZES, camera_frame, full_frame
from tools.stimuli import CHANNELS, check_board, read_stimuli

Run = Callable[..., Emulation]
BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)]
"""White, yellow, cyan, green, magenta, red, blue, black."""


def save(path: Path, pixels: np.ndarray) -> np.ndarray:
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return full_frame(path.read_bytes(), path.name)


@pytest.fixture
def frame(tmp_path: Path) -> np.ndarray:
    """A picture without any symmetry, saved as p.png."""
    return save(tmp_path / "p.png", np.random.default_rng(1).integers(0, 256, (480, 640, 3)))


def shots(run: Emulation) -> list[dict[str, str]]:
    """Of each line that the sketch was sent: begin() with its time, size, times of two frames, checksum, bytes."""
    texts = [line.text for line in run.serial][2:]
    found = []
    while texts:
        shot = {"begin": texts.pop(0)}
        if shot["begin"].startswith("1 "):
            shot["size"], shot["bits"], shot["first"], shot["second"], shot["sum"] = texts.pop(0).split()
            shot["bytes"] = texts.pop(0)
        found.append(shot)
    return found


def checksum(data: bytes) -> str:
    total = 0
    for byte in data:
        total = (total * 31 + byte) % 2**32
    return str(total)


def rgb565(rgb: np.ndarray) -> bytes:
    r, g, b = (rgb[..., i].astype(int) for i in range(3))
    return ((r >> 3 << 11) | (g >> 2 << 5) | b >> 3).astype(">u2").tobytes()


@pytest.mark.toolchain
def test_frames_are_the_picture_bit_for_bit(run_sketch: Run, tmp_path: Path, frame: np.ndarray) -> None:
    run = run_sketch("camera", 7000, "t_ms,camera,serial\n0,p.png,\n100,,345\n2500,,445h\n5000,,345vh\n")
    assert [line.text for line in run.serial[:2]] == ["0", "0"]  # no such format, no such rate
    plain, small, turned = shots(run)
    grey, little = camera_frame(frame, *SIZES["QCIF"]), camera_frame(frame, *SIZES["QQVGA"])
    assert (plain["size"], plain["bits"], plain["sum"]) == ("176x144", "16", checksum(grey.tobytes()))
    assert (small["size"], small["sum"]) == ("160x120", checksum(little[:, ::-1].tobytes()))
    assert turned["sum"] == checksum(grey[::-1, ::-1].tobytes())


@pytest.mark.toolchain
def test_colour_formats_and_the_test_pattern(run_sketch: Run, tmp_path: Path) -> None:
    save(tmp_path / "red.png", np.full((480, 640, 3), (200, 20, 60)))
    stimuli = "t_ms,camera,serial\n0,red.png,\n100,,325\n2500,,305\n5000,,315\n7500,,325t\n"
    run = run_sketch("camera", 10_000, stimuli)
    flat = np.full((144, 176, 3), (200, 20, 60))
    colour, yuv, rgb444, bars = shots(run)
    assert colour["sum"] == checksum(rgb565(flat))
    # BT.601: Y = 0.299 R + 0.587 G + 0.114 B, U = (B - Y)/1.772, V = (R - Y)/1.402
    assert yuv["bytes"] == "78 118 78 215 78 118 78 215"
    assert rgb444["bytes"] == "12 19 12 19 12 19 12 19"  # xR GB
    pattern = np.repeat(np.array(BARS)[None] * 255, 22, axis=1).repeat(144, axis=0)
    assert bars["sum"] == checksum(rgb565(pattern))


@pytest.mark.toolchain
def test_a_frame_shows_what_was_there_when_it_began(run_sketch: Run, tmp_path: Path) -> None:
    for name, grey in (("a.png", 10), ("b.png", 90)):
        save(tmp_path / name, np.full((480, 640), grey))
    # Frames begin 200 ms apart, counted from the end of begin(): the second one at 1500 ms, the third at 1700.
    for shown_ms, level in ((1500, 90), (1501, 10)):
        run = run_sketch("camera", 2000, f"t_ms,camera,serial\n0,a.png,\n100,,345\n{shown_ms},b.png,\n")
        assert shots(run)[0]["bytes"].split()[0] == str(level)


@pytest.mark.toolchain
def test_frames_take_the_time_of_their_rate(run_sketch: Run, tmp_path: Path, frame: np.ndarray) -> None:
    run = run_sketch("camera", 7000, "t_ms,camera,serial\n0,p.png,\n100,,345\n2500,,341\n")
    fast, slow = shots(run)
    assert fast["begin"].split() == ["1", "1000"]
    assert 380 <= int(fast["first"]) <= 390  # waits up to a period, then 480 of 510 rows
    assert 199 <= int(slow["second"]) // 5 <= 202


@pytest.mark.toolchain
def test_without_pictures_no_module_is_plugged_in(run_sketch: Run, tmp_path: Path, frame: np.ndarray) -> None:
    run_sketch("camera", 1500, "t_ms,camera,serial\n0,p.png,\n100,,345\n")
    run = run_sketch("camera", 1500, "t_ms,serial\n100,345\n")  # in the same folder
    assert shots(run) == [{"begin": "0 1000"}]


def test_pictures_of_any_form_fill_the_frame(tmp_path: Path) -> None:
    wide = np.zeros((100, 400, 3), dtype=np.uint8)
    wide[:, :, 0] = np.arange(400) // 2
    filled = save(tmp_path / "w.png", wide)
    assert filled.shape == (480, 640, 3)
    # 133 of the 400 columns fit beside 100 rows: the middle ones.
    assert 66 <= filled[0, 0, 0] <= 68
    assert 131 <= filled[0, -1, 0] <= 133
    assert (save(tmp_path / "g.pgm", np.full((60, 80), 77)) == 77).all()
    Image.fromarray(np.full((60, 80), 77 * 256, dtype=np.uint16)).save(tmp_path / "deep.png")
    assert (full_frame((tmp_path / "deep.png").read_bytes(), "deep.png") == 77).all()


@pytest.mark.parametrize("size", SIZES.values())
def test_the_scaler_averages_and_keeps_flat_areas(size: tuple[int, int]) -> None:
    flat = np.full((480, 640, 3), 131, dtype=np.uint8)
    assert (camera_frame(flat, *size) == 131).all()
    assert camera_frame(flat, *size).shape == size[::-1]
    halves = np.zeros((480, 640, 3), dtype=np.uint8)
    halves[::2] = 255
    if size == (320, 240):
        assert (camera_frame(halves, *size) == 128).all()  # halves are rounded up


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + b"\x00" * 30])
def test_an_unreadable_picture_has_one_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.png").write_bytes(content)
    (tmp_path / "s.csv").write_text("t_ms,camera\n0,bad.png\n")
    with pytest.raises(BadInput, match=r"^s\.csv row 2, column camera: bad\.png is not a readable picture") as caught:
        read_stimuli(tmp_path / "s.csv")
    assert "\n" not in str(caught.value)


def test_a_picture_with_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.picture.MAX_PIXELS", 1000)
    with pytest.raises(BadInput, match="has 80x60 pixels: give a smaller picture"):
        save(tmp_path / "p.png", np.zeros((60, 80)))


def test_each_picture_is_held_once(tmp_path: Path, frame: np.ndarray) -> None:
    save(tmp_path / "q.png", np.zeros((60, 80)))
    (tmp_path / "s.csv").write_text("t_ms,camera\n0,p.png\n5,q.png\n9,q.png\n12,p.png\n")
    stimuli = read_stimuli(tmp_path / "s.csv")
    assert stimuli.values == tuple((t, CHANNELS["camera"], v) for t, v in ((0, 0.0), (5, 1.0), (12, 0.0)))
    assert stimuli.pictures[0] == frame.tobytes()
    assert len(stimuli.pictures) == 2
    check_board(stimuli, boards()["nano33ble"])
    with pytest.raises(BadInput, match="board uno has no such sensor"):
        check_board(stimuli, boards()["uno"])
