"""Look into an ELF file: which machine it is for, and its sections. Source: System V ABI, chapter 4."""

import struct
from dataclasses import dataclass
from pathlib import Path

from tools.errors import BadInput

ARM, AVR = 40, 83
MACHINES = {3: "x86", 8: "MIPS", 40: "ARM", 62: "x86-64", 83: "AVR", 94: "Xtensa", 183: "AArch64", 243: "RISC-V"}


@dataclass(frozen=True)
class Elf:
    """The parts of a 32-bit little-endian ELF that tell whom it is for."""

    machine: int
    entry: int
    flags: int
    """Of the processor; for AVR the low bits name the architecture (5, 6, ...)."""
    sections: dict[str, bytes]
    """Contents of the sections that do not occupy memory, by name; others are empty."""


def read_elf(path: Path) -> Elf:
    """Read headers and notes. Raises BadInput when the file is not a 32-bit little-endian ELF."""
    if not path.is_file():
        raise BadInput(f"ELF file {path} is not there")
    data = path.read_bytes()
    if data[:4] != b"\x7fELF":
        raise BadInput(f"{path.name} is not an ELF file")
    if len(data) < 52:
        raise BadInput(f"{path.name} is a damaged ELF file")
    if data[4] != 1 or data[5] != 1:
        machine = struct.unpack_from("<H", data, 18)[0]
        raise BadInput(f"{path.name} is for {MACHINES.get(machine, 'another machine')}, not for a microcontroller")
    machine, _, entry, _, offset, flags = struct.unpack_from("<HIIIII", data, 18)
    size, count, names_index = struct.unpack_from("<HHH", data, 46)
    try:
        return Elf(
            machine=machine, entry=entry, flags=flags, sections=_sections(data, offset, size, count, names_index)
        )
    except (struct.error, ValueError, IndexError) as error:
        raise BadInput(f"{path.name} is a damaged ELF file") from error


def _sections(data: bytes, offset: int, size: int, count: int, names_index: int) -> dict[str, bytes]:
    headers = [struct.unpack_from("<IIIIII", data, offset + i * size) for i in range(count)]
    if not headers:
        return {}
    names_at = headers[names_index][4]
    sections = {}
    for name_offset, _, flags, _, at, length in headers:
        start = names_at + name_offset
        name = data[start : data.index(b"\0", start)].decode(errors="replace")
        occupies_memory = flags & 2
        sections[name] = b"" if occupies_memory else data[at : at + length]
    return sections
