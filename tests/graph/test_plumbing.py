"""Routers, settings, run folders and resuming: what holds the graph together."""

import json
from pathlib import Path
from typing import Any

import pytest

from graph.config import RunConfig, make_config, parse_budgets, parse_models
from graph.firmware import after_compile, after_draft, after_emulate
from graph.open import new_run_dir, open_run
from graph.run import execute, state_of
from tools.artifacts import Budgets, Build
from tools.errors import BadInput

BUILD = Build(ok=True, fqbn="a:b:c", core="emulated")


@pytest.mark.parametrize(
    ("route", "state", "after"),
    [
        (after_draft, {"problem": "no function", "draft": ""}, "draft"),
        (after_draft, {"problem": "'x' was not declared", "draft": "void f() {}"}, "compile"),
        (after_draft, {"problem": "", "draft": "", "author": "rules"}, "compile"),
        (after_compile, {"build": BUILD}, "emulate"),
        (after_compile, {"build": None}, "draft"),
        (after_compile, {}, "draft"),
        (after_emulate, {"firmware": object(), "author": "drafted"}, "__end__"),
        (after_emulate, {"run": None}, "draft"),
    ],
)
def test_routes_of_the_firmware_loop(route: Any, state: dict[str, Any], after: str) -> None:
    assert route(state) == after


def test_budgets_of_flags() -> None:
    found = parse_budgets(["ram=64KB", "flash=0.5MB", "ARENA = 4k", "macs=2M"])
    assert found == Budgets(ram_bytes=65_536, flash_bytes=524_288, arena_bytes=4000, macs=2_000_000)
    assert parse_budgets([]) == Budgets()
    assert parse_budgets(["ram=512"]).ram_bytes == 512


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("stack=3", "unknown budget 'stack': write one of ram, flash, arena, macs"),
        ("ram", "'ram' is not a budget"),
        ("ram=", "'ram=' is not a budget"),
        ("ram=0", "it must be more than 0"),
        ("ram=-5k", "it must be more than 0"),
        ("ram=inf", "is not a budget"),
        ("ram=nan", "is not a budget"),
        ("ram=5GB", "is not a budget"),
        ("ram=5bk", "is not a budget"),
    ],
)
def test_what_is_no_budget(pair: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_budgets([pair])


def test_models_of_flags() -> None:
    address = "openai:m@http://127.0.0.1:8/v1?a=b"
    assert parse_models([f"planner={address}", "data=local:x"]) == {"planner": address, "data": "local:x"}
    for wrong in ("planner", "planner=", "planner=x", "local:x"):
        with pytest.raises(BadInput, match=f"'{wrong}' is not ROLE=PROVIDER:NAME"):
            parse_models([wrong])


def test_a_flag_that_was_not_given_keeps_its_default() -> None:
    config = make_config("local", {"planner": "local:x"}, candidates=3, epochs_mini=None)
    assert (config.candidates, config.epochs_mini) == (3, RunConfig().epochs_mini)
    assert config.ladders.planner == ("local:x",)
    with pytest.raises(BadInput, match="--epochs-full must be between 1 and 10000, not 0"):
        make_config("local", {}, epochs_full=0)


def test_a_run_folder_is_one_that_nobody_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda _: "20260131-154501")
    for name in ("20260131-154501", "20260131-154501-2", "20260131-154501-3"):
        path = new_run_dir(tmp_path)
        assert path.name == name
        path.mkdir()


def test_open_fills_in_what_was_left_out_and_writes_it_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opened = open_run({"request": "sort fruit"})
    assert opened["config"] == RunConfig()
    run_dir = Path(opened["run_dir"])
    assert run_dir.parent == tmp_path.resolve() / "runs"
    written = json.loads((run_dir / "run.json").read_text())
    assert (written["request"], written["data"], written["board"]) == ("sort fruit", None, None)
    assert RunConfig.model_validate(written["config"]) == RunConfig()
    given = open_run({"request": "x", "run_dir": str(tmp_path / "r"), "config": RunConfig(board="uno")})
    assert given["run_dir"] == str((tmp_path / "r").resolve())
    assert json.loads((tmp_path / "r" / "run.json").read_text())["board"] == "uno"


def no_answer(question: dict[str, Any]) -> str:
    raise AssertionError(f"nobody should be asked: {question}")


def test_a_folder_without_a_run_has_no_state_and_gets_no_files(tmp_path: Path) -> None:
    assert state_of(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_resume_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no checkpoint to resume from"):
        execute(tmp_path, None, no_answer)


def test_a_run_folder_that_is_a_file_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"cannot use .* as run folder"):
        execute(tmp_path / "file", None, no_answer)
