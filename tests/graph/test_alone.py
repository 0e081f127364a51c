"""Without tracing no packet leaves: a whole run in a network of its own, every attempt to connect written down."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import FRUIT_REQUEST
from tests.graph.conftest import ROOT

pytestmark = pytest.mark.toolchain
LOOPBACK_ONLY = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
ATTEMPTS = re.compile(r"(?:connect|sendto|sendmsg|sendmmsg)\(\d+.*?\{sa_family=(AF_INET6?), (.*?)\}")


def can_unshare() -> bool:
    if not shutil.which("unshare") or not shutil.which("strace") or not shutil.which("ip"):
        return False
    return subprocess.run([*LOOPBACK_ONLY, "true"], capture_output=True, check=False).returncode == 0


needs_namespaces = pytest.mark.skipif(not can_unshare(), reason="needs unshare, ip and strace, and user namespaces")


def watched(log: Path, *arguments: str | Path) -> str:
    """Run Python with these arguments where there is no interface but loopback; what it tried to reach."""
    watch = ["strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(log)]
    untraced = {name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH", "LANGCHAIN"))}
    python = [sys.executable, *map(str, arguments)]
    subprocess.run([*LOOPBACK_ONLY, *watch, *python], cwd=ROOT, env=untraced, check=True, timeout=500)
    return log.read_text()


@needs_namespaces
def test_a_run_needs_no_network_and_tries_none(tmp_path: Path, fruit_data: Path) -> None:
    log = watched(tmp_path / "log", "-m", "tests.scripted_run", tmp_path / "run", fruit_data)
    assert (tmp_path / "run" / "result.json").exists()
    assert outside(log) == []


@pytest.mark.slow
@pytest.mark.model
@needs_namespaces
def test_the_local_model_needs_no_network_either(tmp_path: Path, fruit_data: Path) -> None:
    """The command itself; the model is asked over loopback, which shows that the watch sees connections."""
    quick = ["--candidates", "2", "--epochs-mini", "3", "--epochs-full", "8", "--yes", "--json"]
    command = ["-m", "cli.main", "run", FRUIT_REQUEST, "--data", fruit_data, "--out", tmp_path / "run", *quick]
    log = watched(tmp_path / "log", *command)
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["status"] == "done"
    assert all(usage["calls"] for usage in result["usage"].values())
    assert outside(log) == []
    assert '"127.0.0.1"' in log


PROBE = """
import socket
socket.socket().connect_ex(("192.0.2.7", 443))
socket.socket().connect_ex(("127.0.0.1", 9))
socket.socket(socket.AF_INET6).connect_ex(("2001:db8::7", 443))
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("192.0.2.53", 53))
except OSError:
    pass
assert [name for _, name in socket.if_nameindex()] == ["lo"]
"""


@needs_namespaces
def test_an_attempt_would_be_seen(tmp_path: Path) -> None:
    attempts = outside(watched(tmp_path / "log", "-c", PROBE))
    assert len(attempts) == 3
    for attempt, address in zip(attempts, ("192.0.2.7", "2001:db8::7", "192.0.2.53"), strict=True):
        assert f'"{address}"' in attempt


def outside(log: str) -> list[str]:
    """Attempts to reach anything but this machine."""
    return [found.group(0) for found in ATTEMPTS.finditer(log) if not re.search(r'"127\.|"::1"', found.group(2))]
