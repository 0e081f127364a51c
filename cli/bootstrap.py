"""What `make setup` does before there is an environment: find or fetch uv, make .venv, fill it from the lock.

Runs under the system's Python (3.8 or newer) with nothing but its standard library, which is why it
cannot use tools/process.py. What follows, `python -m cli.main setup`, can.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "tinysmith.stamp"
PIP = ("install", "--quiet", "--disable-pip-version-check", "--retries", "2")
PYTHONS = (3, 11), (3, 14)
"""First version that will do and first that will not, as requires-python in pyproject.toml."""
NEED_GB = 9.0
"""The environment (7.7 GB, most of it the CUDA libraries that PyTorch brings) and room to unpack."""


def main() -> None:
    """Make the environment, then hand over to its Python; exits with its code, or with 5."""
    os.chdir(CHECKOUT)
    if "--lock" in sys.argv:
        lock()
    if not up_to_date():
        uv = find_uv()
        if not usable():
            make_venv(uv)
        check_room()
        fill(uv)
        STAMP.write_text(fingerprint())
    os.execv(str(PYTHON), [str(PYTHON), "-m", "cli.main", "setup"])


def lock() -> None:
    """Resolve pyproject.toml into requirements.lock: for all platforms, with hashes."""
    options = "-q --universal --python-version 3.11 --generate-hashes --no-header --group dev"
    uv = find_uv()
    os.execv(uv, [uv, "pip", "compile", *options.split(), "pyproject.toml", "-o", "requirements.lock"])


def fingerprint() -> str:
    """What .venv was made from. The path is in it because an environment that was moved is broken."""
    digest = hashlib.sha256(str(CHECKOUT).encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((CHECKOUT / name).read_bytes())
    return digest.hexdigest()


def up_to_date() -> bool:
    """Whether .venv is whole, and was filled from these files."""
    return STAMP.is_file() and STAMP.read_text() == fingerprint() and usable()


def usable() -> bool:
    """Whether .venv has a Python that starts and is of a right version; false for half-made and moved ones."""
    if not (VENV / "pyvenv.cfg").is_file():
        return False
    question = f"import sys; sys.exit(not {PYTHONS[0]} <= sys.version_info[:2] < {PYTHONS[1]})"
    try:
        return subprocess.run([str(PYTHON), "-c", question], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def cache() -> Path:
    """As tools/toolchain.py: $XDG_CACHE_HOME/tinysmith."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "tinysmith"


def find_uv() -> str:
    """uv on PATH, else in the cache, else installed into the cache from the package index."""
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    home = cache() / "uv"
    own = home / "bin" / "uv"
    if not starts(own):
        say("fetching uv, which installs the Python packages")
        shutil.rmtree(home, ignore_errors=True)
        # Debian's python3 comes without ensurepip, and so without a venv that has pip; with pip it may do by itself.
        if not run(sys.executable, "-m", "venv", home):
            why = run(home / "bin" / "python", "-m", "pip", *PIP, "uv")
        else:
            shutil.rmtree(home, ignore_errors=True)
            why = run(sys.executable, "-m", "pip", *PIP, "--target", home, "uv")
        if not starts(own):
            fail(
                f"uv could not be installed ({why}): is the network there, and Python's venv module "
                "(Debian: sudo apt-get install python3-venv)? Or install uv yourself; then make setup"
            )
    return str(own)


def starts(program: Path) -> bool:
    """Whether a program is there and runs."""
    return program.is_file() and not run(program, "--version")


def make_venv(uv: str) -> None:
    """Make .venv with a Python that uv finds on the machine, or fetches; what was there is thrown away."""
    say("making .venv")
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    wanted = ">={}.{},<{}.{}".format(*PYTHONS[0], *PYTHONS[1])
    if subprocess.run([uv, "venv", "--quiet", "--no-project", "--python", wanted, str(VENV)]).returncode != 0:
        fail(
            f"no Python {wanted} was found: install one (Debian: python3.11, Fedora: python3.12, Homebrew: python@3.12)"
            " or let uv fetch it with the network up: uv python install 3.12; then make setup"
        )


def check_room() -> None:
    """A full disk in the middle of 8 GB says less than this does. An environment that is nearly full needs no more."""
    filled = any(VENV.glob("lib/python*/site-packages/torch"))
    free = shutil.disk_usage(str(CHECKOUT)).free / 1e9
    if not filled and free < NEED_GB:
        fail(f"the Python packages need {NEED_GB:.0f} GB on the disk of {CHECKOUT}; {free:.1f} GB are free")


def fill(uv: str) -> None:
    """Bring .venv to exactly what the lock says, and this checkout into it, editable."""
    say("installing the Python packages (7.7 GB on Linux; a minute or more)")
    STAMP.unlink(missing_ok=True)
    quiet = [] if sys.stderr.isatty() else ["--quiet"]  # else a log gets a line for each of 200 packages
    for command in (["sync", *quiet, "requirements.lock"], ["install", "--quiet", "--no-deps", "-e", "."]):
        if subprocess.run([uv, "pip", command[0], "--python", str(PYTHON), *command[1:]]).returncode != 0:
            fail(
                "the Python packages could not be installed (the reason stands above; most often: no network). "
                "What has arrived is kept; then make setup"
            )


def run(*argv: object) -> str:
    """Run quietly; what went wrong in a line, "" when nothing did."""
    try:
        done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        return str(error)
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    return (lines[-1].strip() if lines else f"exit code {done.returncode}") if done.returncode else ""


def say(text: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"setup: {text}\n")
    sys.stderr.flush()


def fail(text: str) -> None:
    """Say what is wrong and how to mend it, and end with the exit code for a thing that is not installed."""
    sys.stderr.write(f"setup: {text}\n")
    sys.exit(5)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
