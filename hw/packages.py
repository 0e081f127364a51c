"""What has to be installed and what it is called where: hw/packages.toml, parsed into types."""

import tomllib
from functools import cache
from pathlib import Path

from hw.board import Fact


class ComponentFact(Fact):
    """A program or library that comes from the system's package manager; how to see that it is there."""

    name: str
    purpose: str
    optional: bool = False
    program: str = ""
    version: tuple[str, ...] = ()
    """Arguments that make `program` print its version."""
    preprocess: str = ""
    """Source text that `program`, a compiler, must be able to preprocess."""
    language: str = "c"
    version_macro: str = ""
    """Macro of `preprocess` that holds the version."""
    library: str = ""
    """File that the compiler `program` must find in its library folders."""
    files: tuple[str, ...] = ()
    debian: tuple[str, ...] = ()
    fedora: tuple[str, ...] = ()
    arch: tuple[str, ...] = ()
    brew: tuple[str, ...] = ()

    def packages(self, manager: str) -> tuple[str, ...]:
        """Package names for `manager` (debian, fedora, arch, brew); empty where it has none."""
        names: dict[str, tuple[str, ...]] = {
            "debian": self.debian,
            "fedora": self.fedora,
            "arch": self.arch,
            "brew": self.brew,
        }
        return names[manager]


class ManagerFact(Fact):
    """A package manager."""

    id: str
    program: str
    install: str
    """Command line with {packages}."""


class ArduinoCliFact(Fact):
    """How arduino-cli is had where it is not on PATH."""

    version: str
    module: str
    replace: str
    go: str
    go_minimum: str
    go_package: str
    script: str


class ModelFact(Fact):
    """The local model: `parts` wheels, each holding data/partNN.bin; joined in order they are `file`."""

    name: str
    file: str
    package: str
    version: str
    parts: int
    bytes: int
    sha256: str


class Packages(Fact):
    """All of hw/packages.toml."""

    component: tuple[ComponentFact, ...]
    manager: tuple[ManagerFact, ...]
    arduino_cli: ArduinoCliFact
    model: ModelFact


@cache
def packages() -> Packages:
    """The facts; a typo in the file raises pydantic's ValidationError, which names the key."""
    return Packages.model_validate(tomllib.loads((Path(__file__).parent / "packages.toml").read_text()))
