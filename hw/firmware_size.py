"""What a firmware costs besides the constants of its model: measured figures from firmware_size.toml."""

import tomllib
from functools import cache
from pathlib import Path

from hw.board import Board, Fact


class Base(Fact):
    """The firmware without the model: core, drivers, scaffold."""

    flash_bytes: int
    ram_bytes: int
    """Static: .data + .bss."""
    value_bytes: int
    """RAM per input value besides its INT8 code."""
    source: str
    """How it was measured."""


class FirmwareSize(Fact):
    """`code`: flash by kernel of [code.arm] or [code.avr]."""

    base: Base
    code: dict[str, int]


@cache
def _table() -> dict[str, dict[str, dict[str, object]]]:
    return tomllib.loads((Path(__file__).parent / "firmware_size.toml").read_text())


def firmware_size(board: Board) -> FirmwareSize:
    """The figures of a board; those of its processor family where it has none of its own."""
    table = _table()
    family = "avr" if board.core.upper().startswith("AVR") else "arm"
    base = table["base"].get(board.id) or table["base"][family]
    return FirmwareSize.model_validate({"base": base, "code": table["code"][family]})
