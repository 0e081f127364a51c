"""A failed build in words: the compiler's messages with the line they are about, and what the linker's mean."""

import re
from collections.abc import Sequence
from pathlib import Path

from tools.artifacts import Build, Diagnostic

_MOST = 3
"""What comes after the first few errors mostly follows from them."""
_PLAIN_QUOTES = str.maketrans("‘’", "''")
"""Compilers quote as the locale does."""
_ERRORS = ("error", "fatal", "fatal error")
_LINKER = (
    (r"undefined reference to [`'](?P<name>.+)'", "{name} is used but defined nowhere"),
    (r"multiple definition of [`'](?P<name>.+)'", "{name} is defined twice: one of that name is in the sketch already"),
    (
        r"region [`'](?P<name>\w+)' overflowed by (?P<bytes>\d+) bytes",
        "the firmware is {bytes} bytes too large for the memory {name}",
    ),
    (
        r"section [`'](?P<name>[^']+)' (?:will not fit in|is not within) region [`'](?P<where>\w+)'",
        "the section {name} does not fit into the memory {where}",
    ),
)
_TOO_LARGE = re.compile(
    r"overflowed by|will not fit in region|is not within region|exceeds available space|the firmware takes \d+ bytes"
)


def explain(build: Build, app_h: Path) -> str:
    """What is wrong with a build that failed, for people and models; `app_h` is the file that was drafted."""
    lines = app_h.read_text().splitlines() if app_h.is_file() else []
    told = dict.fromkeys(_told(error, lines) for error in _errors(build))
    return "; ".join(list(told)[:_MOST]) or "it does not compile"


def too_large(build: Build) -> bool:
    """Whether a build failed because the firmware does not fit the board."""
    return not build.ok and any(_TOO_LARGE.search(error.message) for error in _errors(build))


def _errors(build: Build) -> list[Diagnostic]:
    return [d for d in build.diagnostics if d.severity.lower() in _ERRORS]


def _told(error: Diagnostic, lines: Sequence[str]) -> str:
    words = next(
        (_filled(found, said) for pattern, said in _LINKER if (found := re.search(pattern, error.message))), ""
    )
    here = error.file.endswith("app.h") and 0 < error.line <= len(lines)
    where = lines[error.line - 1].strip() if here else ""
    inside = f" in {error.context[0].strip('`')}" if words and error.context and not where else ""
    message = error.message.translate(_PLAIN_QUOTES)
    return f"{words or message}{inside}" + (f" in the line `{where}`" if where else "")


def _filled(found: "re.Match[str]", said: str) -> str:
    return said.format(**found.groupdict())
