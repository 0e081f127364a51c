"""Firmware with small changes in it, compiled: what the checks are tried with."""

import shutil
from pathlib import Path

from evals.verify import Working
from tools.compile import compile_sketch

Change = tuple[str, str, str]
"""(file, old, new); * is the main file."""


def with_changes(firmware: Working, *changes: Change) -> Path:
    """The ELF of the firmware with `changes` put into a copy of it; without any, of the firmware itself."""
    folder = firmware.folder
    if changes:
        folder = firmware.build_dir.parent / "changed" / firmware.folder.name
        shutil.copytree(firmware.folder, folder, dirs_exist_ok=True)
    for file, old, new in changes:
        path = folder / (f"{folder.name}.ino" if file == "*" else file)
        text = path.read_text()
        assert old in text, f"{path.name} does not hold {old!r}"
        path.write_text(text.replace(old, new))
    build = compile_sketch(folder, firmware.board, firmware.build_dir)
    assert build.ok, build.diagnostics
    return Path(build.elf)
