"""Secrets out of whatever is written or sent: values under telling keys, values of telling environment variables,
and strings in the shape of a key.

Not covered: data. What LangSmith may see of inputs and outputs is set by LANGSMITH_HIDE_INPUTS and _OUTPUTS.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[redacted]"
_KEYS = re.compile(r"api[_-]?key|secret|passw(or)?d|authorization|(access|auth|bearer)[_-]?token|credential", re.I)
_VARIABLES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$")
_SHAPES = re.compile(
    r"\bsk-[\w-]{16,}|\blsv2_[a-z]{2}_\w{16,}|\bgh[pousr]_\w{20,}"  # OpenAI, LangSmith, GitHub
    r"|\bAKIA[0-9A-Z]{16}\b"  # AWS
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"  # JSON web tokens
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in an address
)
_SHORTEST = 8
"""Shorter values of variables are switches ("true", "local"), and would be found everywhere."""


def redact(value: Any) -> Any:
    """A copy of plain JSON data without secrets; other objects are passed as they are."""
    return _redacted(value, _secrets())


def _secrets() -> list[str]:
    named = [v for name, v in os.environ.items() if _VARIABLES.search(name) and len(v) >= _SHORTEST]
    return sorted(named, key=len, reverse=True)  # the longer first: one may contain another


def _redacted(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return _SHAPES.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if item and isinstance(item, str) and _KEYS.search(str(key)) else _redacted(item, secrets)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(item, secrets) for item in value]
    return value
