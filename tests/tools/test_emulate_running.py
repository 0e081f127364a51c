"""What only a long run shows: the roll-over of millis(), restarts, a heap that grows; and sensors that fall silent."""

import itertools
from collections.abc import Callable

import pytest

from tools.artifacts import Emulation
from tools.errors import BadInput

pytestmark = pytest.mark.toolchain

Run = Callable[..., Emulation]
COMMAND = "t_ms,serial\n1500,{}\n"


@pytest.mark.parametrize("board", ["nano33ble", "netduinoplus2", "uno"])
def test_millis_rolls_over_when_it_is_told_to(run_sketch: Run, board: str) -> None:
    run = run_sketch("running", 4000, "t_ms,rollover\n0,2000\n", board=board)
    assert run.status == "done"
    said = [int(line.text) for line in run.serial]
    assert said[0] >= 2**32 - 2000
    assert said[-1] < 2000
    # The trace keeps the time since reset, and nothing but millis() has changed.
    assert all(abs((s + 2000) % 2**32 - line.t_ms) <= 20 for s, line in zip(said, run.serial, strict=True))
    steps = {b.t_ms - a.t_ms for a, b in itertools.pairwise(run.serial[1:])}
    assert steps <= set(range(499, 503))


def test_a_roll_over_is_set_before_the_board_starts(run_sketch: Run) -> None:
    with pytest.raises(BadInput, match="rollover: it is set at 0 ms"):
        run_sketch("running", 100, "t_ms,rollover\n50,2000\n")


@pytest.mark.parametrize(("board", "command"), [("nano33ble", "r"), ("nano33ble", "v"), ("netduinoplus2", "r")])
def test_a_restart_is_a_crash(run_sketch: Run, board: str, command: str) -> None:
    run = run_sketch("running", 4000, COMMAND.format(command), board=board)
    assert run.status == "crash"
    assert "the board restarted" in run.reason
    assert 1200 <= run.virtual_ms <= 1800


@pytest.mark.parametrize("board", ["nano33ble", "uno"])
def test_growth_of_the_heap_is_told_with_its_time(run_sketch: Run, board: str) -> None:
    run = run_sketch("running", 8000, COMMAND.format("l"), board=board)
    # The UNO has room for some of them only.
    times, sizes = zip(*run.heap_growth, strict=True)
    assert list(times) == sorted(times)
    assert list(sizes) == sorted(sizes)
    assert times[0] >= 1500
    assert sizes[-1] - sizes[0] >= 100 * (len(sizes) - 1) > 300
    quiet = run_sketch("running", 8000, board=board)
    assert quiet.heap_growth == ()


def test_silent_sensors_have_nothing_new(run_sketch: Run) -> None:
    stimuli = "t_ms,color.r,color.g,color.b,silent\n0,100,200,300,0\n300,,,,1\n700,400,,,0\n"
    run = run_sketch("color", 1000, stimuli)
    colors = [(line.t_ms, line.text) for line in run.serial if line.text.startswith("color")]
    assert not [t for t, _ in colors if 330 < t < 700]
    assert {text for t, text in colors if t > 720} == {"color 400 200 300 900"}
    assert {text for t, text in colors if t < 300} == {"color 100 200 300 600"}
