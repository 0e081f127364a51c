"""Finding and installing: the cache, arduino-cli's folders, the model's parts, what is missing."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from hw.packages import ComponentFact, packages
from tools import install_model, install_system, toolchain
from tools.components import components, probe
from tools.errors import Setup
from tools.install_arduino import install_arduino_cli, new_enough
from tools.process import run


@pytest.fixture(scope="session")
def real_uv() -> Path:
    """The machine's uv, found before a test points the cache elsewhere."""
    return toolchain.uv()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("TINYSMITH_MODEL_PATH", raising=False)
    return tmp_path / "cache" / "tinysmith"


def program(path: Path, says: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_the_cache_is_where_the_xdg_specification_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert toolchain.cache_dir() == tmp_path / ".cache" / "tinysmith"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert toolchain.cache_dir() == tmp_path / "x" / "tinysmith"


def test_an_arduino_cli_on_path_wins_over_the_cached_one(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Setup, match="make setup"):
        toolchain.arduino_cli()
    cached = program(cache / "bin" / "arduino-cli")
    assert toolchain.arduino_cli() == cached
    own = program(tmp_path / "bin" / "arduino-cli")
    assert toolchain.arduino_cli() == own
    assert install_arduino_cli() == own


def test_arduinos_folders_are_made_once_and_mended_when_wrong(cache: Path) -> None:
    env = toolchain.arduino_env()
    data, user = Path(env["ARDUINO_DIRECTORIES_DATA"]), Path(env["ARDUINO_DIRECTORIES_USER"])
    assert json.loads((data / "package_index.json").read_text()) == {"packages": []}
    assert json.loads((data / "library_index.json").read_text()) == {"libraries": []}
    platform = user / "hardware" / "tinysmith"
    assert platform.resolve() == toolchain.CHECKOUT / "hw" / "platform" / "tinysmith"
    before = {p: p.lstat().st_mtime_ns for p in cache.rglob("*") if not p.is_dir()}
    assert toolchain.arduino_env() == env
    assert {p: p.lstat().st_mtime_ns for p in cache.rglob("*") if not p.is_dir()} == before
    platform.unlink()
    platform.symlink_to(cache)
    toolchain.arduino_env()
    assert platform.resolve() == toolchain.CHECKOUT / "hw" / "platform" / "tinysmith"


def test_checkouts_have_platforms_of_their_own(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = toolchain.arduino_env()
    monkeypatch.setattr(toolchain, "CHECKOUT", tmp_path / "another")
    there = toolchain.arduino_env()
    assert here["ARDUINO_DIRECTORIES_USER"] != there["ARDUINO_DIRECTORIES_USER"]
    assert here["ARDUINO_DIRECTORIES_DATA"] == there["ARDUINO_DIRECTORIES_DATA"]


def test_the_real_cores_stay_where_the_person_installed_them(cache: Path) -> None:
    assert not [name for name in toolchain.arduino_env(real=True) if "DIRECTORIES" in name or "CONFIG" in name]
    assert not cache.exists()


@pytest.mark.toolchain
def test_arduino_cli_finds_the_emulated_boards_offline() -> None:
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = run(
        [toolchain.arduino_cli(), "board", "listall", "--json"], timeout_s=30, env=toolchain.arduino_env() | nowhere
    )
    boards = {board["fqbn"] for board in json.loads(done.stdout)["boards"]}
    assert {"tinysmith:arm:nano33ble", "arduino:avr:uno", "arduino:avr:mega"} <= boards


def test_the_model_can_be_another_file(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Setup, match="local model is not installed"):
        toolchain.model_path()
    monkeypatch.setenv("TINYSMITH_MODEL_PATH", str(tmp_path / "own.gguf"))
    with pytest.raises(Setup, match=r"own\.gguf, which is not a file"):
        toolchain.model_path()
    (tmp_path / "own.gguf").touch()
    assert toolchain.model_path() == tmp_path / "own.gguf"


def test_half_a_model_is_no_model(cache: Path) -> None:
    half = cache / "models" / packages().model.file
    half.parent.mkdir(parents=True)
    half.write_bytes(b"GGUF")
    with pytest.raises(Setup, match="not installed"):
        toolchain.model_path()


PARTS = [b"first ", b"second ", b"third"]


@pytest.fixture
def small_model(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of three small parts, which have all arrived; nothing is fetched."""
    whole = b"".join(PARTS)
    model = packages().model.model_copy(
        update={"parts": 3, "bytes": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}
    )
    facts = packages().model_copy(update={"model": model})
    monkeypatch.setattr(toolchain, "packages", lambda: facts)
    monkeypatch.setattr(install_model, "packages", lambda: facts)
    folder = cache / "models" / "parts"
    folder.mkdir(parents=True)
    for n, part in enumerate(PARTS, 1):
        (folder / f"part{n:02}.bin").write_bytes(part)
    return folder


def test_parts_that_have_arrived_are_joined_without_fetching_them_again(
    small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    path = install_model.install_model()
    assert path.read_bytes() == b"".join(PARTS)
    assert not small_model.exists()
    assert install_model.install_model() == path


def test_a_damaged_part_is_noticed_and_thrown_away(small_model: Path) -> None:
    (small_model / "part02.bin").write_bytes(b"sec0nd ")
    with pytest.raises(Setup, match="SHA-256"):
        install_model.install_model()
    assert [p.name for p in small_model.parent.iterdir()] == []


@pytest.mark.toolchain
def test_without_a_network_the_parts_are_kept_and_the_command_is_named(
    real_uv: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install_model, "uv", lambda: real_uv)
    monkeypatch.setenv("UV_OFFLINE", "1")
    (small_model / "part03.bin").unlink()
    with pytest.raises(Setup, match=r"could not be fetched.*make setup"):
        install_model.install_model()
    assert sorted(p.name for p in small_model.iterdir()) == ["part01.bin", "part02.bin"]


def test_a_full_disk_is_told_before_anything_is_fetched(small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = packages().model.model_copy(update={"bytes": 10**18})
    monkeypatch.setattr(install_model, "packages", lambda: packages().model_copy(update={"model": huge}))
    monkeypatch.setattr(toolchain, "packages", lambda: packages().model_copy(update={"model": huge}))
    with pytest.raises(Setup, match=r"needs 2000000000\.\d GB .* are free"):
        install_model.install_model()


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        (ComponentFact(name="a shell", purpose="", program="sh"), True),
        (ComponentFact(name="no such", purpose="", program="no-such-program"), False),
        (ComponentFact(name="header", purpose="", program="gcc", preprocess="#include <stdio.h>"), True),
        (ComponentFact(name="no header", purpose="", program="gcc", preprocess="#include <no_such.h>"), False),
        (ComponentFact(name="library", purpose="", program="gcc", library="libc.so.6"), True),
        (ComponentFact(name="no library", purpose="", program="gcc", library="libnosuch.a"), False),
        (ComponentFact(name="no file", purpose="", files=("/no/such/file.txt",)), False),
    ],
    ids=lambda value: value.name if isinstance(value, ComponentFact) else "",
)
def test_a_probe_sees_what_is_there(fact: ComponentFact, found: bool) -> None:
    component = probe(fact)
    assert component.ok is found
    assert bool(component.path) is found
    assert bool(component.mend) is not found


@pytest.mark.toolchain
def test_what_this_machine_has_is_found_with_its_version() -> None:
    found = {c.name: c for c in components()}
    for name in ("python packages", "gcc", "arm-none-eabi-gcc", "newlib", "qemu-system-arm", "arduino-core-avr"):
        assert found[name].ok, found[name]
        assert any(digit.isdigit() for digit in found[name].version)


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("dnf", "sudo dnf install .*arm-none-eabi-newlib"),
        ("pacman", "sudo pacman -S .*arm-none-eabi-newlib"),
        ("brew", "brew install .*gcc-arm-embedded"),
    ],
)
def test_other_systems_are_told_their_own_package_names(
    manager: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin" / manager)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Setup, match=f"missing: gcc, .*{command}") as failure:
        install_system.install_system_packages()
    assert failure.value.exit_code == 5


def test_debian_without_root_is_told_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin" / "apt-get")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Setup, match=r"sudo apt-get install .*gcc-arm-none-eabi"):
        install_system.install_system_packages()


@pytest.mark.parametrize(
    ("version", "ok"), [("go1.26.1", True), ("go1.21", True), ("1.19~1", False), ("go1.9.7", False), ("", False)]
)
def test_an_old_go_is_not_used(version: str, ok: bool) -> None:
    assert new_enough(version, "1.21") is ok
