"""What the recipe does with pictures for a camera: grey levels at the network's size, the same way as the device does.

The device takes a QQVGA frame in grey, cuts the middle out in the network's proportions and averages the pixels under
each of the network's: integers only, so that Python and C agree bit for bit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.artifacts import Augment, Clean, DataCard, Normalise, Picture, Recipe, Scale, Split
from tools.errors import BadInput
from tools.picture import FULL_HEIGHT, FULL_WIDTH, SIZES

FRAME_WIDTH, FRAME_HEIGHT = SIZES["QQVGA"]
MOST_PIXELS = 48
"""Larger side of what the network sees, where the data's pictures are larger: what fits a small board."""
FEW_LEVELS, LEVELS = 16, 255
"""Brightest grey of scikit-learn's digits, and of a camera."""


def picture_recipe(card: DataCard) -> Recipe:
    """A sensible recipe for a camera, always the same for the same card. Raises BadInput for data that are none."""
    if card.kind != "image" or card.image_shape is None:
        raise BadInput(f"a camera sees pictures, but these data are {card.kind}: give a folder of pictures per class")
    height, width, _ = card.image_shape
    scale = min(1.0, MOST_PIXELS / max(height, width))
    step = Picture(width=max(4, round(width * scale / 4) * 4), height=max(4, round(height * scale / 4) * 4))
    why = "grey pictures cost a third of coloured ones, and the camera scales them on the board"
    few = max(card.maximum) <= FEW_LEVELS
    scale_down = (Scale(factors=(FEW_LEVELS / LEVELS,)),) if few else ()
    steps = (Clean(), step, *scale_down, Normalise(method="zscore"), Augment(noise=0.1), Split())
    return Recipe(steps=steps, rationale=why)


def grey_pictures(pictures: Sequence[np.ndarray], step: Picture) -> list[NDArray[np.uint8]]:
    """(H, W, 1 or 3) levels 0 .. 255 -> (height, width, 1) grey, by ITU-R BT.601, averaged or blended to size."""
    from PIL import Image

    found = []
    for picture in pictures:
        levels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        grey = Image.fromarray(levels).convert("L") if levels.shape[2] == 3 else Image.fromarray(levels[..., 0])
        if grey.size != (step.width, step.height):
            smaller = grey.width >= step.width and grey.height >= step.height
            way = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
            grey = grey.resize((step.width, step.height), way)
        found.append(np.asarray(grey, dtype=np.uint8)[..., None])
    return found


def crop(step: Picture) -> tuple[int, int, int, int]:
    """(left, top, width, height) of the part of its frame that the device uses: the largest in proportion."""
    width = min(FRAME_WIDTH, FRAME_HEIGHT * step.width // step.height)
    height = min(FRAME_HEIGHT, FRAME_WIDTH * step.height // step.width)
    return (FRAME_WIDTH - width) // 2, (FRAME_HEIGHT - height) // 2, width, height


def device_pixels(frame: NDArray[np.uint8], step: Picture) -> NDArray[np.uint8]:
    """(120, 160) grey frame -> (height, width, 1), as tools/templates/camera.cpp.jinja computes it."""
    left, top, width, height = crop(step)
    part = frame[top : top + height, left : left + width].astype(np.uint32)
    rows = np.arange(step.height + 1) * height // step.height
    columns = np.arange(step.width + 1) * width // step.width
    sums = np.add.reduceat(np.add.reduceat(part, rows[:-1], axis=0), columns[:-1], axis=1)
    counts = (np.diff(rows)[:, None] * np.diff(columns)[None, :]).astype(np.uint32)
    return ((sums + counts // 2) // counts).astype(np.uint8)[..., None]


def before_the_lens(picture: NDArray[np.uint8], step: Picture) -> NDArray[np.uint8]:
    """The full frame (480, 640) of a scene whose middle, which the device uses, is `picture`; its edge around it."""
    left, top, width, height = (value * FULL_WIDTH // FRAME_WIDTH for value in crop(step))
    rows = np.clip((np.arange(FULL_HEIGHT) - top) * step.height // height, 0, step.height - 1)
    columns = np.clip((np.arange(FULL_WIDTH) - left) * step.width // width, 0, step.width - 1)
    shown: NDArray[np.uint8] = picture[..., 0][rows][:, columns]
    return shown
