"""The on-device part of a recipe, twice: in Python and, from the same steps, as C; and its inverse for stimuli.

Both compute in float32, in the same order of operations, so device and training see the same numbers (a compiler
that contracts a multiplication and a subtraction may differ in the last bit).
"""

import re
from collections.abc import Sequence

import numpy as np

from hw.board import Sensor
from tools.artifacts import Clip, Normalise, Ratio, Recipe, Scale
from tools.channels import sensor_channels

DeviceStep = Ratio | Scale | Clip | Normalise

CLEAR_LEVEL = 4000.0
"""Counts that the channels of a colour sensor add up to in stimuli made from ratios: a lit desk on an APDS9960."""


def device_steps(recipe: Recipe) -> tuple[DeviceStep, ...]:
    """The steps the device runs on each reading, in order."""
    steps = tuple(step for step in recipe.steps if isinstance(step, Ratio | Scale | Clip | Normalise))
    return tuple(step for step in steps if not (isinstance(step, Normalise) and step.method == "none"))


def _fitted(steps: Sequence[DeviceStep]) -> Sequence[DeviceStep]:
    for step in steps:
        if isinstance(step, Normalise) and not (step.offset and step.gain):
            raise ValueError("the recipe's normalise step has no fitted values: use the recipe of Prepared")
    return steps


def data_steps(recipe: Recipe) -> tuple[DeviceStep, ...]:
    """The same chain for data, which already are in their own unit: without what only the device has to do."""
    return tuple(
        step
        for step in device_steps(recipe)
        if not (isinstance(step, Scale) or (isinstance(step, Ratio) and step.in_data))
    )


def apply_steps(values: np.ndarray, steps: Sequence[DeviceStep]) -> np.ndarray:
    """Run steps on `values` (..., C); float32 throughout, the same shape out."""
    out = np.asarray(values, dtype=np.float32)
    for step in _fitted(steps):
        out = _apply(out, step)
    return out


def device_features(readings: np.ndarray, recipe: Recipe) -> np.ndarray:
    """What the device feeds its network: (..., C) raw readings in the sensor library's units -> float32 features."""
    return apply_steps(readings, device_steps(recipe))


def _apply(values: np.ndarray, step: DeviceStep) -> np.ndarray:
    if isinstance(step, Ratio):
        total = np.zeros(values.shape[:-1], dtype=np.float32)
        for channel in range(values.shape[-1]):  # one by one, as the C code adds
            total = total + values[..., channel]
        lit = total > 0
        shares = values / np.where(lit, total, np.float32(1))[..., None]
        return np.where(lit[..., None], shares, np.float32(0)).astype(np.float32)
    if isinstance(step, Scale):
        return values * _constants(step.factors)
    if isinstance(step, Clip):
        low, high = _constants(step.low), _constants(step.high)
        values = np.where(values > low, values, low)  # in this form NaN becomes `low`, in C as well
        return np.where(values < high, values, high)
    return (values - _constants(step.offset)) * _constants(step.gain)


