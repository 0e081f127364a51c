"""Everything that `tinysmith setup` installs beyond the Python packages: each once, then kept."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tools.install_arduino import install_arduino_cli
from tools.install_model import install_model
from tools.install_system import install_system_packages
from tools.progress import report
from tools.toolchain import arduino_env, cache_dir

INSTALLERS: tuple[Callable[[], object], ...] = (
    install_system_packages,
    install_arduino_cli,
    arduino_env,
    install_model,
)
"""In order; each returns at once when nothing is to be done, and raises Setup when it cannot do it."""


@contextmanager
def alone() -> Iterator[None]:
    """Two setups at once, of two checkouts, would write the same files: the second waits for the first."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("setup", "waiting for another setup to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
