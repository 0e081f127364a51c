"""Slips of the pen are mended by words alone, other languages by the model; names, numbers and quotes come through."""

import json
from typing import Any

import pytest

from agents.llm import LanguageModels
from agents.restate import is_foreign, restated, without_slips
from hw.board import boards
from tests.conftest import SCRIPTED

PETS = ("cat", "dog")


BOARD = boards()["nano33ble"]


def test_slips_of_key_words_and_labels_are_mended() -> None:
    said = without_slips("blnk the bleu led for a dgo and swich pin 4 on wen its a catt", PETS)
    assert said == "blink the blue led for a dog and switch pin 4 on when its a catt"


@pytest.mark.parametrize(
    "request_text",
    [
        "Turn the red LED on while it is a cat, and read the label to me every 3 seconds.",
        'Print "teh gren wen" for a dog.',
        "Fan on pin 5 for a cat, when the wind is lead or the light is tight.",
        "prin the label",  # one slip alone may be a word that we do not know
    ],
)
def test_what_is_right_stays_as_it_is(request_text: str) -> None:
    assert without_slips(request_text, PETS) == request_text
    assert not is_foreign(request_text)


@pytest.mark.parametrize(
    "request_text",
    [
        "Die rote LED soll leuchten, wenn eine cat erkannt wird",
        "Enciende el LED rojo cuando es un dog y apaga con el boton",
        "allume la LED rouge quand le dog est dans une image",
    ],
)
def test_other_languages_are_known_by_their_small_words(request_text: str) -> None:
    assert is_foreign(request_text)


def models(script: Any, english: str) -> LanguageModels:
    script(translation=json.dumps({"english": english}))
    return LanguageModels(SCRIPTED)


def test_names_and_quotes_are_held_back_from_the_translation(script: Any) -> None:
    request = 'Wenn eine Katze erkannt wird, soll der Text "die Katze da" auf Pin 7 und seriell kommen, sonst nicht'
    said = restated(
        models(script, "Print T901 on serial and set pin 7 when the result is X902."),
        request,
        ("Katze",),
        boards()["nano33ble"],
    )
    assert said == 'Print "die Katze da" on serial and set pin 7 when the result is Katze.'


def test_a_translation_that_loses_a_number_is_not_used(script: Any) -> None:
    request = "Die LED soll leuchten, solange eine Katze da ist, und dann 5 Sekunden nicht"
    assert restated(models(script, "The LED is on while the result is a cat."), request, ("Hund",), BOARD) == request
