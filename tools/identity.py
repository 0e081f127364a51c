"""Who a sketch is: hashes of its files in its identity.h, which the board tells over serial when it is asked."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tools.store import write_text

FILE = "identity.h"
_SOURCES = (".ino", ".h", ".hpp", ".c", ".cpp", ".S")
_DIGITS = 16


class Identity(BaseModel):
    """What firmware says of itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    board: str
    """Id in hw/boards of the board that the sketch was written for."""
    model: str
    """First 16 hex digits of a SHA-256 over the network's C files."""
    sketch: str
    """The same over all source files of the sketch but identity.h."""

    def __str__(self) -> str:
        return f"'{self.name}' for {self.board} (network {self.model[:8]}, sketch {self.sketch[:8]})"


def write_identity(folder: Path) -> None:
    """Write identity.h of the sketch in `folder`; it keeps its time when nothing changed."""
    model, sketch = hashes(folder)
    text = (
        "// What this sketch was made of: hashes of the network's files, and of all files but this one.\n"
        f'#pragma once\n\n#define MODEL_ID "{model}"\n#define SKETCH_ID "{sketch}"\n'
    )
    write_if_changed(folder / FILE, text)


def read_identity(folder: Path, name: str, board: str) -> Identity | None:
    """What the sketch in `folder` says of itself; None when it has no identity.h."""
    path = folder / FILE
    text = path.read_text(errors="replace") if path.is_file() else ""
    found = dict(re.findall(r'#define (MODEL|SKETCH)_ID "([0-9a-f]+)"', text))
    if len(found) != 2:
        return None
    return Identity(name=name, board=board, model=found["MODEL"], sketch=found["SKETCH"])


def hashes(folder: Path) -> tuple[str, str]:
    """(of the network, of the whole sketch) as they are on the disk now."""
    files = sorted(p for p in folder.rglob("*") if p.suffix in _SOURCES and p.is_file() and p != folder / FILE)
    model = folder / "src" / "model"
    return _digest(folder, (p for p in files if model in p.parents)), _digest(folder, files)


def _digest(folder: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_DIGITS]


def write_if_changed(path: Path, text: str) -> None:
    """Write `text` atomically unless `path` holds it already."""
    if not path.exists() or path.read_text() != text:
        write_text(path, text)
