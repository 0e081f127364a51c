"""What of the tool chain is there and what is not: the list behind `tinysmith doctor` and `tinysmith setup`."""

import re
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from pydantic import BaseModel, ConfigDict

from hw.packages import ComponentFact, packages
from tools.errors import Setup
from tools.process import run
from tools.toolchain import CHECKOUT, arduino_cli, model_path, uv

MEND = "make setup"
PROBE_S = 20.0


class Component(BaseModel):
    """One thing that has to be installed. `mend` is the command that installs it, empty when nothing is to be done."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str = ""
    path: str = ""
    ok: bool
    mend: str = ""
    purpose: str = ""
    optional: bool = False
    """Missing, it is shown but not a failure."""


def components() -> list[Component]:
    """All components in the order in which setup installs them; takes about a second."""
    return [
        _python_packages(),
        _found("uv", uv, "installs Python packages and the local model", ("--version",), optional=True),
        *(probe(fact) for fact in packages().component),
        _found("arduino-cli", arduino_cli, "compiles sketches", ("version",)),
        _local_model(),
    ]


def probe(fact: ComponentFact) -> Component:
    """Look for one program, header or file of the system's packages."""
    path = _locate(fact)
    missing = Component(name=fact.name, ok=False, mend=MEND, purpose=fact.purpose, optional=fact.optional)
    if path is None:
        return missing
    version = _version_of(path, fact.version) if fact.version else _version_in(path)
    if fact.preprocess:
        preprocessed = _preprocess(path, fact)
        if preprocessed is None:
            return missing
        version = version or preprocessed
    if fact.library:
        path = _library(path, fact.library)
        if path is None:
            return missing
    return missing.model_copy(update={"ok": True, "mend": "", "version": version, "path": str(path)})


def _preprocess(compiler: Path, fact: ComponentFact) -> str | None:
    """Value of the fact's version macro ("" without one); None when the headers are not there."""
    source = f"{fact.preprocess}\n{fact.version_macro}\n".encode()
    done = run([compiler, "-x", fact.language, "-E", "-P", "-"], timeout_s=PROBE_S, stdin=source)
    if done.returncode != 0:
        return None
    return done.stdout.strip().splitlines()[-1].strip('"') if fact.version_macro else ""


def _library(compiler: Path, name: str) -> Path | None:
    """Where the compiler finds a library: it answers with the bare name when it does not."""
    found = Path(run([compiler, f"-print-file-name={name}"], timeout_s=PROBE_S).stdout.strip())
    return found.resolve() if found.is_absolute() else None


def _locate(fact: ComponentFact) -> Path | None:
    if fact.files:
        return next((Path(f) for f in fact.files if Path(f).is_file()), None)
    found = shutil.which(fact.program)
    return None if found is None else Path(found)


def _version_of(program: Path, arguments: tuple[str, ...]) -> str:
    done = run([program, *arguments], timeout_s=PROBE_S)
    number = re.search(r"\d+(\.\d+)+", done.stdout)
    return number.group() if number else ""


def _version_in(path: Path) -> str:
    """The version a platform.txt states; programs that state none have none shown."""
    if path.suffix != ".txt":
        return ""
    line = re.search(r"^version=(\S+)", path.read_text(errors="replace"), re.MULTILINE)
    return line.group(1) if line else ""


def _found(
    name: str, find: Callable[[], Path], purpose: str, version: tuple[str, ...], optional: bool = False
) -> Component:
    try:
        path = find()
    except Setup as error:
        return Component(name=name, ok=False, mend=error.mend, purpose=purpose, optional=optional)
    return Component(name=name, version=_version_of(path, version), path=str(path), ok=True, purpose=purpose)


def _local_model() -> Component:
    fact = packages().model
    purpose = "the language model that answers when no other is configured"
    try:
        path = model_path()
    except Setup as error:
        return Component(name="local model", ok=False, mend=error.mend, purpose=purpose)
    # The version is the published one's; of a person's own file only the name is known.
    version = fact.name if path.name == fact.file else path.stem
    return Component(name="local model", version=version, path=str(path), ok=True, purpose=purpose)


def _python_packages() -> Component:
    """Whether every distribution that pyproject.toml asks for is installed in a version that it allows."""
    wrong = [requirement.name for requirement in _requirements() if not _satisfied(requirement)]
    # The folder as it is named, not where a link leads to: that is what a person knows.
    where = str(CHECKOUT / ".venv")
    if wrong:
        return Component(
            name="python packages", ok=False, mend=MEND, path=where, purpose="missing: " + ", ".join(wrong)
        )
    version = f"torch {metadata.version('torch')}, langgraph {metadata.version('langgraph')}"
    return Component(name="python packages", version=version, path=where, ok=True, purpose="everything in Python")


def _requirements() -> list[Requirement]:
    import tomllib

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


def _satisfied(requirement: Requirement) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    try:
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return False
