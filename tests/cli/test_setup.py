"""`make setup` and `tinysmith doctor`: what they see, say and exit with."""

import json
import os
import sys
from pathlib import Path

import pytest

from cli import bootstrap, setup
from tests import programs
from tools.errors import Setup
from tools.process import run
from tools.toolchain import CHECKOUT


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path for an environment in a folder with a space in its name; nothing is there yet."""
    path = tmp_path / "a checkout" / ".venv"
    (path / "bin").mkdir(parents=True)
    monkeypatch.setattr(bootstrap, "VENV", path)
    monkeypatch.setattr(bootstrap, "PYTHON", path / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", path / "tinysmith.stamp")
    return path


def test_an_environment_is_used_only_when_whole(venv: Path) -> None:
    assert not bootstrap.usable()  # an empty folder
    (venv / "pyvenv.cfg").touch()
    assert not bootstrap.usable()  # no Python
    (venv / "bin" / "python").write_text("#!/no/such/interpreter\n")
    (venv / "bin" / "python").chmod(0o755)
    assert not bootstrap.usable()  # one that was moved or whose base is gone
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(sys.executable)
    assert bootstrap.usable()


def test_an_environment_of_another_python_is_made_anew(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (venv / "pyvenv.cfg").touch()
    (venv / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(bootstrap, "PYTHONS", ((3, 99), (3, 100)))
    assert not bootstrap.usable()


def test_an_environment_is_filled_again_when_the_lock_or_its_place_changed(
    venv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (venv / "pyvenv.cfg").touch()
    (venv / "bin" / "python").symlink_to(sys.executable)
    for name in ("requirements.lock", "pyproject.toml"):
        (venv.parent / name).write_text("first")
    monkeypatch.setattr(bootstrap, "CHECKOUT", venv.parent)
    assert not bootstrap.up_to_date()
    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    assert bootstrap.up_to_date()
    (venv.parent / "requirements.lock").write_text("second")
    assert not bootstrap.up_to_date()
    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    monkeypatch.setattr(bootstrap, "CHECKOUT", venv.parent.rename(tmp_path / "moved"))
    assert not bootstrap.up_to_date()


def test_a_full_disk_is_told_before_the_packages_are_fetched(
    venv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "CHECKOUT", venv.parent)
    monkeypatch.setattr(bootstrap, "NEED_GB", 1e9)
    with pytest.raises(SystemExit) as end:
        bootstrap.check_room()
    assert end.value.code == 5
    assert "GB are free" in capsys.readouterr().err


def test_one_failing_installer_does_not_keep_the_others_from_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = []

    def fails() -> None:
        raise Setup("no compiler", "install one")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(setup, "INSTALLERS", (fails, lambda: done.append("the next")))
    assert setup.setup_command() == 5
    assert done == ["the next"]
    assert "no compiler (mend it with: install one)" in capsys.readouterr().err


def test_programs_that_only_tests_want_are_installed_each_by_itself_and_never_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stand-in for apt-get that has strace and fails with the browser."""
    asked = tmp_path / "asked"
    for name, script in {
        "apt-get": f'echo "$@" >>{asked}; case "$*" in *chromium*) echo "E: no room" >&2; exit 100;; '
        f"*strace*) ln -s /bin/true {tmp_path}/strace;; esac",
        "apt-cache": 'case "$*" in *iproute2*) ;; *) echo "  Candidate: 1.0";; esac',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "env").symlink_to("/usr/bin/env")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "become_root", lambda: ["env"])
    programs.main()
    told = capsys.readouterr().err
    assert "E: no room" in told
    assert told.splitlines()[-1] == "setup: tests that need chromium, iproute2 will be skipped"
    installs = [line for line in asked.read_text().splitlines() if "install" in line]
    assert [line.split()[-1] for line in installs] == ["chromium", "chromium", "strace"]
    monkeypatch.setattr(programs, "become_root", lambda: None)
    programs.main()
    assert capsys.readouterr().err.splitlines() == ["setup: tests that need chromium, iproute2 will be skipped"]


@pytest.mark.toolchain
def test_doctor_prints_one_json_object_and_fails_when_something_is_missing(tmp_path: Path) -> None:
    doctor = [sys.executable, "-m", "cli.main", "doctor", "--json"]
    empty = {"XDG_CACHE_HOME": str(tmp_path), "TINYSMITH_MODEL_PATH": ""}
    done = run(doctor, timeout_s=60, cwd=CHECKOUT, env=empty)
    assert done.returncode == 5, done.stderr
    answer = json.loads(done.stdout)
    assert answer["ok"] is False
    assert all(set(c) == {"name", "version", "path", "ok", "mend"} for c in answer["components"])
    model = next(c for c in answer["components"] if c["name"] == "local model")
    assert (model["ok"], model["mend"]) == (False, "make setup")


def test_make_help_names_every_target() -> None:
    done = run(["make", "-s", "help"], timeout_s=30, cwd=CHECKOUT, env={"MAKEFLAGS": "", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    for target in ("setup", "demo", "test", "check", "lock", "help"):
        assert target in done.stdout


def test_ci_is_one_command_and_can_be_run() -> None:
    script = CHECKOUT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "make test"
