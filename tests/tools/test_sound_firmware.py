"""From WAV files to a board that hears them: the network's results on the emulated microphone, window by window."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hw.board import boards, sensors
from tests.tools.test_sound_data import tones
from tools.artifacts import (
    Architecture,
    Budgets,
    Build,
    Condition,
    Converted,
    Led,
    Prepared,
    Print,
    Rule,
    Stage,
    TaskSpec,
)
from tools.behaviour_cpp import to_cpp
from tools.compile import compile_sketch
from tools.convert import convert
from tools.data import load
from tools.demand import Demanded
from tools.emulate import emulate
from tools.estimate import estimate
from tools.golden import check_on_board, golden_samples
from tools.oracle import compare
from tools.recipe import default_recipe, held_out, run_recipe, sample_rate_hz
from tools.report_parts import step_sentence
from tools.scenario import Scenario, build_scenario
from tools.sketch import app, sample_period_ms, scaffold, sound_step, write_sketch
from tools.train import load_network, train

pytestmark = pytest.mark.toolchain

__all__ = ["tones"]
BOARD, SENSOR = boards()["nano33ble"], sensors()["microphone"]
NET = Architecture(form="conv1d", stages=(Stage(block="conv", channels=8, kernel=3, stride=2),))
RULES = (
    Rule(trigger="result", actions=(Print(template="{label} {confidence}"),)),
    Rule(trigger="while", condition=Condition(labels=("high",)), actions=(Led(name="red"),)),
)


@dataclass(frozen=True)
class Device:
    """A trained, converted and compiled sound classifier with its run folder."""

    run_dir: Path
    prepared: Prepared
    converted: Converted
    files: dict[str, str]
    build: Build
    scenario: Scenario

    def compile_with(self, name: str, old: str, new: str) -> Path:
        """The ELF of the same sketch with one thing changed."""
        assert self.files[name].count(old) == 1
        files = {**self.files, name: self.files[name].replace(old, new)}
        folder = write_sketch(self.run_dir / "changed" / "trial", files, self.run_dir / self.converted.c_dir)
        build = compile_sketch(folder, BOARD, self.run_dir / "build_changed")
        assert build.ok, build.diagnostics
        return Path(build.elf)


@pytest.fixture
def device(tones: Path, tmp_path: Path) -> Device:
    raw = load(tones)
    run_dir = tmp_path / "run"
    prepared = run_recipe(raw, default_recipe(raw.card, SENSOR), 1, run_dir)
    trained = train(NET, prepared, run_dir, epochs=6, seed=1)
    with np.load(run_dir / prepared.arrays) as arrays:
        train_x, test_x, test_y = (arrays[name] for name in ("x_train", "x_test", "y_test"))
    network = load_network(trained, run_dir)
    converted = convert(network, NET, trained.input_shape, trained.classes, train_x, test_x, test_y,
                        run_dir / "model")  # fmt: skip
    spec = TaskSpec(request="hear", name="trial", board=BOARD.id, sensor=SENSOR.id, classes=raw.classes,
                    behaviour=RULES)  # fmt: skip
    period = sample_period_ms(prepared.recipe, SENSOR, sample_rate_hz(raw.card, prepared.recipe))
    assert period == 20
    files = scaffold(spec, BOARD, SENSOR, prepared.recipe, raw.card.channels, period)
    files["app.h"] = app(spec, to_cpp(RULES, raw.classes))
    folder = write_sketch(run_dir / "firmware" / "trial", files, run_dir / converted.c_dir)
    build = compile_sketch(folder, BOARD, run_dir / "build")
    assert build.ok, build.diagnostics
    stimuli = run_dir / "build" / "stimuli.csv"
    scenario = build_scenario(held_out(run_dir), prepared.recipe, SENSOR, raw.card.channels, converted,
                              run_dir / converted.tflite, period, stimuli, RULES)  # fmt: skip
    return Device(run_dir, prepared, converted, files, build, scenario)


def test_the_board_hears_what_the_model_hears(device: Device, tmp_path: Path) -> None:
    assert device.converted.accuracy_int8 is not None
    assert device.converted.accuracy_int8 > 0.9
    predicted = estimate(NET, device.prepared.input_shape, 2, Budgets(), BOARD, SENSOR.id)
    assert abs(predicted.ram_bytes - device.build.ram_bytes) <= 64
    assert abs(predicted.flash_bytes / device.build.flash_bytes - 1) < 0.06
    scenario = device.scenario
    assert {r.label for r in scenario.results if r.sure} == {"high", "low"}
    assert {phase.kind for phase in scenario.phases} == {"class", "rest", "noise"}
    run = emulate(Path(device.build.elf), BOARD, scenario.stimuli, scenario.until_ms, tmp_path / "emulated")
    assert run.status == "done"
    said = [line.text.split() for line in run.serial]
    assert [label for label, _ in said] == [r.label for r in scenario.results]
    for line, result in zip(run.serial, scenario.results, strict=True):
        assert abs(line.t_ms - result.t_ms) <= 40
        assert float(line.text.split()[1]) == pytest.approx(result.confidence, abs=0.02)
    checks = compare(Demanded(RULES, scenario.results, scenario.until_ms), run, BOARD)
    assert [check for check in checks if not check.passed] == []

    elf = device.compile_with("sensor.cpp", "(taken + i) % RING", "(taken + i / 2) % RING")
    wrong = emulate(elf, BOARD, scenario.stimuli, scenario.until_ms, tmp_path / "emulated")
    assert not all(
        check.passed for check in compare(Demanded(RULES, scenario.results, scenario.until_ms), wrong, BOARD)
    )

    slow = device.compile_with("app.h", "void onResult(const Result &result) {",
                               "void onResult(const Result &result) {\n  delay(600);")  # fmt: skip
    late = emulate(slow, BOARD, scenario.stimuli, 5000, tmp_path / "emulated")
    assert any(line.text.startswith("error: sound was lost") for line in late.serial)

    parity, _ = check_on_board(
        Path(device.build.elf), BOARD, device.converted, device.run_dir / device.converted.tflite,
        golden_samples(device.run_dir / device.prepared.arrays), tmp_path / "golden",
    )  # fmt: skip
    assert parity.mismatches == 0
    assert parity.vectors > 50
    minute = scenario.minute
    assert minute is not None
    assert minute.until_ms > 60_000
    assert minute.rollover_ms is not None
    step = sound_step(device.prepared.recipe)
    assert step is not None
    assert "energies of 16 bands from 125 to 3800 Hz, frames of 32 ms every 20 ms" in step_sentence(step)
