"""The cases are possible: solutions by hand, without the system's scaffold, pass their scenes on the emulated board.

And they are not empty: the same solution with one thing wrong in it fails.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from evals.sg_case import CASES, Case, read_case
from evals.sg_network import IMU_PERIOD_MS, network_dir
from evals.sg_scene import Shown, stage
from evals.sg_score import judge
from hw.board import boards
from tools.artifacts import Converted, DataCard, Prepared
from tools.compile import compile_sketch
from tools.emulate import emulate
from tools.estimate import portable_for
from tools.features import features_c
from tools.sketch import write_sketch
from tools.store import read_model

pytestmark = pytest.mark.toolchain

REFERENCE = CASES / "sg" / "reference"
SOLVED = sorted(path.stem for path in REFERENCE.glob("*.h"))
# Of a solution: what is changed in it, and what the scorer must say then.
WRONG = (
    ("fault_three_flashes", "start(3, 200)", "start(4, 200)", "red LED goes on 4 times, wanted 3"),
    ("shaking_fast_blink", "start(0, 200)", "start(0, 400)", "red LED is on for 40"),
    ("clap_pulse_pin6", "start(1, 500)", "start(1, 900)", "pin 6 is on for 90"),
    ("cough_hold_two_seconds", ">= 2000", ">= 1200", "blue LED"),
    ("majority_of_five", "good >= 3", "good >= 1", "green LED is on at the end, wanted off"),
    ("json_on_change", "if (!r.changed) return;", "", "comes over serial, wanted nothing more"),
    ("latch_until_reset_button", 'if (r.is("smoke")) led(LEDR, true);', 'led(LEDR, r.is("smoke"));', "red LED is off"),
    ("hand_near_gate", "distance < 50", "distance < 300", "over serial, wanted nothing"),
    ("decide_every_two_seconds", "next += 2000", "next += 1000", "wanted one every 2000 ms"),
    ("siren_delays", ">= 2000", ">= 1500", "pin 8 goes on after 15"),
    ("uno_percent_text", "(int)(100 * r.confidence + 0.5f)", "100 * r.confidence", "wanted 'motor: normal"),
    ("dim_by_confidence", "(int)(255 * r.confidence)", "255", "pin 9 has duty 255 of 255, wanted about"),
    ("led_hysteresis", "r.confidence < 0.6f", "r.confidence < 0.85f", "blue LED is off at the end, wanted on"),
    ("sos_once", "450, 450, 450", "450, 150, 450", "red LED is on for 15"),
)


@dataclass(frozen=True)
class Bench:
    """Where solutions are built, one build folder for each board and sensor, so that little is compiled again."""

    folder: Path

    def objections(self, case: Case, application: str) -> list[str]:
        board = boards()[case.board]
        root = network_dir(case.sensor, len(case.labels), portable_for(board))
        converted = read_model(root / "converted.json", Converted)
        converted = converted.model_copy(update={"classes": tuple(sorted(case.labels))})
        prepared = read_model(root / "prepared.json", Prepared)
        card = read_model(root / "data" / "card.json", DataCard)
        files = {
            "device.ino": (REFERENCE / "frame.ino").read_text(),
            "application.h": application,
            "facts.h": facts(case),
            "features.h": features_c(prepared.recipe, card.channels),
        }
        place = self.folder / f"{case.board}-{root.name}"
        sketch = write_sketch(place / "device", files, root / converted.c_dir)
        build = compile_sketch(sketch, board, self.folder / f"{case.board}-{case.sensor}")
        assert build.ok, build.diagnostics
        staged = stage(case, Shown(case, prepared, card, converted, root / converted.tflite), place / "scene.csv")
        run = emulate(Path(build.elf), board, staged.stimuli, staged.until_ms, place / "run")
        return judge(case, staged.phases, run, board)


def facts(case: Case) -> str:
    """Constants of a case for frame.ino."""
    board = boards()[case.board]
    names = ", ".join(f'"{label}"' for label in sorted(case.labels))
    numbers = sorted({led.number for led in board.leds.values()})
    inverted = [led.number for led in board.leds.values() if led.active == "low"]
    return (
        "#pragma once\n"
        f"#define SENSOR_COLOR {int(case.sensor == 'color')}\n#define SENSOR_IMU {int(case.sensor == 'imu')}\n"
        f"#define SENSOR_SERIAL {int(case.sensor == 'serial')}\n"
        f"#define LEDS_ACTIVE_LOW {int(bool(inverted))}\n#define FIRST_INVERTED {min(inverted, default=0)}\n"
        f"static const char *const LABELS[] = {{{names}}};\n"
        f"static const int LED_PINS[] = {{{', '.join(map(str, numbers))}}};\n"
        f"static const unsigned long PERIOD_MS = {IMU_PERIOD_MS if case.sensor == 'imu' else 100};\n"
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


def solution(case_id: str) -> str:
    return (REFERENCE / f"{case_id}.h").read_text()


@pytest.mark.parametrize(
    "case_id", [name if k % 4 == 0 else pytest.param(name, marks=pytest.mark.slow) for k, name in enumerate(SOLVED)]
)
def test_a_solution_by_hand_passes(bench: Bench, case_id: str) -> None:
    case = read_case(CASES / "sg" / f"{case_id}.yaml")
    assert bench.objections(case, solution(case_id)) == []


@pytest.mark.parametrize(
    ("case_id", "right", "wrong", "said"),
    [wrong if k % 4 == 0 else pytest.param(*wrong, marks=pytest.mark.slow) for k, wrong in enumerate(WRONG)],
    ids=[case_id for case_id, *_ in WRONG],
)
def test_a_wrong_variant_fails(bench: Bench, case_id: str, right: str, wrong: str, said: str) -> None:
    case = read_case(CASES / "sg" / f"{case_id}.yaml")
    assert right in solution(case_id)
    found = bench.objections(case, solution(case_id).replace(right, wrong))
    assert any(said in objection for objection in found), found
