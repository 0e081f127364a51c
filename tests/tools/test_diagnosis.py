"""Failed builds in words: the real compiler's and linker's, for the boards' two tool chains."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hw.board import boards
from tools.artifacts import Build, Diagnostic
from tools.compile import compile_sketch
from tools.diagnosis import explain, too_large

MAIN = '#include "app.h"\nvoid setup() { onStart(); }\nvoid loop() {}\n'


@pytest.fixture(scope="module")
def fails(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Build, str]]:
    """Compiles a sketch with this app.h: (build, what is wrong)."""
    root = tmp_path_factory.mktemp("diagnosis")

    def compiled(app: str, board: str = "nano33ble", **files: str) -> tuple[Build, str]:
        folder = root / board / "sketch"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {"sketch.ino": MAIN, "app.h": app, "other.cpp": files.get("other", "")}.items():
            (folder / name).write_text(text)
        build = compile_sketch(folder, boards()[board], root / board / "build")
        assert not build.ok
        assert all(isinstance(d, Diagnostic) for d in build.diagnostics)
        return build, explain(build, folder / "app.h")

    return compiled


@pytest.mark.toolchain
@pytest.mark.parametrize("board", ["nano33ble", "uno"])
def test_undefined_reference(fails: Callable[..., tuple[Build, str]], board: str) -> None:
    build, told = fails("void fadeLed(int led);\ninline void onStart() { fadeLed(1); }\n", board)
    assert any("undefined reference to `fadeLed" in d.message for d in build.diagnostics)
    assert told.startswith("fadeLed(int) is used but defined nowhere")
    assert not too_large(build)


@pytest.mark.toolchain
@pytest.mark.parametrize("board", ["nano33ble", "uno"])
def test_multiple_definition(fails: Callable[..., tuple[Build, str]], board: str) -> None:
    build, told = fails(
        "int total = millis();\ninline void onStart() { total++; }\n",
        board,
        other="int total = 3;\nint *p() { return &total; }\n",
    )
    assert any(d.message == "multiple definition of `total'" for d in build.diagnostics)
    assert "total is defined twice: one of that name is in the sketch already" in told


@pytest.mark.toolchain
@pytest.mark.parametrize(("board", "memory"), [("nano33ble", "FLASH"), ("uno", "text")])
def test_overflow_of_flash(fails: Callable[..., tuple[Build, str]], board: str, memory: str) -> None:
    size = boards()[board].flash_bytes + 5000
    blocks = -(-size // 20000)
    tables = "".join(f"const unsigned char PROGMEM table{k}[20000] = {{ 1, 2, 3 }};\n" for k in range(blocks))
    uses = "".join(f"  Serial.println((unsigned long)&table{k}[millis() % 20000]);\n" for k in range(blocks))
    build, told = fails(f"#include <Arduino.h>\n{tables}inline void onStart() {{\n{uses}}}\n", board)
    assert too_large(build), build.diagnostics
    assert memory in told or "bytes of flash" in told
    assert any(word.isdigit() for word in told.split()) or "exceeds available space" in told


@pytest.mark.toolchain
def test_the_line_that_a_message_is_about(fails: Callable[..., tuple[Build, str]]) -> None:
    _, told = fails("#include <Arduino.h>\ninline void onStart() {\n  setLight(3, true);\n}\n")
    assert told == "'setLight' was not declared in this scope in the line `setLight(3, true);`"


def test_few_are_told_and_each_once() -> None:
    same = Diagnostic(severity="ERROR", message="'x' was not declared in this scope", file="a/app.h", line=99)
    others = tuple(Diagnostic(severity="ERROR", message=f"error {k}") for k in range(9))
    build = Build(ok=False, fqbn="", core="emulated", diagnostics=(same, same, *others))
    assert explain(build, Path("nowhere/app.h")) == "'x' was not declared in this scope; error 0; error 1"
    assert explain(build.model_copy(update={"diagnostics": ()}), Path("nowhere")) == "it does not compile"
