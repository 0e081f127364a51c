"""Programs that some tests watch with: `python -m tests.programs` installs them where that needs no questions.

Nothing of tinysmith needs them, so what cannot be had is named and left out: those tests skip themselves.
"""

import shutil
import sys

from tools.errors import Setup
from tools.install_system import apt_candidate, apt_install, become_root

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "chrome"),
    "strace": ("strace",),
    "iproute2": ("ip",),
}
"""Debian package -> the names under which its program, or one as good, is found."""


def missing() -> list[str]:
    """Packages of which no program is on PATH."""
    return [package for package, names in PROGRAMS.items() if not any(map(shutil.which, names))]


def main() -> None:
    """Install what is missing, each by itself; never fails."""
    become = become_root() if missing() and shutil.which("apt-get") else None
    for package in missing() if become is not None else ():
        if apt_candidate(package):
            tell(f"installing {package}, with which some tests watch")
            try:
                apt_install([package], become or [])
            except Setup as error:
                tell(str(error))
    if still := missing():
        tell(f"tests that need {', '.join(still)} will be skipped")


def tell(line: str) -> None:
    """A line of progress, as set-up writes them."""
    sys.stderr.write(f"setup: {line}\n")


if __name__ == "__main__":
    main()
