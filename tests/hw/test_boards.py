"""A person's own boards: added by one TOML, compiled and emulated; each fault in it told in one line."""

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from hw.board import boards, own_boards, platform_dir
from hw.errors import BadInput
from hw.fact_file import AVR_PINS, EMULATED
from tools.compile import compile_sketch
from tools.emulate import emulate
from tools.process import run

ROOT = Path(__file__).parents[2]
SKETCHES = Path(__file__).parent / "sketches"
README = (ROOT / "README.md").read_text()


def template() -> str:
    """The board that the README shows how to add."""
    return re.search(r"### Adding a board\n.*?```toml\n(.*?)```", README, flags=re.DOTALL)[1]  # type: ignore[index]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "boards"
    path.mkdir()
    monkeypatch.setenv("TINYSMITH_BOARDS", str(path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return path


def smaller_nano(**changes: Any) -> str:
    """A board with the Nano's chips and a quarter of its memory, with lines of the top level changed."""
    lines = (ROOT / "hw/boards/nano33ble.toml").read_text()
    values = {"id": '"small"', "name": '"Small one"', "ram_bytes": "65_536", "flash_bytes": "262_144"} | changes
    for key, value in values.items():
        lines = re.sub(rf"(?m)^{key} = .*\n", "" if value is None else f"{key} = {value}\n", lines)
    return lines


def tell(capture: "pytest.ExceptionInfo[BadInput]") -> str:
    message = str(capture.value)
    assert "\n" not in message
    return message


def test_the_template_has_every_key() -> None:
    from hw.board import Board, EmulatorFact, LedFact

    shown = tomllib.loads(template())
    assert set(shown) == set(Board.model_fields)
    assert set(shown["emulator"]) | {"uart"} == set(EmulatorFact.model_fields)
    assert set(shown["leds"]["builtin"]) == set(LedFact.model_fields)


def run_sketch(name: str, board_id: str, tmp_path: Path) -> Any:
    sketch = tmp_path / name / "sketch"
    sketch.mkdir(parents=True)
    shutil.copy(SKETCHES / name / f"{name}.ino", sketch / "sketch.ino")
    board = boards()[board_id]
    build = compile_sketch(sketch, board, tmp_path / "build")
    return emulate(Path(build.elf), board, None, 150, tmp_path / "run") if build.ok else build


@pytest.mark.toolchain
def test_another_avr_board_on_the_real_core(folder: Path, tmp_path: Path) -> None:
    (folder / "nano.toml").write_text(template())
    assert own_boards() == {"nano": folder / "nano.toml"}
    emulation = run_sketch("bits", "nano", tmp_path)
    assert emulation.status == "done"
    assert emulation.serial[0].text == "10001000"


@pytest.mark.toolchain
def test_a_variant_of_an_emulated_board_keeps_to_its_own_memory(folder: Path, tmp_path: Path) -> None:
    (folder / "small.toml").write_text(smaller_nano())
    assert run_sketch("rgb_led", "small", tmp_path).pins[0].name == "LEDR"
    (folder / "tiny.toml").write_text(smaller_nano(id='"tiny"', ram_bytes="4_096", flash_bytes="1_000"))
    known = _fresh(folder, tmp_path)
    sketch = tmp_path / "text" / "sketch"
    sketch.mkdir(parents=True)
    shutil.copy(SKETCHES / "text" / "text.ino", sketch / "sketch.ino")
    build = compile_sketch(sketch, known["tiny"], tmp_path / "build")
    assert not build.ok
    assert re.fullmatch(r"the firmware takes \d+ bytes of flash, tiny has 1000", build.diagnostics[0].message)


def _fresh(folder: Path, tmp_path: Path) -> Any:
    """Boards are read once per folder and process."""
    from hw.board import _boards

    _boards.cache_clear()
    return boards()


def test_the_folder_of_the_configuration_is_read_too(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "config" / "tinysmith" / "boards"
    config.mkdir(parents=True)
    (config / "x.toml").write_text(smaller_nano(id='"configured"'))
    assert "configured" in boards()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (smaller_nano() + "oops\n", "not TOML: Expected '=' after a key"),
        (smaller_nano(clock_hz=None), "the key 'clock_hz' is missing"),
        (smaller_nano().replace("clock_hz", "clok_hz"), "unknown key 'clok_hz'; did you mean 'clock_hz'?"),
        (smaller_nano().replace("limits =", "limitz ="), "unknown key 'emulator.limitz'; did you mean 'limits'?"),
        (smaller_nano().replace("active =", "aktive ="), "unknown key 'leds.red.aktive'; did you mean 'active'?"),
        (smaller_nano(zzz=None) + "qqq = 1\n", "unknown key 'emulator.qqq'; known: channels, fqbn, kind"),
        (smaller_nano(ram_bytes='"a lot"'), 'ram_bytes is "a lot": it must be a whole number'),
        (smaller_nano(ram_bytes="1.5"), "ram_bytes is 1.5: it must be a whole number"),
        (smaller_nano(name="3"), "name is 3: it must be a text in quotes"),
        (smaller_nano(sensors='"color"'), 'sensors is "color": it must be a list [...]'),
        (smaller_nano(ram_bytes="-5"), "ram_bytes is -5: it must be more than 0"),
        (smaller_nano(flash_bytes="0"), "flash_bytes is 0: it must be more than 0"),
        (smaller_nano(id='"Not Good"'), 'id is "Not Good": it must be small letters, digits and _, a letter first'),
        (smaller_nano(core='"M4"'), 'core is "M4": it must be AVR or a Cortex-M, e.g. Cortex-M4F'),
        (smaller_nano(fqbn='"nano"', count=None), 'fqbn is "nano": it must be VENDOR:ARCHITECTURE:BOARD'),
        (smaller_nano(id='"uno"'), "id 'uno' is taken by"),
        (smaller_nano(sensors='["colour"]'), "unknown sensor 'colour'; did you mean 'color'?"),
        (
            smaller_nano().replace("number = 22", "number = 34"),
            "leds.red.number has 34, but the board's pins are 0 .. 33",
        ),
        (smaller_nano().replace("number = 22", "number = -1"), "leds.red.number is -1: it must be at least 0"),
        (smaller_nano(pwm_pins="[3, 99]"), "pwm_pins has 99, but the board's pins are 0 .. 33"),
        (smaller_nano().replace('active = "low"', 'active = "down"'), 'active is "down": it must be one of high, low'),
        (smaller_nano().replace('"qemu"', '"quemu"'), 'emulator.kind is "quemu": it must be one of qemu, simavr'),
        (smaller_nano().replace("mps2-an386", "mps2-an500"), "tinysmith:arm:nano33ble runs on mps2-an386"),
        (smaller_nano().replace("arm:nano33ble", "arm:nano33bel"), "did you mean 'tinysmith:arm:nano33ble'?"),
        (template().replace("atmega328p", "atmega328"), "emulator.machine is 'atmega328'; did you mean 'atmega328p'?"),
        (template().replace("macs = ", "mac = "), "unknown key 'budgets.mac': it must be one of arena_bytes"),
    ],
)
def test_each_fault_is_one_line_with_file_and_key(folder: Path, text: str, message: str) -> None:
    (folder / "mine.toml").write_text(text)
    with pytest.raises(BadInput) as caught:
        boards()
    assert str(folder / "mine.toml") in tell(caught)
    assert message in tell(caught)


def test_two_own_boards_with_one_id(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.toml").write_text(smaller_nano())
    with pytest.raises(BadInput) as caught:
        boards()
    assert "b.toml: id 'small' is taken by a.toml" in tell(caught)


def test_a_folder_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYSMITH_BOARDS", "/nowhere/boards")
    with pytest.raises(BadInput, match="TINYSMITH_BOARDS is /nowhere/boards, which is not a folder"):
        boards()


def test_the_command_lists_own_boards_and_ends_with_2_when_one_is_wrong(folder: Path, tmp_path: Path) -> None:
    import os

    command = [ROOT / ".venv/bin/python", "-m", "cli.main", "boards"]
    env = {"TINYSMITH_BOARDS": str(folder), "PYTHONPATH": str(ROOT), "HOME": os.environ["HOME"], "COLUMNS": "160"}
    (folder / "nano.toml").write_text(template())
    done = run(command, timeout_s=60, env=env)
    assert done.returncode == 0
    assert f"nano is your own: {folder / 'nano.toml'}" in done.stdout
    (folder / "nano.toml").write_text(template().replace("flash_bytes", "flesh_bytes", 1))
    done = run(command, timeout_s=60, env=env)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith("nano.toml: the key 'flash_bytes' is missing") or "did you mean 'flash_bytes'?" in line


def test_what_the_emulators_have_is_what_is_said_of_them() -> None:
    platform = platform_dir() / "tinysmith" / "arm"
    names = set(re.findall(r"(?m)^(\w+)\.name=", (platform / "boards.txt").read_text()))
    assert names == set(EMULATED)
    for name, (machine, pins) in EMULATED.items():
        header = platform / "variants" / name.removesuffix("_rev2") / "emulated_board.h"
        assert f"#define EMULATED_PINS {pins}\n" in header.read_text()
        assert boards()[name].emulator.machine == machine  # type: ignore[union-attr]
    wiring = (ROOT / "hw/simavr/pins.c").read_text()
    for chip, pins in AVR_PINS.items():
        text = "".join(re.findall(r'"(.*?)"', re.search(rf'\{{"{chip}",(.*?)\}}', wiring, re.DOTALL)[1]))  # type: ignore[index]
        assert len(text) == 2 * pins
