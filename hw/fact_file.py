"""Reading TOML files of facts: each fault becomes one line that names file, key and what would be right."""

import difflib
import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from hw.errors import BadInput

if TYPE_CHECKING:
    from hw.board import Board

Model = TypeVar("Model", bound=BaseModel)

EMULATED = {
    "nano33ble": ("mps2-an386", 34),
    "nano33ble_rev2": ("mps2-an386", 34),
    "nucleo_h743zi": ("mps2-an500", 117),
    "netduinoplus2": ("netduinoplus2", 51),
}
"""QEMU machine and number of pins of each board of the platform (hw/platform/tinysmith/arm/boards.txt)."""
AVR_PINS = {"atmega328p": 20, "atmega2560": 70}
"""Number of pins of each chip that hw/simavr knows."""

_TYPES = {
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "string_type": "a text in quotes", "float_type": "a number", "tuple_type": "a list [...]",
    "bool_type": "true or false", "dict_type": "a table of keys", "model_type": "a table of keys",
    "model_attributes_type": "a table of keys",
}  # fmt: skip
_PATTERNS = {
    "id": "small letters, digits and _, a letter first",
    "core": "AVR or a Cortex-M, e.g. Cortex-M4F",
    "fqbn": "VENDOR:ARCHITECTURE:BOARD, e.g. arduino:avr:uno",
}


def read_facts(folder: Path, model: type[Model]) -> tuple[dict[str, Model], dict[str, Path]]:
    """Facts of all *.toml in `folder` and their files, by id. Raises BadInput for the first fault."""
    facts: dict[str, Model] = {}
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        fact = _read(path, model)
        id = str(getattr(fact, "id", path.stem))
        if id in facts:
            raise BadInput(f"{path}: id {id!r} is taken by {files[id].name}: choose another")
        facts[id], files[id] = fact, path
    return facts, files


def _read(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        # A misspelt key is missing as well: the spelling is what helps.
        faults = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
        raise BadInput(f"{path}: {_explain(faults[0], model)}") from None


def _explain(fault: Any, model: type[BaseModel]) -> str:
    """One pydantic fault in words: the key, what it holds, and what it may hold."""
    location = [str(part) for part in fault["loc"] if part != "[key]"]
    key, kind, given, context = ".".join(location), fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key {key!r}{suggest(location[-1], _keys(model, location[:-1]))}"
    if kind == "missing":
        return f"the key {key!r} is missing"
    value = f"{key} is {json.dumps(given, default=str)}"
    if kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        limit = {"gt": "more than", "ge": "at least", "le": "at most"}
        return f"{value}: it must be " + " and ".join(f"{limit[k]} {v}" for k, v in context.items())
    if kind == "literal_error":
        allowed = context["expected"].replace("'", "")
        what = f"unknown key {key!r}" if location[-1] == given else value
        return f"{what}: it must be one of {allowed.replace(' or ', ', ')}"
    if kind == "string_pattern_mismatch":
        return f"{value}: it must be {_PATTERNS[location[-1]]}"
    return f"{value}: it must be {_TYPES.get(kind, fault['msg'])}"


def _keys(model: type[BaseModel], location: list[str]) -> Collection[str]:
    """Keys that are allowed at `location`."""
    for part in location:
        field = model.model_fields.get(part)
        if field is not None:
            inner = [field.annotation, *get_args(field.annotation)]
            found = [t for t in inner if isinstance(t, type) and issubclass(t, BaseModel)]
            model = found[0] if found else model
    return model.model_fields


def suggest(word: str, known: Collection[str]) -> str:
    """The closest known word as a question, else all of them."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(known))}"


def check_board(board: "Board", path: Path, sensors: Mapping[str, object]) -> None:
    """Raise BadInput when facts of `board` contradict each other or name what is not there."""
    for sensor in board.sensors:
        if sensor not in sensors:
            raise BadInput(f"{path}: unknown sensor {sensor!r}{suggest(sensor, sensors)}")
    if board.emulator is not None:
        _check_emulator(board, path)
    pins = pin_count(board)
    numbers = {f"leds.{name}.number": [led.number] for name, led in board.leds.items()}
    numbers |= {
        "digital_pins": [*board.digital_pins],
        "pwm_pins": [*board.pwm_pins],
        "analog_pins": [*board.analog_pins],
    }
    for key, given in numbers.items():
        for number in given:
            if number >= pins:
                raise BadInput(f"{path}: {key} has {number}, but the board's pins are 0 .. {pins - 1}")


def pin_count(board: "Board") -> int:
    """How many pins the emulated board has; without an emulator any number is taken."""
    emulator = board.emulator
    if emulator is None:
        return 256
    return EMULATED[emulator.fqbn.split(":")[2]][1] if emulator.kind == "qemu" else AVR_PINS[emulator.machine]


def _check_emulator(board: "Board", path: Path) -> None:
    emulator = board.emulator
    assert emulator is not None
    if emulator.kind == "simavr":
        if emulator.machine not in AVR_PINS:
            raise BadInput(f"{path}: emulator.machine is {emulator.machine!r}{suggest(emulator.machine, AVR_PINS)}")
        if not emulator.fqbn.startswith("arduino:avr:"):
            raise BadInput(f"{path}: emulator.fqbn is {emulator.fqbn!r}: with simavr it must begin with arduino:avr:")
        return
    platform, _, name = emulator.fqbn.rpartition(":")
    if platform != "tinysmith:arm" or name not in EMULATED:
        known = [f"tinysmith:arm:{board}" for board in EMULATED]
        raise BadInput(f"{path}: emulator.fqbn is {emulator.fqbn!r}{suggest(emulator.fqbn, known)}")
    if emulator.machine != EMULATED[name][0]:
        raise BadInput(f"{path}: emulator.machine is {emulator.machine!r}: {emulator.fqbn} runs on {EMULATED[name][0]}")
