"""Shared fixtures: no real model unless a test is marked so, small data of our own making."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import llm
from tests.fakes import FRUIT_CODE, FRUIT_PLAN, ScriptedModel, scripted
from tests.watched import Watched, watch

# Shares of red, green and blue that an apple, a banana and an orange reflect, about.
FRUIT = {"apple": (0.55, 0.25, 0.20), "banana": (0.38, 0.36, 0.26), "orange": (0.50, 0.32, 0.18)}
SCRIPTED = llm.Ladders(**{role: ("scripted:test",) for role in llm.ROLES})  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests type and get wrong is none of the person's history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _no_surprise_calls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real model call in a test that is not marked `model` is an error, not a slow test."""
    if request.node.get_closest_marker("model"):
        return

    def refuse(name: str) -> Any:
        raise AssertionError(f"this test asks the real model {name}; script it, or mark the test with `model`")

    for provider in ("local", "ollama", "openai"):
        monkeypatch.setitem(llm.PROVIDERS, provider, refuse)


def write_fruit(parent: Path) -> Path:
    """A folder of three CSV files with 90 readings each, in the form of the papers' case study."""
    rng = np.random.default_rng(7)
    folder = parent / "fruit"
    folder.mkdir()
    for name, mean in FRUIT.items():
        rows = np.clip(np.array(mean) + rng.normal(0, 0.015, (90, 3)), 0.01, 1)
        rows /= rows.sum(axis=1, keepdims=True)
        lines = ["Red,Green,Blue", *(",".join(f"{v:.3f}" for v in row) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def fruit_data(tmp_path: Path) -> Path:
    """The fruit data, fresh."""
    return write_fruit(tmp_path)


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A whole run that every test may look at; who changes something takes a copy."""
    folder = tmp_path_factory.mktemp("watched")
    yield from watch(folder, write_fruit(folder))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`script(planner=…, firmware=…)` makes a scripted model answer as the provider `scripted`."""

    def install(**replies: Any) -> ScriptedModel:
        model = scripted(**{"planner": FRUIT_PLAN, "firmware": FRUIT_CODE, **replies})
        monkeypatch.setitem(llm.PROVIDERS, "scripted", lambda _: model)
        return model

    return install
