"""Tasks for the tests of tools.workers, in a module of their own that a worker imports in no time."""

import os
import signal
from pathlib import Path
from typing import Any

from tools.workers import Tell


def pid(argument: Any, tell: Tell) -> int:
    return os.getpid()


def bug(argument: Any, tell: Tell) -> float:
    return 1 / int(argument)


def killed_until(argument: tuple[Path, int], tell: Tell) -> str:
    """Kill this worker the first `times` times it is asked; files count the calls."""
    path, times = argument
    for i in range(times):
        mark = path.with_name(f"{path.name}{i}")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return "survived"
