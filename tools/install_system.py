"""Install what comes from the system's package manager: by apt-get where that is allowed, else say how."""

import os
import re
import shutil

from hw.packages import ComponentFact, ManagerFact, packages
from tools.components import probe
from tools.errors import Setup
from tools.process import Completed, run
from tools.progress import report

APT_S = 3600.0


def install_system_packages() -> None:
    """By apt-get where there is one and rights to use it; else raises Setup with the command for this system."""
    missing = [fact for fact in packages().component if not probe(fact).ok]
    if not missing:
        return
    manager = next((m for m in packages().manager if shutil.which(m.program)), None)
    if manager is None:
        raise Setup(f"missing: {_names(missing)}", "your system's package manager, then make setup")
    wanted = sorted({package for fact in missing for package in fact.packages(manager.id)})
    become = become_root() if manager.id == "debian" else None
    if become is not None:
        apt_install(wanted, become)
        missing = [fact for fact in missing if not probe(fact).ok]
    required = [fact for fact in missing if not fact.optional]
    if required:
        raise Setup(f"missing: {_names(required)}", _advice(manager, required))


def _names(facts: list[ComponentFact]) -> str:
    return ", ".join(fact.name for fact in facts)


def _advice(manager: ManagerFact, facts: list[ComponentFact]) -> str:
    """The command a person has to give, and what the package manager does not have."""
    names = sorted({package for fact in facts for package in fact.packages(manager.id)})
    command = manager.install.format(packages=" ".join(names)) if names else ""
    without = _names([fact for fact in facts if not fact.packages(manager.id)])
    by_hand = f"by hand: {without}" if without else ""
    return ", ".join(part for part in (command, by_hand, "then make setup") if part)


def become_root() -> list[str] | None:
    """Arguments to put before a command that needs root; None when that would take a password."""
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if shutil.which("sudo") and run(["sudo", "-n", "true"], timeout_s=10).returncode == 0:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def apt_install(names: list[str], become: list[str]) -> None:
    """apt-get install; where that fails the lists of packages are fetched anew and it is tried once more."""
    report("setup", "Debian packages: " + " ".join(names))
    command = [*become, "apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
    done = run(command, timeout_s=APT_S)
    if done.returncode != 0:
        report("setup", "Debian packages: fetching the lists anew")
        run([*become, "apt-get", "update", "-q"], timeout_s=APT_S)
        report("setup", "Debian packages: " + " ".join(names))
        done = run(command, timeout_s=APT_S)
    if done.returncode != 0:
        raise Setup(f"apt-get could not install {' '.join(names)} ({_why(done)})", "apt-get by hand, then make setup")


def apt_candidate(package: str) -> str:
    """Version that apt-get would install, without its epoch; "" when it has none or there is no apt."""
    if shutil.which("apt-cache") is None:
        return ""
    policy = run(["apt-cache", "policy", package], timeout_s=60, env={"LC_ALL": "C"}).stdout
    found = re.search(r"Candidate: (?:\d+:)?(\d\S*)", policy)
    return found.group(1) if found else ""


def _why(done: Completed) -> str:
    """The line in which apt-get says what went wrong."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
    return lines[0] if lines else f"exit code {done.returncode}"
