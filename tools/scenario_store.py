"""The scenario in the run folder: chosen once for a model and its rules, whatever is drafted; people can read it."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from hw.board import Sensor
from tools.artifacts import Converted, Recipe, Rule
from tools.recipe import HELD_OUT, held_out
from tools.scenario import Scenario, build_scenario
from tools.store import content_hash, sha256, write_bytes

FILE = "scenario.json"
_VERSION = 1
"""Raised when the same run would be shown something else, so that kept scenarios are chosen again."""


@dataclass(frozen=True)
class _Stored:
    key: str
    scenario: Scenario


_STORED = TypeAdapter(_Stored)


def scenario_of(
    run_dir: Path,
    recipe: Recipe,
    sensor: Sensor,
    channels: Sequence[str],
    converted: Converted,
    period_ms: int,
    rules: Sequence[Rule],
    inference_ms: int = 0,
) -> Scenario:
    """The scenario of a run: read from build/scenario.json where that still fits, else chosen and written there."""
    tflite, folder = run_dir / converted.tflite, run_dir / "build"
    key = content_hash(
        {
            "version": _VERSION,
            "rules": [rule.model_dump(mode="json") for rule in rules],
            "recipe": recipe.model_dump(mode="json"),
            "sensor": sensor.model_dump(mode="json"),
            "channels": list(channels),
            "period_ms": period_ms,
            "classes": list(converted.classes),
            "held_out": sha256(run_dir / HELD_OUT),
            "model": sha256(tflite),
            **({"inference_ms": inference_ms} if inference_ms else {}),
        }
    )
    known = read_scenario(folder / FILE, key)
    if known is not None:
        return known
    path = folder / "stimuli.csv"
    scenario = build_scenario(
        held_out(run_dir), recipe, sensor, channels, converted, tflite, period_ms, path, rules, inference_ms
    )
    write_bytes(folder / FILE, _STORED.dump_json(_Stored(key, scenario), indent=1) + b"\n")
    return scenario


def read_scenario(path: Path, key: str) -> Scenario | None:
    """A scenario as it was written; None where it is not there, for something else, or its stimuli are gone."""
    try:
        stored = _STORED.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    here = all(s.stimuli.is_file() for s in (stored.scenario, stored.scenario.minute) if s is not None)
    return stored.scenario if stored.key == key and here else None
