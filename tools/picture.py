"""Pictures as a camera sees them: any picture file -> the full frame of the emulated sensor -> what it delivers."""

import io

import numpy as np
from numpy.typing import NDArray

from tools.errors import BadInput

FULL_WIDTH, FULL_HEIGHT = 640, 480
"""Pixels of the OV7670's full frame, as emulated_camera.cpp reads them."""
MAX_PIXELS = 50_000_000
SIZES = {"VGA": (640, 480), "CIF": (352, 240), "QVGA": (320, 240), "QCIF": (176, 144), "QQVGA": (160, 120)}
"""(width, height) that Arduino_OV767X offers."""


def full_frame(content: bytes, name: str) -> NDArray[np.uint8]:
    """(480, 640, 3) RGB: the picture scaled to fill the frame, what sticks out cut off evenly.

    Raises BadInput naming the file for what is no readable picture.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise BadInput(f"{name} has {opened.width}x{opened.height} pixels: give a smaller picture")
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith("I;16"):
                picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
            if picture.size != (FULL_WIDTH, FULL_HEIGHT):
                picture = ImageOps.fit(picture.convert("RGB"), (FULL_WIDTH, FULL_HEIGHT), Image.Resampling.BILINEAR)
            return np.asarray(picture.convert("RGB"), dtype=np.uint8)
    except UnidentifiedImageError as error:
        raise BadInput(f"{name} is not a readable picture: give PNG, JPEG or another common format") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput(f"{name} is not a readable picture: {' '.join(str(error).split())}") from error


def camera_frame(frame: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """(height, width) grey levels that the emulated camera delivers of a full frame, bit for bit.

    Its scaler averages the pixels under each of the smaller ones; grey is the luma of ITU-R BT.601, full range.
    """
    rows = np.arange(height + 1) * FULL_HEIGHT // height
    columns = np.arange(width + 1) * FULL_WIDTH // width
    sums = np.add.reduceat(np.add.reduceat(frame.astype(np.uint32), rows[:-1], axis=0), columns[:-1], axis=1)
    counts = (np.diff(rows)[:, None] * np.diff(columns)[None, :])[..., None].astype(np.uint32)
    rgb = (sums + counts // 2) // counts
    return ((rgb @ np.array([19595, 38470, 7471], dtype=np.uint32) + 32768) >> 16).astype(np.uint8)
