"""The run folder: atomic writes, hashes, and one clear line when the disk is full."""

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel

from tools.errors import BadInput

M = TypeVar("M", bound=BaseModel)


@contextmanager
def _told_when_full(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BadInput(
                f"no space left on the device that holds {path.parent}: free some, then resume; "
                "what was finished is kept"
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
            raise BadInput(f"cannot write {path}: {error.strerror}; choose another folder with --out") from error
        raise


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path` so that readers see the old file or the whole new one."""
    with _told_when_full(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return path


def write_text(path: Path, content: str) -> Path:
    """Write UTF-8 text atomically."""
    return write_bytes(path, content.encode())


def write_json(path: Path, value: BaseModel | dict[str, Any] | list[Any]) -> Path:
    """Write a model or plain JSON value atomically, indented for people."""
    text = value.model_dump_json(indent=2) if isinstance(value, BaseModel) else json.dumps(value, indent=2)
    return write_text(path, text + "\n")


def write_arrays(path: Path, **arrays: np.ndarray) -> Path:
    """Write a compressed .npz atomically."""
    import io

    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return write_bytes(path, buffer.getvalue())


def read_model(path: Path, model: type[M]) -> M:
    """Read one artefact back; a missing or damaged file is a BadInput that names it."""
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise BadInput(f"{path} is not there: is this a tinysmith run folder?") from error
    except ValueError as error:
        first = str(error).splitlines()[0]
        raise BadInput(f"{path} is not a readable {model.__name__}: {first}") from error


def append_line(path: Path, line: str) -> None:
    """Append one line to a log; a single write, so that concurrent writers do not mix.

    A line that a full disk cut off stays a line of its own: it does not spoil the next one.
    """
    with _told_when_full(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else "\n" + line
            file.write((line + "\n").encode())


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def content_hash(value: BaseModel | dict[str, Any] | list[Any]) -> str:
    """First 16 hex digits of the SHA-256 of a value's canonical JSON: the identity of an artefact."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
