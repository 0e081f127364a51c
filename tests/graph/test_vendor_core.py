"""A run for the vendor's core: refused early when it is missing, else built beside the emulated board's."""

from pathlib import Path
from typing import Any

import pytest

from graph.config import make_config
from graph.run import execute
from tests.fakes import FRUIT_REQUEST
from tests.graph.test_story import QUICK
from tests.vendor import install_core, vendor_home
from tools.artifacts import Firmware
from tools.errors import BadInput, Setup
from tools.store import read_model
from tools.trace import read_trace

REAL = QUICK.model_copy(update={"core": "real"})


def start(run_dir: Path, data: Path) -> dict[str, Any]:
    given: Any = {"request": FRUIT_REQUEST, "data": str(data), "run_dir": str(run_dir), "config": REAL}
    return execute(run_dir, given, lambda question: str(question["default"]))


@pytest.mark.toolchain
def test_a_run_for_the_vendors_core(
    tmp_path: Path, fruit_data: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hardware = vendor_home(tmp_path / "home", monkeypatch)
    script()
    with pytest.raises(Setup, match="arduino-cli core install arduino:mbed_nano"):
        start(tmp_path / "early", fruit_data)
    assert "data" not in {span.name for span in read_trace(tmp_path / "early" / "trace.jsonl")}
    install_core(hardware)
    script()
    run_dir = tmp_path / "run"
    state = start(run_dir, fruit_data)
    firmware = read_model(run_dir / "firmware" / "firmware.json", Firmware)
    assert (firmware.build.core, firmware.build.fqbn) == ("real", "arduino:mbed_nano:nano33ble")
    assert Path(firmware.build.elf).parent == run_dir / "build_real"
    assert Path(firmware.elf).parent == run_dir / "build", "what the emulated board ran is what was proved"
    assert state["result"]["metrics"]["flash_bytes"] == firmware.build.flash_bytes
    assert state["result"]["behaviour"]["passed"] == state["result"]["behaviour"]["checks"]


def test_an_unknown_core_is_bad_input() -> None:
    with pytest.raises(BadInput, match="--core is 'mbed': write emulated, or real"):
        make_config("local", {}, core="mbed")
