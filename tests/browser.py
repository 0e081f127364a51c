"""A page in headless Chromium, over its DevTools protocol: what it asks for, logs, measures and looks like."""

import base64
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.programs import PROGRAMS


def chromium() -> str | None:
    """The browser of this machine, if it has one."""
    return next((found for name in PROGRAMS["chromium"] if (found := shutil.which(name))), None)


class Page:
    """One tab; `requests` and `complaints` grow while it is used."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._last = socket, 0
        self.requests: list[str] = []
        """Addresses that it asked for."""
        self.complaints: list[str] = []
        """Errors and warnings of its console, and exceptions of its scripts."""
        self.loaded = False
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol and its result. Raises AssertionError with the browser's words."""
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=30))
            if message.get("id") == self._last:
                assert "error" not in message, message["error"]
                return dict(message["result"])
            self._event(message.get("method", ""), message.get("params", {}))

    def open(self, path: Path, width: int, height: int, scheme: str) -> None:
        """Show a file in a window of this size, light or dark."""
        mobile = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.loaded = False
        self.call("Page.navigate", url=path.resolve().as_uri())
        until = time.monotonic() + 30
        while not self.loaded:
            assert time.monotonic() < until, f"{path} does not load"
            self.evaluate("1")

    def evaluate(self, expression: str) -> Any:
        """The JSON value of a JavaScript expression."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def point_at(self, selector: str) -> None:
        """Scroll the first such element into view and move the pointer onto its middle."""
        box = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); "
            "e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'}); "
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])

    def screenshot(self, path: Path) -> None:
        """The whole page as a PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _event(self, method: str, facts: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self.loaded = True
            case "Network.requestWillBeSent":
                self.requests.append(facts["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(facts["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if facts["type"] in ("error", "warning", "assert"):
                self.complaints.append(json.dumps(facts["args"]))
            case "Log.entryAdded" if facts["entry"]["level"] in ("error", "warning"):
                self.complaints.append(facts["entry"]["text"])


@contextmanager
def page(profile: Path) -> Iterator[Page]:
    """A browser with this folder for its profile, and one tab."""
    from websockets.sync.client import connect

    program = chromium()
    assert program is not None
    options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--no-first-run"]
    options += ["--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-networking"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox refuses root
    process = subprocess.Popen(
        [program, *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        address = f"http://127.0.0.1:{_port(profile, process)}/json"
        with urllib.request.urlopen(address, timeout=30) as answer:
            tab = next(target for target in json.load(answer) if target["type"] == "page")
        with connect(tab["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(30)


def _port(profile: Path, process: "subprocess.Popen[bytes]") -> int:
    """The port that the browser chose, as it writes it into its profile."""
    file = profile / "DevToolsActivePort"
    until = time.monotonic() + 60
    while not (file.exists() and "\n" in file.read_text()):
        assert process.poll() is None, f"the browser ended with {process.returncode}"
        assert time.monotonic() < until, "the browser does not start"
        time.sleep(0.05)
    return int(file.read_text().split()[0])
