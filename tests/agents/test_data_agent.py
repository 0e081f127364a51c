"""The data agent's choices: applied where they make sense, dropped with a sentence where they do not."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.data import choose_recipe
from agents.llm import LanguageModels
from hw.board import sensors
from tests.conftest import SCRIPTED
from tools.artifacts import Augment, DataCard, Normalise, Recipe, Resample, Window
from tools.data import load
from tools.recipe import default_recipe

SERIES = load("basic_motions").card
CHOICE = {"window_s": 2.0, "overlap": 0.75, "normalise": "minmax", "noise": 0.1}


def chosen(script: Any, card: DataCard, sensor: str, **choice: Any) -> Recipe:
    script(data=json.dumps(choice))
    return choose_recipe(LanguageModels(SCRIPTED), "tell motions apart", card, sensors()[sensor])


def step(recipe: Recipe, kind: type) -> Any:
    return next(s for s in recipe.steps if isinstance(s, kind))


def test_the_choices_are_applied_and_told(script: Any) -> None:
    recipe = chosen(script, SERIES, "imu", **CHOICE)
    size = round(2.0 * (SERIES.sample_rate_hz or 0)) // 4 * 4
    assert step(recipe, Window) == Window(size=size, stride=size // 4)
    assert step(recipe, Normalise).method == "minmax"
    assert step(recipe, Augment).noise == 0.1
    assert "The data agent chose window s 2.0, overlap 0.75, normalise minmax, noise 0.1." in recipe.rationale


def test_seconds_are_counted_at_the_rate_that_resampling_leaves(script: Any) -> None:
    fast = SERIES.model_copy(update={"sample_rate_hz": 200.0, "recording_samples": (4000, 4000)})
    recipe = chosen(script, fast, "imu", **CHOICE)
    rate = step(recipe, Resample).rate_hz
    assert rate < 200
    assert step(recipe, Window).size == round(2.0 * rate) // 4 * 4


def test_a_choice_without_sense_is_dropped_and_told(script: Any) -> None:
    longest = (SERIES.recording_samples or (0, 0))[0] / (SERIES.sample_rate_hz or 1)
    recipe = chosen(script, SERIES, "imu", **{**CHOICE, "window_s": 10 * longest})
    assert step(recipe, Window).size <= (SERIES.recording_samples or (0, 0))[0]
    assert step(recipe, Normalise).method == "zscore", "the default recipe as a whole"
    assert "The agent's choice was dropped: " in recipe.rationale


def test_of_ratios_only_the_noise_is_asked(script: Any, fruit_data: Path) -> None:
    recipe = chosen(script, load(str(fruit_data)).card, "color", noise=0.05, normalise="none", window_s=1.0)
    assert "chose noise 0.05." in recipe.rationale
    assert step(recipe, Normalise).method == "zscore"
    assert not [s for s in recipe.steps if isinstance(s, Window)]


@pytest.mark.parametrize("answer", ["{}", "[]", "noise", '{"noise": 0.1}'])
def test_a_broken_answer_leaves_the_default_recipe_and_says_so(script: Any, answer: str) -> None:
    script(data=answer)
    recipe = choose_recipe(LanguageModels(SCRIPTED), "x", SERIES, sensors()["imu"])
    assert recipe.steps == default_recipe(SERIES, sensors()["imu"]).steps
    assert "The agent's choice was dropped: " in recipe.rationale