def _constants(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def features_c(recipe: Recipe, channels: Sequence[str]) -> str:
    """C99 (also C++) source, to be included once: `features_apply` turns the values of one reading into features.

    Do not keep it under the name features.h on an include path of the host: the C library has a header of that name.
    Raises ValueError for a recipe that was not run, whose `normalise` has no values yet.
    """
    steps = _fitted(device_steps(recipe))
    parts = [_c_step(step) for step in steps]
    constants = "".join(constant for constant, _ in parts)
    code = "".join(body for _, body in parts)
    return f"""#ifndef FEATURES_H
#define FEATURES_H

/* One reading -> the network's input, as in training. Channels: {_listed(channels)}. */

#define FEATURES_CHANNELS {len(channels)}
{constants}
static inline void features_apply(const float *reading, float *out) {{
  for (int i = 0; i < FEATURES_CHANNELS; i++) out[i] = reading[i];
{code}}}

#endif
"""


def _listed(channels: Sequence[str]) -> str:
    # Names come from headers of people's files: nothing in them may end the comment.
    plain = [re.sub(r"[^\w.]", "_", name, flags=re.ASCII)[:40] for name in channels[:16]]
    return ", ".join(plain) + (", ..." if len(channels) > 16 else "")


def _c_step(step: DeviceStep) -> tuple[str, str]:
    """Constants and code of one step."""
    if isinstance(step, Ratio):
        return "", (
            "  /* Shares of the sum; a dark reading has none. */\n"
            "  float sum = 0.0f;\n"
            "  for (int i = 0; i < FEATURES_CHANNELS; i++) sum += out[i];\n"
            "  for (int i = 0; i < FEATURES_CHANNELS; i++) out[i] = sum > 0.0f ? out[i] / sum : 0.0f;\n"
        )
    if isinstance(step, Scale):
        return _c_array("FEATURES_SCALE", step.factors, "from the sensor's unit to the data's"), (
            "  for (int i = 0; i < FEATURES_CHANNELS; i++) out[i] *= FEATURES_SCALE[i];\n"
        )
    if isinstance(step, Clip):
        low = _c_array("FEATURES_LOW", step.low, "what the sensor can deliver at most, in the data's unit")
        return low + _c_array("FEATURES_HIGH", step.high, ""), (
            "  for (int i = 0; i < FEATURES_CHANNELS; i++) {\n"
            "    out[i] = out[i] > FEATURES_LOW[i] ? out[i] : FEATURES_LOW[i];\n"
            "    out[i] = out[i] < FEATURES_HIGH[i] ? out[i] : FEATURES_HIGH[i];\n"
            "  }\n"
        )
    offset = _c_array("FEATURES_OFFSET", step.offset, f"{step.method}, fitted on the training data")
    return offset + _c_array("FEATURES_GAIN", step.gain, ""), (
        "  for (int i = 0; i < FEATURES_CHANNELS; i++) out[i] = (out[i] - FEATURES_OFFSET[i]) * FEATURES_GAIN[i];\n"
    )


def _c_array(name: str, values: Sequence[float], comment: str) -> str:
    note = f"/* {comment} */\n" if comment else ""
    return f"{note}static const float {name}[FEATURES_CHANNELS] = {{{', '.join(map(c_float, values))}}};\n"


def c_float(value: float) -> str:
    """A C float literal that reads back as exactly the float32 nearest to `value`."""
    text = np.format_float_scientific(np.float32(value), unique=True, trim="0")
    if 1e-4 <= abs(value) < 1e6 or value == 0:
        text = np.format_float_positional(np.float32(value), unique=True, trim="0")
    return text + "f"


def sensor_readings(
    samples: np.ndarray, recipe: Recipe, sensor: Sensor, channels: Sequence[str] | None = None
) -> np.ndarray:
    """What the sensor would have to deliver for `samples` (..., C) in data units: float64 in the library's units.

    Undoes Scale and a device-only Ratio, rounds counts, and keeps within the sensor's limits. `channels` are the data's
    (default: the sensor's own order). Feeding the result to `device_features` gives the features of `samples`.
    """
    out = np.asarray(samples, dtype=np.float64)
    for step in reversed(device_steps(recipe)):
        if isinstance(step, Scale):
            out = out / np.asarray(step.factors)
        elif isinstance(step, Ratio) and step.in_data:
            out = np.rint(out * CLEAR_LEVEL)
    at = sensor_channels(channels, sensor) if channels else tuple(range(len(sensor.channels)))
    if len(at) != out.shape[-1]:  # a sensor without fixed channels delivers whatever is sent
        return out
    facts = [sensor.channels[i] for i in at]
    out = np.where([fact.unit == "count" for fact in facts], np.rint(out), out)
    return np.clip(out, [fact.low for fact in facts], [fact.high for fact in facts])
