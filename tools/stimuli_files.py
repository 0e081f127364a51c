"""The sound and picture files that stimuli name: found, checked and turned into what the emulated board reads."""

from pathlib import Path

from tools.errors import BadInput
from tools.files import read_file
from tools.picture import full_frame
from tools.sound import read_wav, resampled, to_int16

SOUND_HZ = 16_000
"""Rate of the clips: that of the PDM library; as emulated_microphone.cpp reads them."""
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_TOTAL_BYTES = 512 * 1024 * 1024
"""Of all converted files of a run: over four hours of sound, or five hundred pictures."""


class Shelf:
    """Files are read once, however often they are named; `folder` is where relative names start."""

    def __init__(self, folder: Path) -> None:
        self.clips: list[bytes] = []
        self.pictures: list[bytes] = []
        self._folder = folder
        self._known: dict[tuple[str, str], int] = {}

    def clip(self, name: str, where: str) -> int:
        """Index of the sound of a WAV file. Raises BadInput that begins with `where`."""
        return self._index("audio", name, where)

    def picture(self, name: str, where: str) -> int:
        """Index of the picture of an image file. Raises BadInput that begins with `where`."""
        return self._index("camera", name, where)

    def _index(self, kind: str, name: str, where: str) -> int:
        shelf = self.clips if kind == "audio" else self.pictures
        if (kind, name) not in self._known:
            try:
                content = self._read(name)
                shelf.append(_sound(content, name) if kind == "audio" else full_frame(content, name).tobytes())
            except BadInput as error:
                raise BadInput(f"{where}: {error}") from error
            if sum(map(len, self.clips)) + sum(map(len, self.pictures)) > MAX_TOTAL_BYTES:
                raise BadInput(f"{where}: all sound and pictures together are over {MAX_TOTAL_BYTES >> 20} MiB")
            self._known[kind, name] = len(shelf) - 1
        return self._known[kind, name]

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        try:
            there = path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            there = False
        if not there:
            raise BadInput(f"the file {name} is not there (names are relative to the CSV)")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise BadInput(f"{name} has {size / 1e6:.0f} MB: at most {MAX_FILE_BYTES >> 20} MiB are read")
        return read_file(path)


def _sound(content: bytes, name: str) -> bytes:
    samples, rate = read_wav(content, name)
    return to_int16(resampled(samples, rate, SOUND_HZ)).astype("<i2").tobytes()
