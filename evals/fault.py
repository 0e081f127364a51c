"""A fault as an exact change of a sketch's text, and how it is put into a copy of the sketch."""

from dataclasses import dataclass
from pathlib import Path

INO = "*.ino"
"""Stands for the sketch's main file, which is called like its folder."""


@dataclass(frozen=True)
class Fault:
    """Replace `old` by `new` in `file` (INO: the sketch's main file)."""

    name: str
    kind: str
    """inference, input, memory, window, result, timing, output, behaviour, crash, or the operator of a mutant."""
    file: str
    old: str
    new: str
    seen_in: str = ""
    """Regular expression for what app.h must hold for the fault to be seen; empty: always seen."""
    harmless: bool = False
    nth: int = -1
    """Of a mutant, whose `old` and `new` are whole lines: which of the equal lines it is; negative: everywhere."""


def path_of(folder: Path, fault: Fault) -> Path:
    """The file that a fault changes."""
    return folder / (f"{folder.name}.ino" if fault.file == INO else fault.file)


def changed(text: str, fault: Fault) -> str:
    """The text of a file with the fault in it; raises ValueError where it does not hold what the fault changes."""
    if fault.nth < 0:
        parts = text.split(fault.old)
        if len(parts) == 1:
            raise ValueError(f"the fault '{fault.name}' does not apply: {fault.file} does not hold its text")
        return fault.new.join(parts)
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if line == fault.old]
    if fault.nth >= len(places):
        raise ValueError(f"the fault '{fault.name}' does not apply: {fault.file} does not hold its line")
    lines[places[fault.nth]] = fault.new
    return "\n".join(lines)


def seed(folder: Path, fault: Fault, target: Path) -> Path:
    """A copy of the sketch `folder` in `target` (of the same name, for the main file) with the fault in it.

    Files that are the same keep their time, so that compiling costs little. Raises ValueError where the text is not.
    """
    target.mkdir(parents=True, exist_ok=True)
    broken = path_of(folder, fault)
    text_of_fault = changed(broken.read_text(), fault).encode()
    for path in (p for p in folder.rglob("*") if p.is_file()):
        copy, text = target / path.relative_to(folder), path.read_bytes()
        if path == broken:
            text = text_of_fault
        if not copy.exists() or copy.read_bytes() != text:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text)
    return target
