"""Get arduino-cli: the person's own, else built from its Go module, else by the vendor's installer."""

import re
import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from hw.packages import ArduinoCliFact, packages
from tools.errors import Setup
from tools.install_system import apt_candidate, apt_install, become_root
from tools.process import Completed, run
from tools.progress import report
from tools.toolchain import arduino_cli, cache_dir

BUILD_S = 1800.0
SCRIPT_S = 600.0


def install_arduino_cli() -> Path:
    """The arduino-cli to use; built or fetched into the cache when there is none. Raises Setup when neither works."""
    try:
        return arduino_cli()
    except Setup:
        fact = packages().arduino_cli
    (cache_dir() / "bin").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir()) as temporary:
        folder = Path(temporary)
        built = _build(folder, fact)
        why = "there is no Go to build it with" if built is None else _last_line(built)
        if built is None or built.returncode != 0:
            why += "; " + _vendor_script(folder, fact)
        program = folder / "arduino-cli"
        if not program.is_file() or run([program, "version"], timeout_s=30).returncode != 0:
            raise Setup(
                f"arduino-cli could not be installed ({why})",
                f"install Go {fact.go_minimum} or newer, or arduino-cli itself, and run make setup again",
            )
        program.replace(cache_dir() / "bin" / "arduino-cli")
    return arduino_cli()


def _build(folder: Path, fact: ArduinoCliFact) -> Completed | None:
    """Build into folder/arduino-cli; None without a Go that can. Go's own caches are thrown away with the folder."""
    go = _go(fact)
    if go is None:
        return None
    module = folder / "module"
    module.mkdir()
    (module / "go.mod").write_text(f"module tinysmith/toolchain\n\ngo {fact.go}\n\nreplace {fact.replace}\n")
    # -modcacherw: Go writes its module cache read-only, which could not be thrown away.
    env = {"GOPATH": str(folder / "go"), "GOCACHE": str(folder / "objects"), "GOFLAGS": "-modcacherw"}
    report("setup", "arduino-cli: fetching its sources")
    got = run([go, "get", "-tool", f"{fact.module}@v{fact.version}"], timeout_s=BUILD_S, cwd=module, env=env)
    if got.returncode != 0:
        return got
    report("setup", "arduino-cli: building (about a minute)")
    stamp = f"-s -w -X {fact.module}/internal/version.versionString={fact.version}"
    return run(
        [go, "build", "-ldflags", stamp, "-o", folder / "arduino-cli", fact.module],
        timeout_s=BUILD_S,
        cwd=module,
        env=env,
    )


def _go(fact: ArduinoCliFact) -> Path | None:
    """A Go that is new enough: on PATH, else Debian's where it is and may be installed."""
    found = shutil.which("go")
    if found is None and new_enough(apt_candidate(fact.go_package), fact.go_minimum):
        become = become_root()
        if become is not None:
            apt_install([fact.go_package], become)
            found = shutil.which("go")
    if found is None or not new_enough(run([found, "env", "GOVERSION"], timeout_s=30).stdout, fact.go_minimum):
        return None
    return Path(found)


def new_enough(version: str, minimum: str) -> bool:
    """Whether a Go version such as "go1.26.1" or "1.19~1" is at least `minimum`."""
    number = re.search(r"(\d+)\.(\d+)", version)
    wanted = re.search(r"(\d+)\.(\d+)", minimum)
    if number is None or wanted is None:
        return False
    return tuple(map(int, number.groups())) >= tuple(map(int, wanted.groups()))


def _vendor_script(folder: Path, fact: ArduinoCliFact) -> str:
    """Run the vendor's documented installer; returns what it says, since success is seen by the program being there."""
    report("setup", "arduino-cli: the vendor's installer")
    script = folder / "install.sh"
    try:
        with urllib.request.urlopen(fact.script, timeout=30) as answer:
            script.write_bytes(answer.read())
    except (urllib.error.URLError, TimeoutError) as error:
        return f"the vendor's installer is out of reach: {error}"
    done = run(["bash", script, fact.version], timeout_s=SCRIPT_S, cwd=folder, env={"BINDIR": str(folder)})
    return f"the vendor's installer: {_last_line(done)}"


def _last_line(done: Completed) -> str:
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1].strip() if lines else f"exit code {done.returncode}"
