"""The command line's contract: exit codes, one clear line, one JSON object, nothing lost."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUEST = "classify apple, banana and orange with the colour sensor, red LED for apple"


def tinysmith(*args: str, cwd: Path = ROOT, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *args], cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
    )


def fails(code: int, *args: str, words: str) -> str:
    done = tinysmith(*args)
    lines = [line for line in done.stderr.splitlines() if line.startswith("tinysmith: ")]
    assert done.returncode == code, done.stderr
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert words in lines[0]
    return done.stdout


def test_a_data_path_that_is_not_there(tmp_path: Path) -> None:
    fails(2, "run", REQUEST, "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path / "r"), words="nowhere")


def test_a_csv_without_numbers(tmp_path: Path) -> None:
    for name in ("apple", "banana"):
        (tmp_path / f"{name}.csv").write_text("Red,Green,Blue\nred,green,blue\n")
    fails(2, "run", REQUEST, "--data", str(tmp_path), "--out", str(tmp_path / "r"), words="number")


def test_one_class_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "apple.csv").write_text("Red,Green,Blue\n" + "0.5,0.3,0.2\n0.4,0.4,0.2\n" * 20)
    fails(2, "run", REQUEST, "--data", str(data), "--out", str(tmp_path / "r"), words="class")


def test_an_unknown_board(tmp_path: Path, fruit_data: Path) -> None:
    words = "unknown board 'toaster': choose one of"
    out = str(tmp_path / "r")
    stdout = fails(
        2, "run", REQUEST, "--data", str(fruit_data), "--board", "toaster", "--out", out, "--json", words=words
    )
    result = json.loads(stdout)
    assert result["status"] == "bad_input"
    assert "toaster" in result["error"]


def test_no_data_at_all(tmp_path: Path) -> None:
    fails(2, "run", REQUEST, "--out", str(tmp_path / "r"), words="--data")


@pytest.mark.parametrize("budget", ["ram=much", "ram", "stack=3", "ram=-5"])
def test_a_budget_that_is_none(budget: str, tmp_path: Path, fruit_data: Path) -> None:
    fails(
        2, "run", REQUEST, "--data", str(fruit_data), "--budget", budget, "--out", str(tmp_path / "r"), words="budget"
    )


def test_an_unknown_profile_role_and_provider(tmp_path: Path, fruit_data: Path) -> None:
    base = ("run", REQUEST, "--data", str(fruit_data), "--out", str(tmp_path / "r"))
    fails(2, *base, "--profile", "cloud", words="unknown profile")
    fails(2, *base, "--model", "cook=local:x", words="unknown role")
    fails(2, *base, "--model", "planner=telepathy:x", words="unknown provider")
    fails(2, *base, "--model", "validator=openai:gpt-4o", words="this machine only")


def test_settings_that_are_wrong_and_a_public_set_that_is_not_there(tmp_path: Path, fruit_data: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("candidats = 3\n")
    run = ("run", REQUEST, "--out", str(tmp_path / "r"))
    fails(2, *run, "--data", str(fruit_data), "--config", str(path), words="did you mean 'candidates'?")
    fails(2, *run, "--data", f"cifar100:{tmp_path}", words="does not hold CIFAR100")


def test_a_run_folder_in_use_is_not_overwritten(tmp_path: Path, fruit_data: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    fails(2, "run", REQUEST, "--data", str(fruit_data), "--out", str(tmp_path), words="holds a run already")


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    for command in ("show", "resume", "trace"):
        fails(2, command, str(tmp_path), words="not a run folder")
    fails(2, "emulate", str(tmp_path / "x.elf"), words="is not there")


def test_a_missing_argument_and_an_unknown_flag() -> None:
    fails(2, "run", words="Missing argument")
    fails(2, "boards", "--colour", words="No such option")


def test_a_setup_failure_names_the_command_that_mends_it(tmp_path: Path, fruit_data: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"}
    flags = f"--data {fruit_data} --profile openai --out {tmp_path / 'r'}".split()
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "run", REQUEST, *flags],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "OPENAI_API_KEY is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_boards_as_json() -> None:
    done = tinysmith("boards", "--json")
    assert done.returncode == 0
    found = {b["id"]: b for b in json.loads(done.stdout)["boards"]}
    assert found["nano33ble"]["leds"]["red"]["active"] == "low"


def test_boards_and_help_for_people() -> None:
    assert "nano33ble" in tinysmith("boards").stdout
    done = tinysmith("--help")
    for command in ("run", "resume", "plan", "runs", "show", "emulate", "boards", "doctor", "setup"):
        assert command in done.stdout


def test_runs_lists_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "run.json").write_text('{"request": "sort fruit", "board": "nano33ble"}')
    found = json.loads(tinysmith("runs", str(tmp_path), "--json").stdout)["runs"]
    assert found == [{"run": str(folder), "status": "unfinished", "board": "nano33ble", "request": "sort fruit"}]


@pytest.mark.model
def test_ctrl_c_is_130_and_keeps_the_run(tmp_path: Path, fruit_data: Path) -> None:
    out = tmp_path / "r"
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "run", REQUEST, "--data", str(fruit_data), "--out", str(out), "--json"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 90
    while not (out / "run.json").exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "tinysmith resume" in stderr
    assert "Traceback" not in stderr
    assert json.loads(stdout)["status"] == "interrupted"
    assert (out / "run.json").exists()


@pytest.mark.model
def test_weights_that_are_none_are_a_setup_failure(tmp_path: Path, fruit_data: Path) -> None:
    weights = tmp_path / "weights.gguf"
    weights.write_bytes(b"no model at all" * 1000)
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "run", REQUEST, "--data", str(fruit_data), "--out", str(tmp_path / "r")],
        cwd=ROOT, env={**os.environ, "TINYSMITH_MODEL_PATH": str(weights)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "weights.gguf" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.model
def test_a_full_disk_is_told_in_one_line(tmp_path: Path, fruit_data: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system is not allowed here")
    try:
        fails(2, "run", REQUEST, "--data", str(fruit_data), "--out", str(small / "r"), "--yes", words="no space left")
    finally:
        subprocess.run(["umount", str(small)], check=True)
