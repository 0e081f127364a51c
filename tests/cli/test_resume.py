"""`tinysmith resume`: the same run goes on, or a new one begins at a stage; nothing is trained here."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import app
from graph import again
from graph.run import execute
from tests.fakes import FRUIT_REQUEST
from tests.scripted_run import CONFIG, default
from tools.artifacts import Budgets
from tools.errors import BadInput, Infeasible, TinysmithError


@pytest.fixture
def stopped(tmp_path: Path, fruit_data: Path, script: Any) -> Path:
    """A run that ended because its budget holds no network."""
    script()
    config = CONFIG.model_copy(update={"budgets": Budgets(ram_bytes=100)})
    inputs: Any = {"request": FRUIT_REQUEST, "data": str(fruit_data), "run_dir": str(tmp_path / "r"), "config": config}
    with pytest.raises(Infeasible):
        execute(tmp_path / "r", inputs, default)
    return tmp_path / "r"


def resume(*args: Any) -> int:
    """Exit code of the command."""
    try:
        app(["resume", *map(str, args)], standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    except TinysmithError as error:
        return error.exit_code
    return 0


def test_without_a_change_the_same_run_goes_on(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert resume(stopped, "--json") == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["run"], told["status"]) == (str(stopped), "infeasible")
    assert "nearest feasible budget" in told["error"]


@pytest.mark.parametrize(
    ("flags", "changes"),
    [
        ("--epochs-full 9", {"settings": {"epochs_full": 9}}),
        (
            "--from search --candidates 5 --prefer small",
            {"stage": "search", "settings": {"candidates": 5, "preference": "small"}},
        ),
        ("--budget ram=64KB --budget macs=2k", {"settings": {"budgets": Budgets(ram_bytes=65_536, macs=2000)}}),
        ("--board mega", {"board": "mega"}),
        ("--request blink", {"request": "blink"}),
    ],
)
def test_flags_become_changes_of_a_new_run(
    stopped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, changes: dict[str, Any]
) -> None:
    seen: list[dict[str, Any]] = []

    def rerun(source: Path, run_dir: Path, ask: Any, **given: Any) -> dict[str, Any]:
        seen.append({"source": source, "run_dir": run_dir, **given})
        raise BadInput("stop here")

    monkeypatch.setattr(again, "rerun", rerun)
    assert resume(stopped, *flags.split(), "--out", tmp_path / "new") == 2
    [given] = seen
    assert (given["source"], given["run_dir"]) == (stopped, tmp_path / "new")
    expected = {"stage": None, "request": None, "data": None, "board": None, "settings": {}, **changes}
    got = {name: given[name] for name in expected}
    got["settings"] = {name: value for name, value in got["settings"].items() if name != "ladders"}
    assert got == expected


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--from bake", "unknown stage 'bake'"),
        ("--from convert", "has not got as far as convert"),
        ("--prefer big", "preference: Input should be 'accurate', 'small' or 'fast'"),
        ("--board toaster", "unknown board 'toaster'"),
    ],
)
def test_what_is_wrong_is_told_and_no_folder_is_left(
    stopped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: str, words: str
) -> None:
    assert resume(stopped, *flags.split(), "--out", tmp_path / "new") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_new_run_does_not_take_a_used_folder(stopped: Path) -> None:
    assert resume(stopped, "--epochs-full", 9, "--out", stopped) == 2
