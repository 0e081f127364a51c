"""A stand-in for a vendor's installed core, and boards on virtual ports that its upload tool writes to.

The core is the emulated boards' own under the vendor's name, found, compiled and uploaded by the real arduino-cli.
"""

import json
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

from hw.board import Board, boards, platform_dir
from tools.live_board import live_board
from tools.toolchain import CTAGS_TOOL

SCRIPTS = Path(__file__).parent / "vendor_core"
OURS = platform_dir() / "tinysmith" / "arm"


def vendor_home(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own arduino-cli folders, with no core in them; returns the sketchbook's hardware folder."""
    data, user = root / "data", root / "user"
    for folder in (data, user / "hardware"):
        folder.mkdir(parents=True)
    (data / "package_index.json").write_text('{"packages":[]}')
    (data / "library_index.json").write_text('{"libraries":[]}')
    ctags = shutil.which("arduino-ctags")
    assert ctags is not None
    (data / CTAGS_TOOL).parent.mkdir(parents=True)
    (data / CTAGS_TOOL).symlink_to(ctags)
    monkeypatch.setenv("ARDUINO_DIRECTORIES_DATA", str(data))
    monkeypatch.setenv("ARDUINO_DIRECTORIES_USER", str(user))
    monkeypatch.setenv("VIRTUAL_PORTS", str(root / "ports.json"))
    return user / "hardware"


def install_core(hardware: Path, libraries: bool = True) -> None:
    """arduino:mbed_nano with the board nano33ble."""
    home = hardware / "arduino" / "mbed_nano"
    home.mkdir(parents=True)
    for name in ("cores", "variants", *(["libraries"] if libraries else [])):
        (home / name).symlink_to(OURS / name)
    shutil.copytree(SCRIPTS, home / "tools")
    (home / "platform.txt").write_text((OURS / "platform.txt").read_text() + _tools())
    more = {
        "upload.tool": "virtual",
        "upload.tool.default": "virtual",
        "upload.protocol": "serial",
        "upload_port.0.vid": "0x2341",
    }
    lines = [f"nano33ble.{key}={value}\n" for key, value in {**more, "upload_port.0.pid": "0x805a"}.items()]
    (home / "boards.txt").write_text((OURS / "boards.txt").read_text() + "\n" + "".join(lines))


def _tools() -> str:
    script = "{runtime.platform.path}/tools"
    return (
        "\ntools.virtual.upload.params.verbose=\ntools.virtual.upload.params.quiet=\n"
        f'tools.virtual.upload.pattern="{sys.executable}" -IS "{script}/upload.py" "{{serial.port}}" '
        '"{build.path}/{build.project_name}.elf"\n'
        f'pluggable_discovery.virtual.pattern="{sys.executable}" -IS "{script}/discovery.py"\n'
    )


def plug(root: Path, *ports: tuple[Path, str]) -> None:
    """Have discovery find (port, "vid:pid") each."""
    found = [
        {
            "address": str(address), "label": address.name, "protocol": "serial", "protocolLabel": "Serial Port (USB)",
            "properties": dict(zip(("vid", "pid"), (f"0x{n}" for n in usb.split(":")), strict=True)),
        }
        for address, usb in ports
    ]  # fmt: skip
    (root / "ports.json").write_text(json.dumps(found))


class VirtualBoard:
    """A board on folder/ttyACM0: an upload takes it off its port, and it comes back with the new firmware."""

    def __init__(self, folder: Path, board: Board | None = None, firmware: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.board, self.firmware = folder, board or boards()["nano33ble"], firmware
        self.port = folder / "ttyACM0"
        self._unplugged = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> "VirtualBoard":
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self.port.is_symlink() and time.monotonic() < deadline:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        self._unplugged.set()
        self._thread.join()

    def _live(self) -> None:
        uploaded = self.folder / "upload.elf"
        while not self._unplugged.is_set():
            if self.firmware is None:
                self.port.write_text("")  # a bootloader: there, and silent
                self._wait(uploaded)
                self.port.unlink()
            else:
                with live_board(self.firmware, self.board, self.folder / "board", self.port):
                    self._wait(uploaded)
            if uploaded.exists():
                time.sleep(0.3)  # away from its port
                self.firmware = uploaded.rename(self.folder / "flashed.elf")

    def _wait(self, uploaded: Path) -> None:
        while not uploaded.exists() and not self._unplugged.wait(0.05):
            pass
