"""What made a result: fingerprint of the program, and versions of the tools it leans on. No machine's name or path."""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGES = ("agents", "evals", "graph", "hw", "prompts", "tools")
_SUFFIXES = {".py", ".toml", ".jinja", ".yaml", ".txt", ".cpp", ".c", ".h", ".ld"}
_SHOWN = ("torch", "tensorflow", "tflite-micro", "bakenn", "langgraph", "xllamacpp")


def code_digest() -> str:
    """First 12 hex digits of a SHA-256 over the program's sources: the same sources, the same digest."""
    digest = hashlib.sha256()
    files = (p for package in _PACKAGES for p in (_ROOT / package).rglob("*"))
    for path in sorted(p for p in files if p.suffix in _SUFFIXES and p.is_file()):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in _SHOWN:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # an extra that is not installed cannot have mattered
            continue
    return found
