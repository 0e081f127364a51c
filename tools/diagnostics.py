"""What arduino-cli says of a failed build, in structured form.

Covered: its own JSON (the compiler's messages), and of the text the linker's, missing headers and the size check.
"""

import re
from collections.abc import Iterator
from typing import Any

from tools.artifacts import Diagnostic

MAX_DIAGNOSTICS = 50

_LINKER = re.compile(
    r"^(?P<where>.*?)(?:: )?(?P<message>undefined reference to .*|multiple definition of [^;]*|"
    r"region `\w+' overflowed by \d+ bytes|section `[^']*' (?:will not fit in|is not within) region `\w+'|"
    r"cannot find -l\S+)"
)
_SOURCE = re.compile(r"(?P<file>[^:\s][^:]*\.(?:ino|cpp|c|h|S|cc|hpp)):(?P<line>\d+)$")
_FATAL = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): fatal error: (?P<message>.*)$")


def read_diagnostics(answer: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """Diagnostics in arduino-cli's answer (its `--json` object), those of the linker included, without duplicates.

    A failed build has at least one of severity ERROR.
    """
    result = answer.get("builder_result") or {}
    found = [_compiler_diagnostic(entry) for entry in result.get("diagnostics") or []]
    text = answer.get("compiler_err", "")
    found += list(_fatal_errors(text)) if not found else []
    found += list(_linker_diagnostics(text))
    if not answer.get("success") and not any(d.severity in ("ERROR", "FATAL") for d in found):
        message = "\n".join(filter(None, [str(answer.get("error", "")), text.strip()[-2000:]]))
        found.append(Diagnostic(severity="ERROR", message=message or "arduino-cli failed and did not say why"))
    return tuple(dict.fromkeys(found))[:MAX_DIAGNOSTICS]


def _compiler_diagnostic(entry: dict[str, Any]) -> Diagnostic:
    message, *excerpt = str(entry.get("message", "")).splitlines() or [""]
    context = [str(c.get("message", "")) for c in entry.get("context") or []]
    return Diagnostic(
        severity=str(entry.get("severity", "ERROR")),
        message=message,
        file=str(entry.get("file", "")),
        line=int(entry.get("line", 0)),
        column=int(entry.get("column", 0)),
        context=tuple(context + excerpt),
    )


def _fatal_errors(text: str) -> Iterator[Diagnostic]:
    """Missing headers are found while arduino-cli looks for libraries, and are then only in the text."""
    for line in text.splitlines():
        match = _FATAL.match(line)
        if match:
            line_number, column = int(match["line"]), int(match["column"])
            yield Diagnostic(
                severity="FATAL", message=match["message"], file=match["file"], line=line_number, column=column
            )


def _linker_diagnostics(text: str) -> Iterator[Diagnostic]:
    inside = ""
    for line in text.splitlines():
        if "in function" in line and line.endswith(":"):
            inside = line.rsplit(": ", 1)[-1].rstrip(":")
        match = _LINKER.match(line)
        if match is None:
            continue
        place = _SOURCE.search(match["where"].removesuffix(":"))
        yield Diagnostic(
            severity="ERROR",
            message=match["message"],
            file=place["file"] if place else "",
            line=int(place["line"]) if place else 0,
            context=(inside,) if inside else (),
        )
