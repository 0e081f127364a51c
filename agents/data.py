"""Data agent: from the data card to a recipe, in the small vocabulary of steps."""

import json
from typing import Any

from agents.llm import LanguageModels, render
from hw.board import Sensor
from tools.artifacts import Augment, DataCard, Normalise, Recipe, Step, Window
from tools.errors import Fixable
from tools.recipe import default_recipe, sample_rate_hz
from tools.recipe_check import check_recipe

WINDOWS_S = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
MOST_INPUTS = 4096
"""Values in one input of the network: more would not fit the arena of small chips."""


def choose_recipe(models: LanguageModels, request: str, card: DataCard, sensor: Sensor) -> Recipe:
    """The default recipe with the agent's choices for window, normalisation and augmentation, checked.

    A choice that makes no sense for the data is dropped, and the rationale says so. Raises BadInput when the sensor
    does not deliver the data's channels.
    """
    base = default_recipe(card, sensor)
    try:
        chosen = _ask(models, request, card)
        recipe = Recipe(
            steps=tuple(_with_choice(step, chosen, sample_rate_hz(card, base) or 1.0) for step in base.steps),
            rationale=f"{base.rationale}. The data agent chose {_words(chosen)}.",
        )
        check_recipe(recipe, card)
    except Fixable as error:
        return base.model_copy(update={"rationale": f"{base.rationale}. The agent's choice was dropped: {error}."})
    return recipe


def _words(chosen: dict[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in chosen.items())


def _ask(models: LanguageModels, request: str, card: DataCard) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if card.kind == "series" and card.sample_rate_hz and card.recording_samples:
        properties["window_s"] = {"enum": _windows(card)}
        properties["overlap"] = {"enum": [0.5, 0.75]}
    # Images and ratios are bounded by nature, energies of sound are not: there is nothing to choose.
    if card.kind not in ("image", "audio") and not card.rows_sum_to_one:
        properties["normalise"] = {"enum": ["zscore", "minmax", "none"]}
    properties["noise"] = {"enum": [0.02, 0.05, 0.1]}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    system, user = render("data_system"), render("data_user", card=card, request=request)

    def parse(text: str) -> dict[str, Any]:
        said = json.loads(text)
        return {name: said[name] for name in properties}

    return models.ask("data", system, user, schema=schema, parse=parse, max_tokens=80).value


def _windows(card: DataCard) -> list[float]:
    rate, shortest = card.sample_rate_hz or 1.0, (card.recording_samples or (1, 1))[0]
    most = MOST_INPUTS // max(1, len(card.channels))
    fitting = [s for s in WINDOWS_S if 20 <= round(s * rate) <= min(shortest, most)]
    return fitting or [min(shortest, most) / rate]


def _with_choice(step: Step, chosen: dict[str, Any], rate_hz: float) -> Step:
    if isinstance(step, Window) and "window_s" in chosen:
        # A multiple of four survives two stages of stride 2 without padding.
        size = max(4, round(chosen["window_s"] * rate_hz) // 4 * 4)
        return Window(size=size, stride=max(1, round(size * (1 - chosen["overlap"]))))
    if isinstance(step, Normalise) and "normalise" in chosen:
        return Normalise(method=chosen["normalise"])
    if isinstance(step, Augment):
        return step.model_copy(update={"noise": chosen["noise"]})
    return step
