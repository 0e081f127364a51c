"""CIFAR by torchvision's own loader, from files in the publisher's form; one clear line where they are not there."""

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torchvision.datasets import CIFAR100

from cli.drive import absolute
from tools.data import load, subset
from tools.errors import BadInput

FINE = ["apple", "bear", "clock"]


def publish(folder: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """A small CIFAR-100 in the publisher's form, whose checksums torchvision is told; the pictures."""
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (24, 32, 32, 3), dtype=np.uint8)
    rows = pictures.transpose(0, 3, 1, 2).reshape(24, -1)
    labels = [i % 3 for i in range(24)]
    (folder / "cifar-100-python").mkdir(parents=True)
    sums = {}
    for name, content in {
        "train": {"data": rows[:18], "fine_labels": labels[:18]},
        "test": {"data": rows[18:], "fine_labels": labels[18:]},
        "meta": {"fine_label_names": FINE},
    }.items():
        packed = pickle.dumps(content)
        (folder / "cifar-100-python" / name).write_bytes(packed)
        sums[name] = hashlib.md5(packed).hexdigest()
    monkeypatch.setattr(CIFAR100, "train_list", [["train", sums["train"]]])
    monkeypatch.setattr(CIFAR100, "test_list", [["test", sums["test"]]])
    monkeypatch.setattr(CIFAR100, "meta", {**CIFAR100.meta, "md5": sums["meta"]})
    return pictures


def test_the_publishers_files_become_pictures_and_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = publish(tmp_path, monkeypatch)
    raw = load(f"cifar100:{tmp_path}")
    assert raw.classes == tuple(FINE)
    assert raw.card.counts == dict.fromkeys(FINE, 8)
    assert raw.card.image_shape == (32, 32, 3)
    assert raw.card.channels == ("red", "green", "blue")
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(raw.x, pictures, strict=True))
    assert "the split is made anew" in " ".join(raw.card.notes)


@pytest.mark.parametrize("source", ["cifar100:", "cifar100:{}/none", "CIFAR10:{}"])
def test_what_is_not_on_disk_is_refused_with_the_command_that_fetches_it(tmp_path: Path, source: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(source.format(tmp_path))
    told = str(caught.value)
    assert "does not hold CIFAR10" in told
    assert "download=True" in told
    assert "\n" not in told
    assert list(tmp_path.iterdir()) == [], "nothing was downloaded"


def test_damaged_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch)
    (tmp_path / "cifar-100-python" / "test").write_bytes(b"not what its checksum says")
    with pytest.raises(BadInput, match="does not hold CIFAR100"):
        load(f"cifar100:{tmp_path}")


def test_the_folder_behind_the_name_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("cifar100:here") == f"cifar100:{tmp_path / 'here'}"
    assert absolute("digits") == "digits"


def test_a_subset_has_an_even_share_of_each_class_in_the_old_order() -> None:
    raw = load("digits")
    few = subset(raw, 105, seed=3)
    assert set(few.card.counts.values()) == {10}
    assert len(few.x) == len(few.y) == len(few.groups) == 100
    assert few.classes == raw.classes
    assert "100 of 1797 used" in few.card.notes[-1]
    at = {x.tobytes(): i for i, x in enumerate(raw.x)}
    places = [at[x.tobytes()] for x in few.x]
    assert places == sorted(places)
    assert [raw.y[i] for i in places] == list(few.y)
    same: Any = subset(raw, 105, seed=3)
    assert np.array_equal(same.y, few.y)
    assert subset(raw, 5000, seed=3) is raw
