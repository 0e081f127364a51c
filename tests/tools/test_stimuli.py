"""Stimuli are checked at the door: each fault gets one line that names row and column."""

import os
import time
from pathlib import Path

import pytest

from hw.board import boards
from tools.errors import BadInput
from tools.stimuli import CHANNELS, check_board, read_stimuli


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "s.csv"
    path.write_text(text)
    return path


def test_sampled_and_held(tmp_path: Path) -> None:
    text = 't_ms,accel.x,pin.3,analog.2,serial\n0,1.5,,,\n10,1.5,1,512,\n10,,,,"hello, world"\n20,-2,,,\n'
    stimuli = read_stimuli(write(tmp_path, text))
    assert stimuli.values == ((0, CHANNELS["accel.x"], 1.5), (10, 0x103, 1.0), (10, 0x202, 512.0), (20, 5, -2.0))
    assert stimuli.lines == ((10, b"hello, world\n"),)
    assert stimuli.end_ms == 20


def test_clear_is_the_sum_of_the_colours_unless_given(tmp_path: Path) -> None:
    summed = read_stimuli(write(tmp_path, "t_ms,color.r,color.g,color.b\n0,1,2,3\n5,4,,\n"))
    assert [(t, v) for t, channel, v in summed.values if channel == CHANNELS["color.c"]] == [(0, 6.0), (5, 9.0)]
    given = read_stimuli(write(tmp_path, "t_ms,color.r,color.c\n0,1,50\n"))
    assert [v for _, channel, v in given.values if channel == CHANNELS["color.c"]] == [50.0]


def test_byte_order_mark_and_blank_lines_are_no_fault(tmp_path: Path) -> None:
    assert read_stimuli(write(tmp_path, "\ufefft_ms,pin.2\n0,1\n\n5,0\n")).end_ms == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty: stimuli are a CSV"),
        ("\n\n", "is empty: stimuli are a CSV"),
        ("time,accel.x\n0,1\n", "has no column t_ms: its first row must name the columns, not 'time, accel.x'"),
        ("t_ms,loudness\n0,1\n", "row 1: unknown column 'loudness'; known: color.r|g|b|c"),
        ("t_ms,acel.x\n0,1\n", "row 1: unknown column 'acel.x'; did you mean accel.x or"),
        ("t_ms,Gesture\n0,1\n", "row 1: unknown column 'Gesture'; did you mean gesture or"),
        ("t_ms,pin.x\n0,1\n", "row 1: unknown column 'pin.x'"),
        ("t_ms,pin.2,pin.2\n0,1,1\n", "column 'pin.2' is there more than once"),
        ("t_ms,accel.x\n0,nan\n", "row 2, column accel.x: nan is not a finite number"),
        ("t_ms,accel.x\n0,1\n5,inf\n", "row 3, column accel.x: inf is not a finite number"),
        ("t_ms,accel.x\n0,fast\n", "row 2, column accel.x: 'fast' is not a number"),
        ("t_ms,accel.x\n10,1\n5,1\n", "row 3: t_ms is 5 after 10"),
        ("t_ms,accel.x\n-1,1\n", "row 2: t_ms is -1"),
        ("t_ms,accel.x\n1.5,1\n", "row 2: t_ms is 1.5"),
        ("t_ms,accel.x\n,1\n", "row 2, column t_ms: '' is not a number"),
        ("t_ms,accel.x\n1e20,1\n", "more than the 86400000 ms"),
        ("t_ms,accel.x\n0,1,2\n", "row 2: 3 cells where the header has 2"),
        ("t_ms,pin.2\n0,2\n", "row 2, column pin.2: 2 is neither 0 nor 1"),
        ("t_ms,analog.0\n0,1024\n", "row 2, column analog.0: 1024 is outside 0 .. 1023"),
        ("t_ms,proximity\n0,-1\n", "row 2, column proximity: -1 is outside 0 .. 255"),
        ("t_ms,color.r\n0,70000\n", "row 2, column color.r: 70000 is outside 0 .. 65535"),
        ("t_ms,gesture\n0,wave\n", "row 2, column gesture: 'wave' is none of up, down, left, right"),
    ],
)
def test_each_fault_has_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_stimuli(write(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_binary_and_huge_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="is not there"):
        read_stimuli(tmp_path / "absent.csv")
    (tmp_path / "b.csv").write_bytes(b"t_ms,pin.2\n\xff\xfe\n")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_stimuli(tmp_path / "b.csv")
    monkeypatch.setattr("tools.stimuli.MAX_FILE_BYTES", 100)
    with pytest.raises(BadInput, match="MB of stimuli"):
        read_stimuli(write(tmp_path, "t_ms,pin.2\n" + "0,1\n" * 100))
    monkeypatch.undo()
    monkeypatch.setattr("tools.stimuli.MAX_ROWS", 5)
    with pytest.raises(BadInput, match="more than 5 rows"):
        read_stimuli(write(tmp_path, "t_ms,pin.2\n" + "0,1\n" * 100))


def test_a_sensor_that_the_board_lacks_is_refused(tmp_path: Path) -> None:
    stimuli = read_stimuli(write(tmp_path, "t_ms,accel.x\n0,1\n"))
    check_board(stimuli, boards()["nano33ble"])
    bare = boards()["nano33ble"].model_copy(update={"sensors": ("serial",), "id": "bare"})
    with pytest.raises(BadInput, match="board bare has no such sensor"):
        check_board(stimuli, bare)


@pytest.mark.parametrize(
    ("column", "board", "message"),
    [
        ("pin.34", "nano33ble", "board nano33ble has pin.0 .. 33"),
        ("pin.20", "uno", "board uno has pin.0 .. 19"),
        ("analog.6", "uno", "board uno has analog.0 .. 5"),
        ("pin.117", "nucleo_h743zi", "board nucleo_h743zi has pin.0 .. 116"),
    ],
)
def test_a_pin_that_the_board_lacks_is_refused(tmp_path: Path, column: str, board: str, message: str) -> None:
    stimuli = read_stimuli(write(tmp_path, f"t_ms,{column}\n0,1\n"))
    with pytest.raises(BadInput, match=message):
        check_board(stimuli, boards()[board])


def test_too_many_values_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.stimuli.MAX_VALUES", 10)
    with pytest.raises(BadInput, match="more than 10 values"):
        read_stimuli(write(tmp_path, "t_ms,accel.x\n" + "".join(f"{n},{n}\n" for n in range(20))))


def test_a_gigabyte_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_text("t_ms,pin.2\n")
    os.truncate(path, 10**9)
    started = time.monotonic()
    with pytest.raises(BadInput, match=r"big\.csv has 1000 MB of stimuli"):
        read_stimuli(path)
    assert time.monotonic() - started < 1
