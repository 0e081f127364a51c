"""Load a data set from whatever form people have it in, and describe it on a card."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from tools.artifacts import DataCard
from tools.channels import guess_units
from tools.csv_source import Columns, samples_of, tell_columns
from tools.errors import BadInput
from tools.files import DataFile, data_files, read_file
from tools.image_source import SUFFIXES, image_samples
from tools.public_sets import public_set
from tools.samples import Kind, Samples
from tools.sound_source import SUFFIXES as SOUNDS
from tools.sound_source import sound_samples
from tools.table import parse_table
from tools.trace import traced_tool
from tools.ts_source import basic_motions, ts_files, ts_samples

_CSV = frozenset((".csv", ".tsv"))
_WANTED = "give a folder with one CSV file per class, a CSV file with a label column, or a folder per class"


@dataclass(frozen=True)
class RawData:
    """A loaded data set, unprocessed."""

    x: list[np.ndarray]
    """One reading (F,), recording (T, C) or picture (H, W, C) each; float64, pictures uint8, sound int16."""
    y: np.ndarray
    """(N,) int64, index into `classes`."""
    classes: tuple[str, ...]
    groups: np.ndarray
    """(N,) int64: equal entries of `x` have the same number, and must not be separated by a split."""
    card: DataCard


def digits() -> Samples:
    """The 8x8 handwritten digits which scikit-learn carries (UCI, Alpaydin and Kaynak 1998): grey levels 0..16."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = [image[..., None] for image in found.images]
    return Samples("image", images, [str(label) for label in found.target], ("grey",))


BUILT_IN: dict[str, Callable[[], Samples]] = {"basic_motions": basic_motions, "digits": digits}
"""Data sets which come with installed packages, by name."""


@traced_tool
def load(
    source: str | Path,
    *,
    kind: Kind | None = None,
    sample_rate_hz: float | None = None,
    image_size: tuple[int, int] | None = None,
) -> RawData:
    """Load and profile `source`: a name in BUILT_IN, a path, or `cifar10:PATH` / `cifar100:PATH`.

    A path is a folder with one CSV file per class (class = file stem), a folder of class folders (of CSV recordings, of
    WAV files or of pictures), a .zip of either, a CSV file with a label column, or .ts files. `kind` and
    `sample_rate_hz` override what is told from the columns; `image_size` (height, width) scales pictures. Raises
    BadInput in one line.
    """
    name = str(source)
    if (public := public_set(name)) is not None:
        return _raw(name, public)
    built_in = BUILT_IN.get(name.lower().replace("-", "_"))
    samples = built_in() if built_in else _from_path(Path(source).expanduser(), kind, image_size)
    if sample_rate_hz is not None and samples.kind == "series":
        samples.sample_rate_hz = sample_rate_hz
    return _raw(name, samples)


def _from_path(path: Path, kind: Kind | None, image_size: tuple[int, int] | None) -> Samples:
    try:
        there = path.exists()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if not there:
        raise BadInput(f"{path} is not there: {_WANTED}, or one of {', '.join(sorted(BUILT_IN))}")
    if path.is_dir() or path.suffix.lower() == ".zip":
        with data_files(path) as files:
            return _from_files(_unwrapped(files), path, kind, image_size)
    file = DataFile(PurePosixPath(path.name), lambda: read_file(path))
    if file.suffix == ".ts":
        return ts_samples([file])
    if file.suffix not in _CSV:
        raise BadInput(f"{path}: files of type {path.suffix or 'unknown'} cannot be read; {_WANTED}")
    return samples_of([(None, _columns(file, labelled=True))], kind, whole_files=False)


def _unwrapped(files: list[DataFile]) -> list[DataFile]:
    """Without the one outer folder that a .zip often has around its class folders."""
    while len({file.path.parts[0] for file in files}) == 1 and all(len(file.path.parts) > 2 for file in files):
        files = [DataFile(PurePosixPath(*file.path.parts[1:]), file.read) for file in files]
    return files


def _from_files(files: list[DataFile], path: Path, kind: Kind | None, image_size: tuple[int, int] | None) -> Samples:
    csvs = [file for file in files if file.suffix in _CSV]
    top = [file for file in csvs if len(file.path.parts) == 1]
    images = [file for file in files if file.suffix in SUFFIXES]
    if ts_files(files):
        return ts_samples(ts_files(files))
    if len(top) == 1 and len(csvs) == 1:
        return samples_of([(None, _columns(top[0], labelled=True))], kind, whole_files=False)
    if top:
        return samples_of([(file.path.stem, _columns(file)) for file in top], kind, whole_files=False)
    if csvs:
        return samples_of([(file.path.parent.name, _columns(file)) for file in csvs], kind, whole_files=True)
    sounds = [file for file in files if file.suffix in SOUNDS]
    if len(sounds) > len(images):
        return sound_samples(sounds)
    if images:
        return image_samples(images, image_size)
    found = Counter(file.suffix or "no extension" for file in files).most_common(3)
    what = ", ".join(f"{n} of {suffix}" for suffix, n in found) or "nothing"
    raise BadInput(f"{path} holds no CSV files, sound (.wav) or pictures (found: {what}); {_WANTED}")


def _columns(file: DataFile, labelled: bool = False) -> Columns:
    return tell_columns(parse_table(file.read(), str(file.path)), labelled)


