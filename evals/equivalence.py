"""Which changed sketches do the same as before: by their machine code, or by a reason that somebody wrote down.

Both are independent of the verifier: what it catches or misses plays no part.
"""

import hashlib
import re
import struct
import tomllib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from evals.faults import Fault
from tools.artifacts import Artifact
from tools.errors import BadInput

REASONS = Path(__file__).parent / "equivalent.toml"
_LOADED = 1


class Reason(Artifact):
    """Why a kind of change cannot be told from outside; all given fields must fit."""

    why: str
    file: str
    old: str
    """Regular expression for the whole old text, without the blanks around it."""
    new: str = ".*"
    """Likewise for the new text."""
    boards: tuple[str, ...] = ()
    """Only on these; empty: on all."""
    app_lacks: str = ""
    """Regular expression that app.h must not hold: what would make the change visible."""
    app_has: str = ""
    """Regular expression that app.h must hold."""
    sketch_lacks: str = ""
    """Regular expression that the changed file must not hold."""
    sketch_has: str = ""
    """Regular expression that the changed file must hold."""


def image_digest(elf: Path) -> str:
    """SHA-256 of what an ELF puts into the chip's memory (its PT_LOAD segments), without names and debug notes.

    Source: System V ABI, chapter 5, program header of 32-bit little-endian files.
    """
    data = elf.read_bytes()
    offset = struct.unpack_from("<I", data, 28)[0]
    size, count = struct.unpack_from("<HH", data, 42)
    digest = hashlib.sha256()
    for i in range(count):
        kind, at, virtual, physical, in_file, in_memory = struct.unpack_from("<IIIIII", data, offset + i * size)
        if kind == _LOADED:
            digest.update(struct.pack("<IIII", virtual, physical, in_file, in_memory) + data[at : at + in_file])
    return digest.hexdigest()


@cache
def reasons(path: Path = REASONS) -> tuple[Reason, ...]:
    """The written reasons. Raises BadInput naming the entry that is wrong."""
    found = []
    for number, entry in enumerate(tomllib.loads(path.read_text()).get("reason", ()), start=1):
        try:
            found.append(Reason.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            raise BadInput(
                f"{path.name}, reason {number}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
            ) from error
    return tuple(found)


def why_equivalent(fault: Fault, folder: Path, board: str, path: Path = REASONS) -> str:
    """The written reason for which this change of the sketch in `folder` cannot be seen; "": there is none."""
    app_h = (folder / "app.h").read_text()
    sketch = folder / (f"{folder.name}.ino" if fault.file.startswith("*") else fault.file)
    for reason in reasons(path):
        if _fits(reason, fault, board, app_h, sketch.read_text()):
            return reason.why
    return ""


def _fits(reason: Reason, fault: Fault, board: str, app_h: str, sketch: str) -> bool:
    return (
        reason.file == fault.file
        and re.fullmatch(reason.old, fault.old.strip(), re.DOTALL) is not None
        and re.fullmatch(reason.new, fault.new.strip(), re.DOTALL) is not None
        and (not reason.boards or board in reason.boards)
        and not (reason.app_lacks and re.search(reason.app_lacks, app_h))
        and (not reason.app_has or re.search(reason.app_has, app_h) is not None)
        and not (reason.sketch_lacks and re.search(reason.sketch_lacks, sketch))
        and (not reason.sketch_has or re.search(reason.sketch_has, sketch) is not None)
    )
