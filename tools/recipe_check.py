"""Whether a recipe makes sense for a data set: the data agent is told in one sentence where it does not."""

import math
from collections.abc import Sequence

from tools.artifacts import Augment, Clip, DataCard, Recipe, Step
from tools.errors import Fixable
from tools.spectrogram import empty_bands

ORDER = (
    "clean", "picture", "ratio", "scale", "clip", "resample", "spectrogram", "window", "normalise", "augment", "split",
)  # fmt: skip
"""The one order in which the steps make sense: units before limits, limits before statistics."""

MOST_SIDE = 96
"""Pixels of a picture: fewer than the part of its frame that the camera's board cuts out."""


def in_order(recipe: Recipe) -> Recipe:
    """The same steps in ORDER."""
    return recipe.model_copy(update={"steps": tuple(sorted(recipe.steps, key=lambda step: ORDER.index(step.step)))})


def with_augment(recipe: Recipe, augment: Augment) -> Recipe:
    """The recipe with this augmentation in place of its own."""
    rest = tuple(step for step in recipe.steps if not isinstance(step, Augment))
    return in_order(recipe.model_copy(update={"steps": (*rest, augment)}))


def check_recipe(recipe: Recipe, card: DataCard) -> None:
    """Raise Fixable, with a sentence that says what would be right, when the steps make no sense for the data."""
    steps = recipe.steps
    names: list[str] = [step.step for step in steps]
    for name in ORDER:
        _demand(names.count(name) <= 1, f"the step `{name}` occurs {names.count(name)} times: use it once")
    _demand("split" in names, "there is no step `split`: without it nothing can be validated or tested")
    _demand(names == sorted(names, key=ORDER.index), f"the steps stand in the wrong order: {', '.join(ORDER)} is right")
    if card.kind in ("series", "audio"):
        _demand("window" in names, "there is no step `window`: recordings must be cut into windows of one size")
    _check_sound(recipe, card)
    cleaned = any(step.step == "clean" and step.drop_missing for step in steps)
    _demand(cleaned or not card.missing, f"{card.missing} values are missing: add `clean` with drop_missing true")
    rate = card.sample_rate_hz
    for step in steps:
        _check_step(step, card, rate, _width(recipe, card))
        rate = step.rate_hz if step.step == "resample" else rate


def _demand(right: bool, sentence: str) -> None:
    if not right:
        raise Fixable(sentence)


def _width(recipe: Recipe, card: DataCard) -> int:
    """Channels of the features."""
    for step in recipe.steps:
        if step.step in ("spectrogram", "picture"):
            return step.bands if step.step == "spectrogram" else 1
    return len(card.channels)


def _check_step(step: Step, card: DataCard, rate: float | None, width: int) -> None:
    if step.step == "ratio":
        _check_ratio(step.in_data, card)
    elif step.step == "scale":
        _per_channel("scale", step.factors, width)
        _demand(all(f != 0 for f in step.factors), "a factor of `scale` is 0: that would erase the channel")
    elif step.step == "clip":
        _check_clip(step, card, width)
    elif step.step == "resample":
        _demand(
            card.kind in ("series", "audio"),
            f"`resample` is for recordings, but these data are {card.kind}: leave it out",
        )
        known = card.sample_rate_hz or 0.0
        _demand(known > 0, "the rate of these recordings is not known, so `resample` cannot be used: leave it out")
        _demand(0 < step.rate_hz <= 4 * known, f"`resample` to {step.rate_hz:g} Hz: use at most 4 x {known:g} Hz")
    elif step.step == "window":
        _check_window(step.size, step.stride, card, rate)
    elif step.step == "normalise" and (step.offset or step.gain):
        _per_channel("normalise", step.offset, width)
        _per_channel("normalise", step.gain, width)
    elif step.step == "picture":
        _demand(card.kind == "image", f"`picture` is for pictures, but these data are {card.kind}: leave it out")
        right = 4 <= step.width <= MOST_SIDE and 4 <= step.height <= MOST_SIDE
        _demand(right, f"`picture` of {step.width} x {step.height} pixels: use 4 to {MOST_SIDE} each way")
    elif step.step == "augment":
        _demand(0 <= step.noise <= 1, f"`augment` noise {step.noise:g}: use 0 to 1 (normalised units)")
        _demand(0 <= step.gain <= 0.5, f"`augment` gain {step.gain:g}: use 0 to 0.5")
    elif step.step == "split":
        for part, share in (("validation", step.validation), ("test", step.test)):
            _demand(0.05 <= share <= 0.4, f"`split` gives {part} a share of {share:g}: use 0.05 to 0.4")