def _raw(source: str, samples: Samples) -> RawData:
    if not samples.x:
        raise BadInput(
            f"{source} holds no labelled {'recordings of two or more rows' if samples.kind == 'series' else 'rows'}"
        )
    labels = set(samples.labels)
    classes = tuple(name for name in samples.classes if name in labels) + tuple(
        sorted(labels - set(samples.classes), key=lambda name: (len(name), name) if name.isdigit() else (99, name))
    )
    if len(classes) < 2:
        raise BadInput(f"{source} has only one class ({', '.join(classes)}): there must be at least two to tell apart")
    if samples.kind == "tabular" and all(np.isnan(entry).any() for entry in samples.x):
        raise BadInput(f"{source}: every row has a missing value; fill or drop the column that is empty")
    y = np.array([classes.index(label) for label in samples.labels], dtype=np.int64)
    groups = _groups(samples.x)
    return RawData(samples.x, y, classes, groups, profile(source, samples, y, classes, groups))


def _groups(x: list[np.ndarray]) -> np.ndarray:
    numbers: dict[bytes, int] = {}
    digests = (hashlib.sha256(repr(entry.shape).encode() + entry.tobytes()).digest() for entry in x)
    return np.array([numbers.setdefault(digest, len(numbers)) for digest in digests], dtype=np.int64)


def profile(source: str, samples: Samples, y: np.ndarray, classes: tuple[str, ...], groups: np.ndarray) -> DataCard:
    """The card of a data set: what is in it, per class and per channel, and what was assumed about it."""
    values = np.concatenate([entry.reshape(-1, entry.shape[-1]) for entry in samples.x])
    notes = list(samples.notes)
    sums_to_one = samples.kind == "tabular" and _rows_sum_to_one(values)
    stated = samples.units or ("",) * len(samples.names)
    units, assumed = (
        (stated, []) if samples.kind in ("image", "audio") else guess_units(samples.names, stated, values, sums_to_one)
    )
    if (both := _labels_at_odds(y, groups)) > 0:
        notes.append(f"{both} distinct readings stand under more than one class")
    lengths = [len(entry) for entry in samples.x]
    return DataCard(
        source=source,
        sha256=_fingerprint(samples, y, classes),
        kind=samples.kind,
        classes=classes,
        counts={name: int((y == i).sum()) for i, name in enumerate(classes)},
        channels=samples.names,
        units=units,
        sample_rate_hz=samples.sample_rate_hz,
        recording_samples=(min(lengths), max(lengths)) if samples.kind in ("series", "audio") else None,
        image_shape=_shape(samples) if samples.kind == "image" else None,
        missing=int(np.isnan(values).sum()),
        duplicates=len(groups) - len(np.unique(groups)),
        minimum=_figures(np.nanmin(values, axis=0)),
        maximum=_figures(np.nanmax(values, axis=0)),
        mean=_figures(np.nanmean(values, axis=0, dtype=np.float64)),
        std=_figures(np.nanstd(values, axis=0, dtype=np.float64)),
        rows_sum_to_one=sums_to_one,
        notes=tuple(notes + assumed),
    )


def subset(raw: RawData, most: int, seed: int) -> RawData:
    """At most `most` entries, an even share of each class drawn by `seed`, in the old order; at least two a class."""
    if len(raw.x) <= most:
        return raw
    rng = np.random.default_rng(seed)
    share = max(2, most // len(raw.classes))
    of_class = [np.flatnonzero(raw.y == i) for i in range(len(raw.classes))]
    kept = np.sort(np.concatenate([rng.permutation(found)[:share] for found in of_class]))
    y, groups = raw.y[kept], raw.groups[kept]
    counts = {name: int((y == i).sum()) for i, name in enumerate(raw.classes)}
    note = f"{len(kept)} of {len(raw.x)} used: at most {share} of each class, drawn by seed {seed}"
    card = raw.card.model_copy(update={"counts": counts, "notes": (*raw.card.notes, note)})
    return RawData([raw.x[i] for i in kept], y, raw.classes, groups, card)


def _figures(values: Any) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values)


def _shape(samples: Samples) -> tuple[int, int, int]:
    height, width, channels = samples.x[0].shape
    return height, width, channels


def _rows_sum_to_one(values: np.ndarray) -> bool:
    """Shares of a sum: not negative, and adding up to 1 but for rounding to two or three decimals."""
    rows = values[~np.isnan(values).any(axis=1)]
    if rows.shape[1] < 2 or not len(rows) or float(rows.min()) < 0.0:
        return False
    return float(np.mean(np.abs(rows.sum(axis=1) - 1.0) <= 0.006 * rows.shape[1])) >= 0.99


def _labels_at_odds(y: np.ndarray, groups: np.ndarray) -> int:
    pairs = np.unique(np.stack([groups, y], axis=1), axis=0)
    return int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum())


def _fingerprint(samples: Samples, y: np.ndarray, classes: tuple[str, ...]) -> str:
    digest = hashlib.sha256(repr((classes, samples.names, samples.sample_rate_hz)).encode())
    for entry in samples.x:
        digest.update(repr(entry.shape).encode() + entry.tobytes())
    digest.update(y.tobytes())
    return digest.hexdigest()
