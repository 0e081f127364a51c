"""One sketch folder, unchanged, on the vendor's core (the real Arduino AVR core, run on simavr) and ours."""

import shutil
from pathlib import Path

import pytest

from hw.board import boards
from tests.finished_run import CLASSES, finished_run, readings
from tests.vendor import install_core, vendor_home
from tools.artifacts import Build, Emulation
from tools.compile import Core, compile_sketch
from tools.cores import core_env, is_distributions
from tools.emulate import emulate
from tools.errors import Setup
from tools.upload import upload

pytestmark = pytest.mark.toolchain

UNTIL_MS = 2500
TARGETS: tuple[tuple[str, Core], ...] = (
    ("uno", "real"),
    ("mega", "real"),
    ("uno", "emulated"),
    ("nano33ble", "emulated"),
)
"""The network and the sketch name no board's own pins, so that all of these can take the folder."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("real") / "run", board="uno")


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def build(run: Path, board: str, core: Core, sketch: Path | None = None) -> Build:
    folder = sketch or run / "firmware" / "levels"
    built = compile_sketch(folder, boards()[board], run / f"build_{board}_{core}", core)
    assert built.ok, built.diagnostics
    return built


def stimuli(folder: Path) -> Path:
    x, _ = readings(20, seed=9)
    lines = [f'{300 + 100 * i},"{",".join(f"{v:.3f}" for v in row)}"' for i, row in enumerate(x)]
    path = folder / "stimuli.csv"
    path.write_text("\n".join(["t_ms,serial", *lines, f"{UNTIL_MS - 100},~?"]) + "\n")
    return path


def test_the_same_folder_does_the_same_on_every_core(run: Path, tmp_path: Path) -> None:
    sketch = run / "firmware" / "levels"
    before = content(sketch)
    done: dict[tuple[str, Core], Emulation] = {}
    for board, core in TARGETS:
        elf = Path(build(run, board, core).elf)
        done[board, core] = emulate(elf, boards()[board], stimuli(tmp_path), UNTIL_MS, tmp_path / "run")
    assert content(sketch) == before
    reference = done["uno", "real"]
    texts = [line.text for line in reference.serial]
    assert sum(text.startswith(CLASSES) for text in texts) == 20
    assert len({text.split()[0] for text in texts if text.startswith(CLASSES)}) == 3
    assert texts[-2].startswith("~=levels uno ") or texts[-1].startswith("~=levels uno ")
    led = [(p.t_ms, p.value) for p in reference.pins if p.name == "LED_BUILTIN"]
    assert len(led) > 4
    for key, other in done.items():
        assert other.status == "done", key
        # The boards differ in the milliseconds that a line takes, which may put `alive` before or behind it.
        assert sorted(line.text for line in other.serial) == sorted(texts), key
        events = [(p.t_ms, p.value) for p in other.pins if p.name == "LED_BUILTIN"]
        assert [value for _, value in events] == [value for _, value in led], key
        assert all(abs(a[0] - b[0]) <= 5 for a, b in zip(events, led, strict=True)), (key, events, led)


def test_a_sketch_names_nothing_of_our_platform(tmp_path: Path) -> None:
    for board, sensor in (("nano33ble", "imu"), ("nano33ble", "color"), ("nucleo_h743zi", "serial")):
        folder = finished_run(tmp_path / f"{board}_{sensor}", board=board, sensor=sensor) / "firmware" / "levels"
        for name, text in content(folder).items():
            found = [word for word in (b"TINYSMITH_EMULATED", b"emulated", b"<tinysmith") if word in text]
            assert not found, (name, found)


@pytest.mark.parametrize("board", ["uno", "nano33ble"])
def test_without_its_self_test_nothing_of_it_is_left(run: Path, board: str, tmp_path: Path) -> None:
    with_it = build(run, board, "emulated")
    image = Path(with_it.elf).read_bytes()
    folder = tmp_path / "levels"
    shutil.copytree(run / "firmware" / "levels", folder)
    header = folder / "selftest.h"
    header.write_text(header.read_text().replace("// #define NO_SELFTEST", "#define NO_SELFTEST"))
    without = build(run, board, "emulated", folder)
    bare = Path(without.elf).read_bytes()
    for text in (b"~error", b"~=levels uno", b" hex digits"):
        assert text in image
        assert text not in bare
    assert without.flash_bytes < with_it.flash_bytes
    (tmp_path / "s.csv").write_text('t_ms,serial\n200,~?\n300,"0.8,0.8,0.8"\n')
    said = emulate(Path(without.elf), boards()[board], tmp_path / "s.csv", 390, tmp_path / "run").serial
    assert [line.text.split()[0] for line in said] == ["error:", "high"]


@pytest.mark.skipif(shutil.which("avrdude") is None, reason="avrdude is not installed")
def test_the_real_upload_tool_is_called_and_says_what_is_wrong(run: Path) -> None:
    with pytest.raises(Setup, match=r"upload to /dev/null failed: avrdude.*(unable to open|cannot open)"):
        upload(build(run, "uno", "real"), boards()["uno"], run / "firmware" / "levels", "/dev/null")


def test_the_persons_own_core_goes_before_the_distributions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hardware = vendor_home(tmp_path / "home", monkeypatch)
    assert is_distributions(core_env(boards()["uno"]))
    avr = core_env(boards()["uno"])["ARDUINO_DIRECTORIES_USER"] + "/hardware/arduino/avr"
    (hardware / "arduino").mkdir()
    (hardware / "arduino" / "avr").symlink_to(Path(avr).resolve())
    assert not is_distributions(core_env(boards()["uno"]))
    with pytest.raises(Setup, match=r"core mbed_nano|arduino-cli core install arduino:mbed_nano"):
        core_env(boards()["nano33ble"])
    (hardware / "arduino" / "avr").unlink()
    install_core(hardware)
    assert not is_distributions(core_env(boards()["nano33ble"]))
    with pytest.raises(Setup, match=r"core install STMicroelectronics:stm32 --additional-urls https://\S+_index\.json"):
        core_env(boards()["nucleo_h743zi"])
