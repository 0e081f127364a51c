"""The real local model, arduino-cli, gcc and QEMU from a sentence to verified firmware, through the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import FRUIT_REQUEST

ROOT = Path(__file__).parents[2]


def tinysmith(*args: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli.main", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=880, check=False)


@pytest.mark.model
@pytest.mark.toolchain
@pytest.mark.timeout(900)
def test_the_local_model_builds_a_working_device(tmp_path: Path, fruit_data: Path) -> None:
    out = tmp_path / "run"
    done = tinysmith("run", FRUIT_REQUEST, *f"--data {fruit_data} --candidates 4 --out {out} --json".split())
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["status"] == "done"
    assert result["metrics"]["accuracy_int8"] >= 0.9
    assert result["metrics"]["flash_bytes"] <= 64 * 1024
    assert result["parity"]["mismatches"] == 0
    assert result["parity"]["vectors"] >= 100
    assert result["behaviour"]["passed"] == result["behaviour"]["checks"] > 10
    tokens = sum(u["prompt_tokens"] + u["completion_tokens"] for u in result["usage"].values())
    assert 0 < tokens <= 12_000
    assert all(usage["calls"] >= 1 for usage in result["usage"].values())

    shown = tinysmith("emulate", str(out), "--stimuli", str(out / "build" / "stimuli.csv"), "--json")
    assert shown.returncode == 0, shown.stderr
    first, again = json.loads((out / "build" / "emulation.json").read_text()), json.loads(shown.stdout)
    until = first["virtual_ms"]
    assert [p for p in again["pins"] if p["t_ms"] < until] == [p for p in first["pins"] if p["t_ms"] < until]
