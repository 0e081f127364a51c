"""Real arduino-cli: sizes, compiler and linker diagnostics, warm speed."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hw.board import boards
from tools.artifacts import Build
from tools.compile import compile_sketch
from tools.diagnostics import read_diagnostics
from tools.errors import BadInput, Setup

Compile = Callable[..., Build]


def compile_text(text: str, tmp_path: Path, compile_named: Compile) -> Build:
    folder = tmp_path / "sketch"
    folder.mkdir(exist_ok=True)
    (folder / "sketch.ino").write_text(text)
    return compile_sketch(folder, boards()["nano33ble"], tmp_path / "build")


@pytest.mark.toolchain
def test_sizes_are_those_of_the_firmware(compile_named: Compile) -> None:
    build = compile_named("color")
    assert build.ok
    assert build.fqbn == "tinysmith:arm:nano33ble"
    assert 5_000 < build.flash_bytes < 16_000  # the virtual hardware is not counted
    assert 500 < build.ram_bytes < 3_000
    assert (build.flash_max_bytes, build.ram_max_bytes) == (983_040, 262_144)


@pytest.mark.toolchain
def test_errors_of_the_compiler_are_structured(tmp_path: Path, compile_named: Compile) -> None:
    build = compile_text(
        "void setup() {\n  int x = foo;\n  Seral.println(1);\n}\nvoid loop() {}\n", tmp_path, compile_named
    )
    assert not build.ok
    assert build.elf == ""
    first, second = build.diagnostics
    assert (first.line, first.message) == (2, "'foo' was not declared in this scope")
    assert first.file.endswith("sketch.ino")
    assert "did you mean 'Serial'" in second.message
    assert any("Seral.println(1);" in line for line in second.context)


@pytest.mark.toolchain
def test_missing_header_is_named(tmp_path: Path, compile_named: Compile) -> None:
    build = compile_text("#include <NoSuchLibrary.h>\nvoid setup() {}\nvoid loop() {}\n", tmp_path, compile_named)
    assert not build.ok
    assert any("NoSuchLibrary.h: No such file" in d.message and d.line == 1 for d in build.diagnostics)


@pytest.mark.toolchain
def test_what_a_sketch_lost_is_not_found_where_it_was_built_before(tmp_path: Path, compile_named: Compile) -> None:
    (tmp_path / "sketch").mkdir()
    header = tmp_path / "sketch" / "lost.h"
    header.write_text("int lost();\n")
    text = '#include "lost.h"\nvoid setup() {}\nvoid loop() {}\n'
    assert compile_text(text, tmp_path, compile_named).ok
    header.rename(header.with_name("found.h"))
    build = compile_text(text, tmp_path, compile_named)
    assert not build.ok
    assert any("lost.h: No such file" in d.message for d in build.diagnostics)


@pytest.mark.toolchain
def test_linker_errors_are_found(tmp_path: Path, compile_named: Compile) -> None:
    build = compile_text("void absent();\nvoid setup() { absent(); }\n", tmp_path, compile_named)
    messages = {(d.message, d.line) for d in build.diagnostics}
    assert ("undefined reference to `absent()'", 2) in messages
    assert any(message.startswith("undefined reference to `loop'") for message, _ in messages)


@pytest.mark.toolchain
def test_overflow_of_ram_is_found(tmp_path: Path, compile_named: Compile) -> None:
    text = "char big[300000];\nvoid setup() { big[millis()] = 1; Serial.println(big[micros()]); }\nvoid loop() {}\n"
    build = compile_text(text, tmp_path, compile_named)
    assert not build.ok
    assert any("region `RAM' overflowed by" in d.message for d in build.diagnostics)


@pytest.mark.toolchain
def test_warm_compile_takes_under_a_second(tmp_path: Path, compile_named: Compile) -> None:
    text = "void setup() { Serial.begin(9600); }\nvoid loop() { Serial.println(%d); }\n"
    assert compile_text(text % 1, tmp_path, compile_named).ok
    seconds = []
    for n in (2, 3, 4):
        started = time.monotonic()
        assert compile_text(text % n, tmp_path, compile_named).ok
        seconds.append(time.monotonic() - started)
    assert min(seconds) < 1.0


def test_folder_without_sketch_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"it has no .*\.ino"):
        compile_sketch(tmp_path, boards()["nano33ble"], tmp_path / "build")


@pytest.mark.toolchain
def test_vendor_core_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sketch"
    folder.mkdir()
    (folder / "sketch.ino").write_text("void setup() {}\nvoid loop() {}\n")
    monkeypatch.setenv("ARDUINO_DIRECTORIES_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ARDUINO_DIRECTORIES_USER", str(tmp_path / "user"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "package_index.json").write_text('{"packages":[]}')
    (tmp_path / "data" / "library_index.json").write_text('{"libraries":[]}')
    with pytest.raises(Setup, match="arduino-cli core install arduino:mbed_nano"):
        compile_sketch(folder, boards()["nano33ble"], tmp_path / "build", core="real")


def test_failure_without_diagnostics_still_says_why() -> None:
    answer = {"success": False, "error": "text section exceeds available space in board", "compiler_err": ""}
    (diagnostic,) = read_diagnostics(answer)
    assert diagnostic.severity == "ERROR"
    assert "text section exceeds" in diagnostic.message


def test_multiple_definition_is_found() -> None:
    text = (
        "/usr/bin/ld: b/sketch/b.cpp.o: in function `model':\n"
        "/home/x/b.cpp:7: multiple definition of `model'; b/sketch/a.cpp.o:/home/x/a.cpp:3: first defined here\n"
    )
    (diagnostic,) = read_diagnostics({"success": False, "compiler_err": text})
    assert diagnostic.message == "multiple definition of `model'"
    assert (diagnostic.file, diagnostic.line) == ("/home/x/b.cpp", 7)


@pytest.mark.toolchain
def test_libraries_of_the_person_go_before_the_platforms(tmp_path: Path) -> None:
    own = tmp_path / "libraries" / "Arduino_APDS9960" / "src"
    own.mkdir(parents=True)
    (own.parent / "library.properties").write_text(
        "name=Arduino_APDS9960\nversion=9.9.9\nauthor=a\nmaintainer=a\nsentence=s\nparagraph=p\ncategory=Sensors\n"
        "url=\narchitectures=*\n"
    )
    (own / "Arduino_APDS9960.h").write_text('#define MINE "mine"\n')
    folder = tmp_path / "sketch"
    folder.mkdir()
    text = "#include <Arduino_APDS9960.h>\nvoid setup() { Serial.begin(9600); Serial.println(MINE); }\nvoid loop() {}\n"
    (folder / "sketch.ino").write_text(text)
    board = boards()["nano33ble"]
    assert not compile_sketch(folder, board, tmp_path / "build").ok
    assert compile_sketch(folder, board, tmp_path / "build", libraries=tmp_path / "libraries").ok
