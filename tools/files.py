"""The files of a data set: a folder or a .zip, read the same way."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tools.errors import BadInput

MAX_UNPACKED_BYTES = 8 << 30
"""Of a .zip: more than any microcontroller's data set, less than what fills a laptop's memory by mistake."""


@dataclass(frozen=True)
class DataFile:
    """One file: its path relative to the source, and how to read its bytes (raises BadInput)."""

    path: PurePosixPath
    read: Callable[[], bytes]

    @property
    def suffix(self) -> str:
        """Extension in lower case, with the dot."""
        return self.path.suffix.lower()


def _hidden(path: PurePosixPath) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


@contextmanager
def data_files(source: Path) -> Iterator[list[DataFile]]:
    """The files of a folder or .zip, sorted by path, hidden ones left out. Raises BadInput when it cannot be read."""
    if source.is_dir():
        try:
            found = [path for path in sorted(source.rglob("*")) if path.is_file()]
        except OSError as error:
            raise BadInput(f"cannot read {source}: {error.strerror}") from error
        relative = [(path, PurePosixPath(path.relative_to(source).as_posix())) for path in found]
        yield [DataFile(name, _reader(path)) for path, name in relative if not _hidden(name)]
        return
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise BadInput(f"{source} is not a readable .zip: {error}") from error
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
            raise BadInput(f"{source} unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB: give a smaller data set")
        named = sorted((PurePosixPath(info.filename), info) for info in infos)
        yield [DataFile(name, _member(archive, info, source)) for name, info in named if not _hidden(name)]


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        return read_file(path)

    return read


def read_file(path: Path) -> bytes:
    """Bytes of a file; BadInput when it is not there or may not be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return archive.read(info)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError) as error:
            raise BadInput(f"cannot read {info.filename} in {source}: {error}") from error

    return read
