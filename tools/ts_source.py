"""The .ts format of the UCR/UEA time series archive -> labelled recordings.

Format: https://www.sktime.net/en/stable/examples/loading_data.html: `@` lines describe, then one case a line,
dimensions separated by `:`, values by `,`, `?` for a missing one, the class last. Time-stamped values are not covered.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from tools.errors import BadInput, Setup
from tools.files import DataFile, data_files
from tools.samples import Samples


def ts_samples(files: Sequence[DataFile]) -> Samples:
    """All cases of the given .ts files, channels last. Raises BadInput naming file and line."""
    out = Samples("series", [], [], ())
    for file in files:
        name = file.path.name
        text = file.read().decode("utf-8", errors="replace")
        in_data = False
        for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
            if line.startswith("@"):
                in_data = in_data or _describe(line, out, name)
            elif in_data and line and not line.startswith("#"):
                recording, label = _case(line, f"{name}, line {number}")
                out.x.append(recording)
                out.labels.append(label)
    if not out.x:
        raise BadInput(
            f"{files[0].path.name} holds no cases below @data: expected the .ts format of the UCR/UEA archive"
        )
    widths = {recording.shape[1] for recording in out.x}
    if len(widths) > 1:
        raise BadInput(f"{files[0].path.name}: cases have {min(widths)} to {max(widths)} dimensions; make them equal")
    out.names = tuple(f"ch{i}" for i in range(widths.pop()))
    return out


def _describe(line: str, out: Samples, name: str) -> bool:
    """Take one `@` line; True when the data begin."""
    key, *words = line[1:].split()
    if key.lower() == "timestamps" and words and words[0].lower() == "true":
        raise BadInput(
            f"{name} has time stamps in its values, which is not supported: resample it to a fixed rate first"
        )
    if key.lower() == "classlabel":
        if not words or words[0].lower() != "true":
            raise BadInput(f"{name} has no class labels: only labelled data can be learned from")
        out.classes = tuple(dict.fromkeys((*out.classes, *words[1:])))
    return key.lower() == "data"


def _case(line: str, where: str) -> tuple[np.ndarray, str]:
    *dimensions, label = line.split(":")
    if not dimensions:
        raise BadInput(f"{where}: expected values, then a colon and the class")
    try:
        channels = [np.array(dim.replace("?", "nan").split(","), dtype=np.float64) for dim in dimensions]
    except ValueError as error:
        raise BadInput(f"{where}: {error}; expected numbers separated by commas") from error
    if len({len(channel) for channel in channels}) > 1:
        raise BadInput(f"{where}: the dimensions have different lengths; cut them to the same")
    return np.stack(channels, axis=1), label.strip()


def basic_motions() -> Samples:
    """BasicMotions as sktime ships it: 80 recordings of 10 s at 10 Hz from a smart watch. Raises Setup without sktime.

    The files state no units. At rest the acceleration is near 0 instead of 1 g, and running exceeds 2.5 times 9.8: so
    m/s^2 with gravity already removed. Rotation reaches 34.9, which is 2000 deg/s in rad/s.
    """
    found = importlib.util.find_spec("sktime")
    folder = Path(found.origin).parent / "datasets" / "data" / "BasicMotions" if found and found.origin else None
    if folder is None or not folder.is_dir():
        raise Setup("the package sktime, which carries the data set basic_motions, is not installed")
    with data_files(folder) as files:
        samples = ts_samples([file for file in files if file.path.match("*.ts")])
    samples.names = ("accel.x", "accel.y", "accel.z", "gyro.x", "gyro.y", "gyro.z")
    samples.units = ("m/s^2",) * 3 + ("rad/s",) * 3
    samples.sample_rate_hz = 10.0
    samples.notes += [
        "assumed: acceleration in m/s^2 without gravity (a standing person's readings are near 0); a sensor that "
        "includes gravity reads up to 9.8 m/s^2 more on the axis that points up",
        "assumed: rotation in rad/s (the largest value, 34.9, is 2000 deg/s)",
    ]
    return samples


def ts_files(files: Sequence[DataFile]) -> list[DataFile]:
    """The .ts files directly in a folder: an archive's data set is split into _TRAIN and _TEST, which are joined."""
    return [file for file in files if file.suffix == ".ts" and file.path.parent == PurePosixPath(".")]