def _check_sound(recipe: Recipe, card: DataCard) -> None:
    step = next((step for step in recipe.steps if step.step == "spectrogram"), None)
    if card.kind != "audio":
        _demand(step is None, f"`spectrogram` is for sound, but these data are {card.kind}: leave it out")
        return
    if step is None:
        raise Fixable("there is no step `spectrogram`: a network cannot hear raw sound")
    rate = next((step.rate_hz for step in recipe.steps if step.step == "resample"), card.sample_rate_hz or 0.0)
    _demand(rate == step.rate_hz, f"`spectrogram` at {step.rate_hz} Hz of sound at {rate:g} Hz: use `resample` before")
    _demand(8 <= step.frame_ms <= 128, f"`spectrogram` frame of {step.frame_ms} ms: use 8 to 128")
    _demand(4 <= step.hop_ms <= step.frame_ms, f"`spectrogram` hop of {step.hop_ms} ms: use 4 to the frame's length")
    _demand(4 <= step.bands <= 40, f"`spectrogram` of {step.bands} bands: use 4 to 40")
    _demand(
        0 < step.low_hz < step.high_hz <= step.rate_hz / 2,
        f"`spectrogram` from {step.low_hz:g} to {step.high_hz:g} Hz: use frequencies up to {step.rate_hz / 2:g}",
    )
    _demand(step.floor > 0, "`spectrogram` floor must be above 0")
    _demand(not empty_bands(step), f"{step.bands} bands are too narrow for frames of {step.frame_ms} ms: use fewer")


def _check_ratio(in_data: bool, card: DataCard) -> None:
    _demand(card.kind == "tabular" and len(card.channels) > 1, "`ratio` is for readings of two or more channels")
    _demand(min(card.minimum, default=0.0) >= 0, "`ratio` needs readings that are never negative: leave it out")
    _demand(
        in_data == card.rows_sum_to_one,
        "the rows of the data already add up to 1: set in_data of `ratio` to true"
        if card.rows_sum_to_one
        else "the rows of the data do not add up to 1: set in_data of `ratio` to false",
    )


def _check_clip(step: Clip, card: DataCard, width: int) -> None:
    _per_channel("clip", step.low, width)
    _per_channel("clip", step.high, width)
    for name, low, high in zip(card.channels, step.low, step.high, strict=True):
        _demand(low < high, f"`clip` of {name}: low {low:g} is not below high {high:g}")


def check_clip_of_data(clip: Clip, share: Sequence[float], channels: Sequence[str]) -> None:
    """Raise Fixable when limits flatten a channel: `share` is the part of its values that lie outside, per channel."""
    for name, low, high, outside in zip(channels, clip.low, clip.high, share, strict=True):
        _demand(
            outside <= 0.5,
            f"`clip` of {name} to {low:g}..{high:g} would flatten {outside:.0%} of the data: give limits in its unit",
        )


def _per_channel(name: str, values: tuple[float, ...], wanted: int) -> None:
    _demand(len(values) == wanted, f"`{name}` has {len(values)} values for {wanted} channels: give one per channel")
    _demand(all(math.isfinite(value) for value in values), f"`{name}` has a value that is not finite")


def _check_window(size: int, stride: int, card: DataCard, rate: float | None) -> None:
    right = card.kind in ("series", "audio")
    _demand(right, f"`window` is for recordings, but these data are {card.kind}: leave it out")
    shortest = (card.recording_samples or (0, 0))[0]
    if card.sample_rate_hz and rate:
        shortest = resampled_length(shortest, card.sample_rate_hz, rate)
    _demand(size >= 2, f"`window` of {size} samples: use at least 2")
    # Sound that is shorter than a window lies in silence.
    _demand(
        size <= shortest or card.kind == "audio",
        f"`window` of {size} samples, but the shortest recording has {shortest}: use at most that",
    )
    _demand(1 <= stride <= size, f"`window` stride {stride}: use 1 to the window's size, {size}")


def resampled_length(samples: int, from_hz: float, to_hz: float) -> int:
    """Samples of a recording after linear resampling over the same span of time."""
    return samples if from_hz == to_hz else int((samples - 1) * to_hz / from_hz + 1e-6) + 1
