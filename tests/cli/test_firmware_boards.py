"""`tinysmith firmware RUN REQUEST --board ID`: one trained run, new behaviour on every board that its network fits."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cli.main import app
from evals.sg_network import trained_run
from graph import firmware_steps as steps
from graph.config import RunConfig
from hw.board import boards
from tests.conftest import SCRIPTED
from tests.fakes import led_plan
from tests.graph.test_firmware_loop import FRUIT
from tools.artifacts import Firmware, TaskSpec
from tools.store import read_model

pytestmark = pytest.mark.toolchain

REQUEST = "built-in LED for banana"
CODE = "```cpp\nvoid onResult(const Result &result) { setLed(BUILTIN_LED, result.label == LABEL_BANANA); }\n```"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A trained run for boards with an AVR, whose networks have other kernels, and one for those with a Cortex-M."""
    folder, config = tmp_path_factory.mktemp("boards") / "runs", RunConfig(ladders=SCRIPTED)
    avr = FRUIT.model_copy(update={"board": "mega", "sensor": "serial"})
    return {True: trained_run(avr, folder, config), False: trained_run(FRUIT, folder, config)}


@pytest.mark.parametrize("board", [b for b in boards() if boards()[b].emulator])
def test_new_behaviour_on_every_board(
    board: str,
    sources: dict[bool, Path],
    tmp_path: Path,
    script: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = steps.scenario
    monkeypatch.setattr(steps, "scenario", lambda *given: replace(whole(*given), minute=None))  # the rest: test_verify
    script(planner=led_plan(builtin="banana"), firmware=CODE)  # type: ignore[operator]
    source, out = sources[boards()[board].core == "AVR"], tmp_path / "run"
    app(["firmware", str(source), REQUEST, "--board", board, "--out", str(out), "--json"], standalone_mode=False)
    result = json.loads(capsys.readouterr().out)
    assert (result["status"], result["board"]) == ("done", board)
    assert result["behaviour"]["passed"] == result["behaviour"]["checks"] > 3
    assert result["parity"]["mismatches"] == 0
    assert result["firmware"]["author"] == "drafted"
    spec = read_model(out / "spec.json", TaskSpec)
    assert spec.sensor == ("color" if "color" in boards()[board].sensors else "serial")
    assert Path(read_model(out / "firmware" / "firmware.json", Firmware).elf).is_file()
    assert (out / "report.html").is_file()
