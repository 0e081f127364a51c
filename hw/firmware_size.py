"""What a firmware costs besides the constants of its model: measured figures from firmware_size.toml."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from hw.board import Board, Fact


class Base(Fact):
    """The firmware without the model: core, drivers, scaffold."""

    flash_bytes: int
    ram_bytes: int
    """Static: .data + .bss."""
    class_ram_bytes: int = 0
    """For each class: its name and a pointer to it, where constants are copied to RAM."""


class LinkedKernel(Fact):
    """Flash of a kernel under link-time optimisation."""

    once: int
    """Called once, and so inlined."""
    many: int
    """Called more often: the kernel itself."""
    call: int = 0
    differing: int = 0
    """For a parameter that differs between the calls."""
    argument: int = 0
    """For such a parameter, in each call."""


class FirmwareSize(Fact):
    """`code`: flash by kernel of [code.arm]; `linked`: of [linked.avr], where the core is linked as a whole."""

    base: Base
    code: dict[str, int]
    linked: dict[str, LinkedKernel]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "firmware_size.toml").read_text())


def firmware_size(board: Board, sensor: str = "") -> FirmwareSize:
    """The figures of a board with a sensor (key of hw/sensors).

    Without a known sensor the most that one of the board's sensors costs; without a known board, its processor family.
    """
    table = _table()
    family = "avr" if board.core.upper().startswith("AVR") else "arm"
    by_sensor = table["base"].get(board.id) or table["base"][family]
    bases = (
        [Base.model_validate(by_sensor[sensor])]
        if sensor in by_sensor
        else [*map(Base.model_validate, by_sensor.values())]
    )
    base = Base(
        flash_bytes=max(b.flash_bytes for b in bases),
        ram_bytes=max(b.ram_bytes for b in bases),
        class_ram_bytes=bases[0].class_ram_bytes,
    )
    return FirmwareSize(base=base, code=table["code"].get(family, {}), linked=table["linked"].get(family, {}))
