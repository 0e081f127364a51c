"""Loading: every form people have data in, and one clear line for every way in which it can be wrong."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hw.board import sensors
from tools.artifacts import DataCard
from tools.channels import channel_names, sensor_channels, unit_factor
from tools.data import load
from tools.errors import BadInput
from tools.table import parse_table

SHARED = Path(__file__).parents[3] / "shared" / "data"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def rows(values: np.ndarray, header: str = "", delimiter: str = ",") -> str:
    lines = [delimiter.join(f"{v:.4f}" for v in row) for row in values]
    return "\n".join([header] * bool(header) + lines) + "\n"


# --- forms ------------------------------------------------------------------------------------------


def test_one_csv_per_class_gives_a_card_with_sensor_names(fruit_data: Path) -> None:
    raw = load(fruit_data)
    assert raw.classes == ("apple", "banana", "orange")
    assert raw.card.channels == ("color.r", "color.g", "color.b")
    assert raw.card.units == ("ratio",) * 3
    assert raw.card.rows_sum_to_one
    assert raw.card.kind == "tabular"
    assert raw.card.counts == {"apple": 90, "banana": 90, "orange": 90}
    assert len(raw.x) == len(raw.y) == 270
    assert raw.x[0].shape == (3,)


def test_equal_rows_share_a_group_and_are_counted(tmp_path: Path) -> None:
    folder = write(tmp_path, a="u,v\n1,2\n1,2\n3,4\n", b="u,v\n5,6\n1,2\n")
    raw = load(folder)
    assert raw.card.duplicates == 2
    assert raw.groups[0] == raw.groups[1] == raw.groups[4] != raw.groups[2]
    assert any("more than one class" in note for note in raw.card.notes)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = "Grö\u00dfe;Wert\n1.5;2\n-3e2;4\n".replace(";", delimiter)
    table = parse_table(text.encode(encoding), "x.csv")
    assert table.names == ("Gr\u00f6\u00dfe", "Wert")
    assert table.rows == (("1.5", "2"), ("-3e2", "4"))


def test_decimal_commas_and_trailing_delimiters() -> None:
    table = parse_table(b"a;b;\n1,5;2;\n-0,25;3;\n", "x.csv")
    assert table.rows == (("1.5", "2"), ("-0.25", "3"))


def test_csv_with_a_label_column(tmp_path: Path) -> None:
    path = tmp_path / "plants.csv"
    path.write_text("id,humidity,light,species\n1,0.5,100,fern\n2,0.25,900,cactus\n3,0.5,120,fern\n4,,800,cactus\n")
    raw = load(path)
    assert raw.classes == ("cactus", "fern")
    assert raw.card.channels == ("humidity", "light")
    assert raw.y.tolist() == [1, 0, 1, 0]
    assert raw.card.missing == 1


def test_a_label_in_the_files_of_classes_is_no_channel(tmp_path: Path) -> None:
    card = load(write(tmp_path, a="v,w,label\n1,2,0\n3,4,0\n", b="v,w,label\n5,6,1\n7,8,1\n")).card
    assert card.channels == ("v", "w")
    assert any("label names classes" in note for note in card.notes)


def test_recordings_are_told_apart_by_blank_lines_and_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    captures = [rows(rng.normal(0, 2, (30, 6))) for _ in range(6)]
    header = "aX,aY,aZ,gX,gY,gZ\n"
    folder = write(tmp_path / "gestures", punch=header + "\n".join(captures), flex=header + "\n".join(captures[:5]))
    raw = load(folder)
    assert raw.card.kind == "series"
    assert raw.card.counts == {"flex": 5, "punch": 6}
    assert raw.card.recording_samples == (30, 30)
    assert raw.card.channels == ("accel.x", "accel.y", "accel.z", "gyro.x", "gyro.y", "gyro.z")

    stamped = "t_ms,ax,ay,az\n" + "".join(f"{20 * i + (5000 if i >= 60 else 0)},0,0,{i}\n" for i in range(120))
    times = load(write(tmp_path / "times", still=stamped, moving=stamped.replace(",0,0,", ",1,2,")))
    assert times.card.sample_rate_hz == 50.0
    assert max(times.card.recording_samples or ()) <= 60


def test_one_long_recording_per_class_is_cut_into_pieces_and_says_so(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(0, 3, (2, 400, 3))
    folder = write(tmp_path, still=rows(values[0], "ax,ay,az"), moving=rows(values[1], "ax,ay,az"))
    raw = load(folder)
    assert raw.card.counts == {"moving": 10, "still": 10}
    assert np.concatenate([x for x, y in zip(raw.x, raw.y, strict=True) if y == 1]) == pytest.approx(
        values[0], abs=1e-4
    )
    assert any("consecutive pieces" in note for note in raw.card.notes)


def test_folders_of_recordings(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for label in ("walk", "run"):
        for i in range(5):
            values = rng.normal(0, 2, (40 + i, 3))
            write(tmp_path / label, **{f"r{i}": rows(values, "Acc X (m/s^2),Acc Y (m/s^2),Acc Z (m/s^2)")})
    raw = load(tmp_path)
    assert raw.classes == ("run", "walk")
    assert raw.card.counts == {"run": 5, "walk": 5}
    assert raw.card.recording_samples == (40, 44)
    assert raw.card.units == ("m/s^2",) * 3


def test_folders_of_single_readings(tmp_path: Path) -> None:
    for label in ("dry", "wet"):
        for i in range(4):
            write(tmp_path / label, **{f"r{i}": f"u,v\n{i},2\n"})
    raw = load(tmp_path)
    assert raw.card.kind == "tabular"
    assert raw.card.counts == {"dry": 4, "wet": 4}


def picture(path: Path, size: tuple[int, int], mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(len(str(path))).integers(0, 255, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)


def test_pictures_in_folders_and_in_a_zip_are_the_same(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            for i in range(3):
                picture(tmp_path / "set" / part / label / f"{i}.png", (6, 8))
    folder = load(tmp_path / "set")
    packed = tmp_path / "set.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (tmp_path / "set").rglob("*.png"):
            archive.write(path, f"outer/{path.relative_to(tmp_path / 'set')}")
    zipped = load(packed)
    assert folder.card.image_shape == zipped.card.image_shape == (6, 8, 3)
    assert folder.card.counts == {"cat": 6, "dog": 6}
    assert folder.card.sha256 == zipped.card.sha256


def test_grey_pictures_have_one_channel_and_can_be_scaled(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "1.png", (10, 12), "L")
    picture(tmp_path / "b" / "1.png", (20, 24), "L")
    assert load(tmp_path, image_size=(8, 8)).card.image_shape == (8, 8, 1)


def test_ts_files(tmp_path: Path) -> None:
    path = tmp_path / "toy.ts"
    path.write_text("#c\n@problemName toy\n@classLabel true up down\n@data\n1,2,3:4,5,6:up\n1,?,3:4,5,6:down\n")
    raw = load(path)
    assert raw.classes == ("up", "down")
    assert raw.x[0].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert raw.card.missing == 1


def test_basic_motions_states_its_units_as_assumptions() -> None:
    card = load("basic_motions").card
    assert card.kind == "series"
    assert set(card.counts.values()) == {20}
    assert card.recording_samples == (100, 100)
    assert card.sample_rate_hz == 10.0
    assert card.channels[0] == "accel.x"
    assert card.channels[5] == "gyro.z"
    assert card.units == ("m/s^2",) * 3 + ("rad/s",) * 3
    assert sum("assumed" in note for note in card.notes) == 2


def test_digits() -> None:
    raw = load("digits")
    assert raw.classes == tuple("0123456789")
    assert raw.card.image_shape == (8, 8, 1)
    assert len(raw.x) == 1797


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared sample data are not here")
def test_the_real_fruit_readings() -> None:
    card = load(SHARED / "fruit").card
    assert card.counts == {"apple": 71, "banana": 94, "orange": 91}
    assert card.rows_sum_to_one
    assert card.duplicates == 158


# --- what can be wrong ------------------------------------------------------------------------------

TWO = {"a": "x1,x2\n1,2\n3,4\n", "b": "x1,x2\n1,2\n5,6\n"}


def _mixed_sizes(folder: Path) -> Path:
    picture(folder / "a" / "1.png", (4, 4))
    picture(folder / "b" / "1.png", (4, 6))
    return folder


def _broken_picture(folder: Path) -> Path:
    picture(folder / "a" / "1.png", (4, 4))
    (folder / "b").mkdir()
    (folder / "b" / "2.png").write_bytes(b"\x89PNG no more")
    return folder


def _broken_zip(folder: Path) -> Path:
    (folder / "x.zip").write_bytes(b"PK\x03\x04 not really")
    return folder / "x.zip"


def _binary(folder: Path) -> Path:
    write(folder, a=TWO["a"])
    (folder / "b.csv").write_bytes(io.BytesIO(b"\0\1\2" * 100).read())
    return folder


WRONG: dict[str, tuple[Callable[[Path], Path], str]] = {
    "not there": (lambda p: p / "nothing", "is not there"),
    "empty folder": (lambda p: p, "holds no CSV files, sound (.wav) or pictures"),
    "words only": (lambda p: write(p, a="x,y\nfoo,bar\n", b=TWO["b"]), "holds no numbers"),
    "one class": (lambda p: write(p / "d", a=TWO["a"]) / "a.csv", "no label column"),
    "one class in labels": (lambda p: write(p, a="v,label\n1,up\n2,up\n") / "a.csv", "only one class"),
    "empty file": (lambda p: write(p, a="", b=TWO["b"]), "a.csv is empty"),
    "blank file": (lambda p: write(p, a=" \n\n", b=TWO["b"]), "a.csv is empty"),
    "header only": (lambda p: write(p, a="x1,x2\n", b=TWO["b"]), "no rows"),
    "ragged": (lambda p: write(p, a="x1,x2\n1,2\n3\n", b=TWO["b"]), "a.csv, line 3: 1 values where the header has 2"),
    "other columns": (lambda p: write(p, a=TWO["a"], b="x1,z\n1,2\n"), "different columns"),
    "NaN everywhere": (lambda p: write(p, a="x1,x2\nnan,\n,nan\n", b=TWO["b"]), "every value is missing"),
    "NaN in each row": (lambda p: write(p, a="x1,x2\n1,\n", b="x1,x2\n,2\n"), "every row has a missing value"),
    "binary": (_binary, "b.csv is not a text file"),
    "mixed sizes": (_mixed_sizes, "a/1.png is 4x4, b/1.png is 6x4"),
    "broken picture": (_broken_picture, "b/2.png is not a readable picture"),
    "broken zip": (_broken_zip, "not a readable .zip"),
    "loose pictures": (lambda p: (picture(p / "1.png", (4, 4)), p)[1], "one folder per class"),
    "no labels": (lambda p: write(p, a="v,label\n1,\n2,\n") / "a.csv", "no labelled rows"),
    "impossible name": (lambda p: p / ("x" * 5000), "is not there"),
    "unknown type": (lambda p: ((p / "x.xlsx").write_bytes(b"PK"), p / "x.xlsx")[1], "cannot be read"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_data_get_one_clear_line(tmp_path: Path, case: str) -> None:
    make, said = WRONG[case]
    with pytest.raises(BadInput) as caught:
        load(make(tmp_path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


CELLS = st.sampled_from(
    ["1", "-2.5", "nan", "", "x", "label", "t", "ax", "1e400", "0x1", '"', ",", ";", "\t", "\n", "\r\n", "#"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(CELLS, max_size=40), second=st.one_of(st.binary(max_size=80), st.just(b"a,b\n1,2\n3,4\n")))
def test_whatever_is_in_a_file_it_loads_or_is_refused_in_one_line(
    tmp_path: Path, first: list[str], second: bytes
) -> None:
    (tmp_path / "a.csv").write_bytes("".join(first).encode())
    (tmp_path / "b.csv").write_bytes(second)
    for source in (tmp_path, tmp_path / "a.csv"):
        card, said = outcome(source)
        assert "\n" not in said
        if card is not None:
            assert sum(card.counts.values()) > 0
            assert all(np.isfinite(card.mean))


def outcome(source: Path) -> tuple[DataCard | None, str]:
    try:
        return load(source).card, ""
    except BadInput as error:
        return None, str(error)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, **TWO)

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BadInput, match=r"cannot read .*a\.csv: Permission denied"):
        load(folder)


# --- names and units --------------------------------------------------------------------------------


def test_channel_names_follow_the_sensors() -> None:
    assert channel_names(("Red", "Green", "Blue"))[0] == ("color.r", "color.g", "color.b")
    assert channel_names(("R", "G", "B", "C"))[0] == ("color.r", "color.g", "color.b", "color.c")
    assert channel_names(("ax", "accY", "acc_z", "gyroX", "Gyr.Y", "gz"))[0] == (
        "accel.x",
        "accel.y",
        "accel.z",
        "gyro.x",
        "gyro.y",
        "gyro.z",
    )
    assert channel_names(("x", "y", "z"))[0] == ("accel.x", "accel.y", "accel.z")
    assert channel_names(("r", "temperature"))[0] == ("r", "temperature"), "one letter alone is no colour"
    assert channel_names(("accX [g]", "gyroX (dps)"))[1] == ("g", "deg/s")


@pytest.mark.parametrize(
    ("gravity", "spread", "unit"), [(9.8, 1.0, "m/s^2"), (1.0, 0.2, "g"), (0.0, 12.0, "m/s^2"), (0.0, 0.5, "g")]
)
def test_acceleration_unit_is_told_from_gravity_and_range(
    tmp_path: Path, gravity: float, spread: float, unit: str
) -> None:
    values = np.random.default_rng(3).normal(0, spread, (2, 400, 3)) + np.array([0, 0, gravity])
    raw = load(write(tmp_path, a=rows(values[0], "ax,ay,az"), b=rows(values[1], "ax,ay,az")))
    assert raw.card.units == (unit,) * 3
    assert any(note.startswith("assumed: acceleration in " + unit) for note in raw.card.notes)


def test_units_convert_both_ways() -> None:
    assert unit_factor("g", "m/s^2") == 9.80665
    assert unit_factor("rad/s", "deg/s") == pytest.approx(57.29578)
    assert unit_factor("count", "count") == 1.0


def test_a_sensor_without_the_channels_is_refused() -> None:
    assert sensor_channels(("gyro.x", "accel.z"), sensors()["imu"]) == (3, 2)
    assert sensor_channels(("anything",), sensors()["serial"]) == ()
    with pytest.raises(BadInput, match=r"does not deliver color\.r"):
        sensor_channels(("color.r",), sensors()["imu"])
