"""Names and units of channels: from the headers people write to the names of hw/sensors."""

import math
import re
from collections.abc import Sequence

import numpy as np

from hw.board import Sensor
from tools.errors import BadInput

# The one table: what a column may be called (lower case, letters and digits only; `*` stands for x, y or z).
_ALIASES: dict[str, tuple[str, ...]] = {
    "color.r": ("r", "red", "colorr", "colorred", "colourr", "colourred"),
    "color.g": ("g", "green", "colorg", "colorgreen", "colourg", "colourgreen"),
    "color.b": ("b", "blue", "colorb", "colorblue", "colourb", "colourblue"),
    "color.c": ("c", "clear", "ambient", "colorc", "colorclear", "colourc", "colourclear"),
    "accel.*": ("a*", "acc*", "accel*", "acceleration*", "accelerometer*", "useracceleration*", "*acc", "*accel"),
    "gyro.*": ("g*", "gyr*", "gyro*", "gyroscope*", "rotationrate*", "*gyr", "*gyro"),
    "mag.*": ("m*", "mag*", "magnetometer*", "magnet*", "*mag"),
    "proximity": ("proximity", "prox"),
}

_UNITS: dict[str, tuple[str, ...]] = {
    "g": ("g",),
    "m/s^2": ("m/s^2", "m/s2", "m/s²", "ms2", "ms^-2", "m/s/s", "mps2"),
    "deg/s": ("deg/s", "dps", "°/s", "degs"),
    "rad/s": ("rad/s", "rads", "rps"),
    "uT": ("ut", "µt", "microtesla"),
    "count": ("count", "counts"),
}

STANDARD_GRAVITY = 9.80665
"""m/s^2; BIPM, The International System of Units, 3rd CGPM resolution 2."""

_FACTORS: dict[tuple[str, str], float] = {
    ("g", "m/s^2"): STANDARD_GRAVITY,
    ("deg/s", "rad/s"): math.pi / 180.0,
}


def _lookup() -> dict[str, str]:
    table: dict[str, str] = {}
    for name, aliases in _ALIASES.items():
        for axis in "xyz" if "*" in name else "*":
            for alias in aliases:
                table[alias.replace("*", axis)] = name.replace("*", axis)
    return table


_NAMES = _lookup()


def channel_names(columns: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names as in hw/sensors where they can be told, else the header's own, and the units that headers state.

    A unit is read from brackets: `accX [m/s^2]`, `gyro x (dps)`; "" where none is stated. Single letters r, g, b
    count as colours only when all three are there, and bare x, y, z as acceleration likewise.
    """
    bare, units = zip(*(_split_unit(column) for column in columns), strict=True) if columns else ((), ())
    keys = [re.sub(r"[^a-z0-9]", "", column.lower()) for column in bare]
    if {"x", "y", "z"} <= set(keys):
        keys = [f"acc{key}" if key in ("x", "y", "z") else key for key in keys]
    found = [_NAMES.get(key, "") for key in keys]
    if not {"color.r", "color.g", "color.b"} <= set(found):
        found = ["" if name.startswith("color.") else name for name in found]
    names = [name or own.strip() for name, own in zip(found, bare, strict=True)]
    if len(set(names)) < len(names):  # two columns that read alike: keep the header's own words
        names = [column.strip() for column in columns]
    return tuple(names), tuple(units)


def _split_unit(column: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*?)\s*[\[(]([^\])]*)[\])]\s*", column)
    if match is None or not match[1]:
        return column, ""
    stated = match[2].strip().lower().replace(" ", "")
    unit = next((unit for unit, spellings in _UNITS.items() if stated in spellings), "")
    return (match[1], unit) if unit else (column, "")


def guess_units(
    names: Sequence[str], stated: Sequence[str], rows: np.ndarray, sums_to_one: bool
) -> tuple[tuple[str, ...], list[str]]:
    """Units per channel, and the assumptions made, as sentences.

    `rows` is (N, C). A resting accelerometer reads its own gravity, so the length of the mean acceleration tells g
    (about 1) from m/s^2 (about 9.8). Where it tells neither, values beyond 16, the widest range of common sensors
    in g, can only be m/s^2.
    """
    units = list(stated)
    notes: list[str] = []
    for i, name in enumerate(names):
        if name.startswith("color.") and not units[i]:
            units[i] = "ratio" if sums_to_one else "count"
    accel = [i for i, name in enumerate(names) if name.startswith("accel.")]
    gyro = [i for i, name in enumerate(names) if name.startswith("gyro.")]
    if accel and not any(units[i] for i in accel):
        unit, why = _accel_unit(rows[:, accel])
        notes.append(f"assumed: acceleration in {unit}, {why}")
        for i in accel:
            units[i] = unit
    if gyro and not any(units[i] for i in gyro):
        largest = float(np.nanmax(np.abs(rows[:, gyro])))
        metric = bool(accel) and units[accel[0]] == "m/s^2"
        # 35 rad/s is 2000 deg/s, the widest range of common gyroscopes.
        unit = "rad/s" if largest <= 35.0 and metric else "deg/s"
        notes.append(f"assumed: rotation in {unit}, the largest value is {largest:.3g}")
        for i in gyro:
            units[i] = unit
    return tuple(units), notes


def _accel_unit(accel: np.ndarray) -> tuple[str, str]:
    rest = float(np.linalg.norm(np.nanmean(accel, axis=0)))
    largest = float(np.nanmax(np.abs(accel)))
    if 7.0 <= rest <= 12.0:
        return "m/s^2", f"gravity included (the mean reading has a length of {rest:.2f})"
    if 0.7 <= rest <= 1.2 and largest <= 16.0:
        return "g", f"gravity included (the mean reading has a length of {rest:.2f})"
    if largest > 16.0:
        return "m/s^2", f"the largest value is {largest:.3g}"
    return "g", f"as Arduino's libraries deliver it (the largest value is {largest:.3g})"


def unit_factor(from_unit: str, to_unit: str) -> float:
    """The factor that turns a value in `from_unit` into `to_unit`; 1.0 where either is unknown or both are equal."""
    if (from_unit, to_unit) in _FACTORS:
        return _FACTORS[from_unit, to_unit]
    if (to_unit, from_unit) in _FACTORS:
        return 1.0 / _FACTORS[to_unit, from_unit]
    return 1.0


def sensor_channels(channels: Sequence[str], sensor: Sensor) -> tuple[int, ...]:
    """Index among the sensor's channels of each channel of the data; () for a sensor that takes any, as `serial`.

    Raises BadInput when the sensor does not deliver one of them.
    """
    if not sensor.channels:
        return ()
    offered = [fact.name for fact in sensor.channels]
    missing = [name for name in channels if name not in offered]
    if missing:
        raise BadInput(
            f"the {sensor.name} does not deliver {', '.join(missing[:6])}: it has {', '.join(offered)}; "
            "name the data's columns so, or choose another sensor"
        )
    return tuple(offered.index(name) for name in channels)
