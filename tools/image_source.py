"""Pictures in one folder per class, or a .zip of them -> labelled samples."""

import io
from collections.abc import Sequence

import numpy as np

from tools.errors import BadInput
from tools.files import DataFile
from tools.progress import report
from tools.samples import Samples

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff", ".webp"))


def image_samples(files: Sequence[DataFile], image_size: tuple[int, int] | None) -> Samples:
    """Pictures as uint8 (H, W, C); the class is the name of the folder, so train/cat and test/cat are one class.

    Greyscale where all are, else RGB. With `image_size` (height, width) they are scaled, else all must have one size.
    Raises BadInput naming a file which is no picture, lies in no folder, or differs in size.
    """
    loose = [file for file in files if not file.path.parent.name]
    if loose:
        raise BadInput(f"{loose[0].path} lies in no class folder: put the pictures into one folder per class")
    pictures = []
    for i, file in enumerate(files):
        pictures.append(_read(file, image_size))
        if i % 2000 == 1999:
            report("data", "reading pictures", i + 1, len(files))
    if any(picture.shape[2] == 3 for picture in pictures):
        pictures = [np.repeat(p, 3, axis=2) if p.shape[2] == 1 else p for p in pictures]
    first = pictures[0]
    for file, picture in zip(files, pictures, strict=True):
        if picture.shape != first.shape:
            raise BadInput(
                f"pictures of mixed sizes: {files[0].path} is {first.shape[1]}x{first.shape[0]}, {file.path} is "
                f"{picture.shape[1]}x{picture.shape[0]} pixels; scale all to one size, small enough for the board"
            )
    out = Samples("image", pictures, [file.path.parent.name for file in files], _names(first.shape[2]))
    outer = {file.path.parent.parent.as_posix() for file in files}
    if len(outer) > 1:
        out.notes.append(f"joined the folders {', '.join(sorted(outer)[:4])}; the split is made anew")
    return out


def _names(channels: int) -> tuple[str, ...]:
    return ("grey",) if channels == 1 else ("red", "green", "blue")


def _read(file: DataFile, size: tuple[int, int] | None) -> np.ndarray:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(file.read())) as opened:
            picture = ImageOps.exif_transpose(opened)
            if size is not None:
                picture = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
            if picture.mode.startswith("I;16"):
                return (np.asarray(picture) >> 8).astype(np.uint8)[..., None]
            grey = picture.mode in ("1", "L", "LA")
            pixels = np.asarray(picture.convert("L" if grey else "RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput(f"{file.path} is not a readable picture: {error}") from error
    return pixels[..., None] if grey else pixels
