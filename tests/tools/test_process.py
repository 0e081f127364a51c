"""Outside programs: the time limit takes the whole process group, a missing one is told, output is text."""

import sys
import time
from pathlib import Path

import psutil
import pytest

from tools.errors import Setup
from tools.process import find, run

# A program with a child that would outlive it and hold the output open.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def python(code: str, timeout_s: float = 30, **options: object) -> object:
    return run([sys.executable, "-c", code], timeout_s=timeout_s, **options)  # type: ignore[arg-type]


def test_the_time_limit_ends_the_whole_group() -> None:
    started = time.monotonic()
    done = run([sys.executable, "-c", PARENT], timeout_s=2)
    assert done.timed_out
    assert done.returncode != 0
    assert time.monotonic() - started < 30
    child = int(done.stdout)
    until = time.monotonic() + 5
    while psutil.pid_exists(child) and time.monotonic() < until:
        # A killed orphan may stay a zombie where nobody reaps it.
        if psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    assert not psutil.pid_exists(child)


def test_a_missing_program_is_a_setup_failure() -> None:
    with pytest.raises(Setup, match="no-such-program is not installed"):
        run(["no-such-program"], timeout_s=5)
    with pytest.raises(Setup, match=r"no-such-program is not installed \(mend it with: make it\)"):
        find("no-such-program", "make it")
    assert find("sh").name == "sh"


def test_a_missing_folder_is_not_blamed_on_the_program(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        run([sys.executable, "-c", ""], timeout_s=5, cwd=tmp_path / "gone")


def test_a_failing_program_is_data_with_decoded_output(tmp_path: Path) -> None:
    code = (
        "import os, sys; sys.stdout.buffer.write(b'caf\\xc3\\xa9 \\xff'); "
        "sys.stderr.write(os.environ['WORD'] + os.getcwd() + sys.stdin.read()); sys.exit(3)"
    )
    done = run([sys.executable, "-c", code], timeout_s=30, cwd=tmp_path, env={"WORD": "hi "}, stdin=b" in")
    assert (done.returncode, done.timed_out) == (3, False)
    assert done.stdout == "café \ufffd"
    assert done.stderr == f"hi {tmp_path.resolve()} in"
