"""The emulated platform declares nothing that the boards' real cores lack: what compiles here compiles there.

The real declarations stand in signatures/*.txt, a line each with the cores that have it: `avr` (1.8, the one that is
installed here), `mbed` (4, with ArduinoCore-API 1.5), `stm32` (2.12), or a board's own pins.
"""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from hw.board import platform_dir
from tests.hw.declarations import declarations

pytestmark = pytest.mark.toolchain

SIGNATURES = Path(__file__).parent / "signatures"
PLATFORM = platform_dir() / "tinysmith" / "arm"
AVR = Path("/usr/share/arduino/hardware/arduino/avr")
CORES = {"nano33ble": "mbed", "nano33ble_rev2": "mbed", "nucleo_h743zi": "stm32", "netduinoplus2": "stm32"}
PINS = {"nano33ble_rev2": "nano33ble"}
SENSORS = ("Arduino_APDS9960", "Arduino_LSM9DS1", "Arduino_BMI270_BMM150", "Arduino_HTS221", "Arduino_LPS22HB")
LIBRARIES = {"mbed": ("Wire", "SPI", *SENSORS, "PDM", "Arduino_OV767X"), "stm32": ("Wire", "SPI", "EEPROM")}
BINARY = re.compile(r"#B[01]{1,8}")
OWN = re.compile(r"\bemulated::")
"""A sketch that names our namespace knows where it runs."""
CMSIS = {"__disable_irq()", "__enable_irq()", "SystemCoreClock"}
"""Of every Cortex-M core's CMSIS headers, which both vendors' cores include."""


@cache
def real(core: str) -> frozenset[str]:
    """All that the real core, its libraries or the board's pins declare."""
    found = set()
    for path in SIGNATURES.glob("*.txt"):
        if path.name != "not_emulated.txt":
            found |= listed(path, core)
    return frozenset(found)


def listed(path: Path, core: str) -> set[str]:
    """The names in a list that carry the mark of `core`."""
    lines = (line.partition("  ") for line in path.read_text().splitlines())
    return {name.strip() for cores, _, name in lines if core in cores.split()}


def properties(board: str) -> dict[str, str]:
    lines = (PLATFORM / "boards.txt").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line.startswith(f"{board}."))
    return {key.removeprefix(f"{board}.build."): value for key, value in pairs}


def compiler(board: str) -> list[str]:
    """The compiler with the flags and folders that a sketch for `board` is compiled with."""
    facts = properties(board)
    folders = [PLATFORM / "cores/arduino" / f for f in ("", "api/deprecated", "api/deprecated-avr-comp")]
    folders += [PLATFORM / "variants" / facts["variant"], *(p / "src" for p in (PLATFORM / "libraries").iterdir())]
    flags = [*facts["cpu_flags"].split(), *facts["arch_defines"].split(), f"-std={facts['cpp_standard']}"]
    return ["arm-none-eabi-g++", "-x", "c++", *flags, *(f"-I{f}" for f in folders)]


@cache
def own(board: str) -> frozenset[str]:
    """What Arduino.h and the libraries of the emulated board declare."""
    headers = ("Arduino", *LIBRARIES[CORES[board]], "avr/pgmspace")
    text = "".join(f"#include <{header}.h>\n" for header in headers)
    command = [*compiler(board), "-E", "-dD", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=60)
    return frozenset(declarations(_own_lines(done.stdout)))


def _own_lines(preprocessed: str) -> str:
    """Of preprocessed text, the lines that come from the platform, without macros that are undefined again."""
    lines: list[str] = []
    ours = False
    for line in preprocessed.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            ours = str(PLATFORM) in marker[1]
        elif ours and line.startswith("#undef"):
            lines = [kept for kept in lines if not re.match(rf"#define {line.split()[1]}\b", kept)]
        elif ours:
            lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("board", CORES)
def test_nothing_is_declared_that_the_real_core_lacks(board: str) -> None:
    allowed = real(CORES[board]) | real(PINS.get(board, board)) | CMSIS
    extra = {d for d in own(board) if d not in allowed and not OWN.search(d) and not BINARY.fullmatch(d)}
    assert not extra
    assert {"Print::println()", "String::substring(unsigned int)", "TwoWire", "SPI", "#bitRead"} <= own(board)


@pytest.mark.parametrize("core", ["mbed", "stm32"])
def test_what_is_not_emulated_is_known(core: str) -> None:
    emulated = frozenset().union(*(own(board) for board, of in CORES.items() if of == core))
    assert real(core) - emulated <= listed(SIGNATURES / "not_emulated.txt", core)


@pytest.mark.parametrize(
    ("header", "folder"),
    [(name, "cores/arduino") for name in ("Print", "Printable", "Stream", "WString", "HardwareSerial", "WCharacter")]
    + [("Wire", "libraries/Wire/src"), ("SPI", "libraries/SPI/src"), ("EEPROM", "libraries/EEPROM/src")],
)
def test_the_list_agrees_with_the_real_core_on_this_machine(header: str, folder: str) -> None:
    there = declarations((AVR / folder / f"{header}.h").read_text())
    unknown = {
        d for d in there - real("avr") if not re.search(r"^#\w*(_h|_H_?|_INCLUDED)$|^#(HAVE_|SPI_AVR)|_irq\(", d)
    }
    assert not unknown
    assert len(there) > 2


def test_the_list_claims_nothing_for_avr_that_is_not_there() -> None:
    folders = ("cores/arduino", "libraries/Wire/src", "libraries/SPI/src", "libraries/EEPROM/src")
    headers = [path for folder in folders for path in (AVR / folder).glob("*.h")]
    headers.append(Path("/usr/lib/avr/include/avr/pgmspace.h"))
    there = set().union(*(declarations(path.read_text(errors="replace")) for path in headers))
    assert real("avr") <= there


@pytest.mark.parametrize(
    ("board", "code"),
    [
        ("nano33ble", 'Serial.printf("%d", 1);'),
        ("nano33ble", "pinMode(SDA, INPUT);"),
        ("nano33ble", "arduino::TwoWire *bus = &Wire;"),
        ("nano33ble", "int pins = EMULATED_PINS;"),
        ("nucleo_h743zi", 'bool nothing = String("").isEmpty();'),
        ("nucleo_h743zi", "long n = min(3, 4L);"),
        ("netduinoplus2", "int n = 1; bitToggle(n, 0);"),
        ("netduinoplus2", "attachInterruptParam(2, nullptr, RISING, nullptr);"),
        ("netduinoplus2", "Serial1.begin(9600);"),
    ],
)
def test_what_the_real_core_refuses_does_not_compile_here(board: str, code: str) -> None:
    text = "#include <Arduino.h>\n#include <Wire.h>\nvoid setup() {\n%s\n}\n"
    command = [*compiler(board), "-fsyntax-only", "-"]
    for body, compiles in ((code, False), ("", True)):
        done = subprocess.run(command, input=text % body, capture_output=True, text=True, timeout=60)
        assert (done.returncode == 0) == compiles, done.stderr


def test_a_member_too_many_is_seen() -> None:
    text = (
        "class Print {\n public:\n  int own(const char *text, int n = 3) { return n; }\n private:\n  int hidden;\n};\n"
    )
    assert declarations(text) == {"Print", "Print::own(const char*, int)"}
