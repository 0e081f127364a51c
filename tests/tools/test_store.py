"""The run folder: whole files or none, artefacts that cannot be read, identities."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools import store
from tools.artifacts import Budgets
from tools.errors import BadInput


def test_a_failing_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.write_text(tmp_path / "a.json", "old")

    def full(*_: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match="no space left on the device"):
        store.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.write_text(tmp_path / "a.json", "old")

    def ctrl_c(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        store.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(BadInput, match="cannot write"):
        store.write_text(tmp_path / "run" / "a.json", "x")
    with pytest.raises(BadInput, match="cannot write"):
        store.append_line(tmp_path / "run" / "a.jsonl", "x")


def test_an_artefact_comes_back_equal(tmp_path: Path) -> None:
    budgets = Budgets(ram_bytes=1000, macs=5)
    assert store.read_model(store.write_json(tmp_path / "b.json", budgets), Budgets) == budgets


@pytest.mark.parametrize("content", ["", "{", '{"ram_bytes": "much"}', '{"stack": 1}', b"\xff\xfe"])
def test_an_artefact_that_is_none_is_bad_input(tmp_path: Path, content: str | bytes) -> None:
    path = store.write_bytes(tmp_path / "b.json", content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput, match=r"b\.json is not a readable Budgets: ") as caught:
        store.read_model(path, Budgets)
    assert "\n" not in str(caught.value)


def test_an_artefact_that_is_missing_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"b\.json is not there"):
        store.read_model(tmp_path / "b.json", Budgets)


def test_lines_are_appended_and_arrays_come_back(tmp_path: Path) -> None:
    for line in ("a", "ä"):
        store.append_line(tmp_path / "deep" / "log.jsonl", line)
    assert (tmp_path / "deep" / "log.jsonl").read_text(encoding="utf-8") == "a\nä\n"
    with np.load(store.write_arrays(tmp_path / "x.npz", x=np.arange(3))) as arrays:
        assert arrays["x"].tolist() == [0, 1, 2]


def test_an_identity_does_not_depend_on_the_order_of_keys() -> None:
    assert store.content_hash({"a": 1, "b": 2}) == store.content_hash({"b": 2, "a": 1})
    assert store.content_hash({"a": 1}) != store.content_hash({"a": 2})
    assert store.content_hash(Budgets(macs=1)) == store.content_hash(Budgets(macs=1).model_dump())
