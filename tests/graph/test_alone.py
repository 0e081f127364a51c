"""Without tracing no packet leaves: a whole run in a network of its own, every attempt to connect written down."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.graph.conftest import ROOT

pytestmark = pytest.mark.toolchain
LOOPBACK_ONLY = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
ATTEMPTS = re.compile(r"(?:connect|sendto|sendmsg)\(\d+.*?\{sa_family=(AF_INET6?), (.*?)\}")


def can_unshare() -> bool:
    if not shutil.which("unshare") or not shutil.which("strace") or not shutil.which("ip"):
        return False
    return subprocess.run([*LOOPBACK_ONLY, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="needs unshare, ip and strace, and user namespaces")
def test_a_run_needs_no_network_and_tries_none(tmp_path: Path, fruit_data: Path) -> None:
    log = tmp_path / "connections"
    watch = ["strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg", "-o", str(log)]
    untraced = {name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH", "LANGCHAIN"))}
    run = [sys.executable, "-m", "tests.scripted_run", str(tmp_path / "run"), str(fruit_data)]
    subprocess.run([*LOOPBACK_ONLY, *watch, *run], cwd=ROOT, env=untraced, check=True, timeout=400)
    assert (tmp_path / "run" / "result.json").exists()
    assert outside(log.read_text()) == []


def test_an_attempt_would_be_seen(tmp_path: Path) -> None:
    if not can_unshare():
        pytest.skip("needs unshare, ip and strace, and user namespaces")
    log = tmp_path / "connections"
    program = (
        "import socket; socket.socket().connect_ex(('192.0.2.7', 443)); socket.socket().connect_ex(('127.0.0.1', 9))"
    )
    watch = ["strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg", "-o", str(log)]
    subprocess.run([*LOOPBACK_ONLY, *watch, sys.executable, "-c", program], check=True, timeout=60)
    assert [line for line in outside(log.read_text()) if "192.0.2.7" in line]
    assert len(outside(log.read_text())) == 1


def outside(log: str) -> list[str]:
    """Attempts to reach anything but this machine."""
    return [found.group(0) for found in ATTEMPTS.finditer(log) if not re.search(r'"127\.|"::1"', found.group(2))]
