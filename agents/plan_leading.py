"""The condition that opens a sentence governs all that the sentence demands: "After 3 knocks in a row, A and B"."""

import re
from collections.abc import Sequence
from typing import Any

from agents import wording
from agents.plan_labels import mentioned_labels

_LEADS = (
    r"^\W*(?:(?:and|then|but|please|so|now)\s+)*"
    r"(?:if|when|whenever|once|after|as soon as|each time|every time|while|in case)\b"
)
_STREAK = r"\b(\w+) (?:\w+ )?(?:\w+ )?(?:in a row|consecutive|successive|running)"
_UNTIL_COMMA = r"[^,;]*"


def leading(quote: str, request: str) -> str:
    """The clause that opens the sentence with the quoted words; empty where it opens with something else."""
    sentence = _sentence(quote, request)
    found = re.match(rf"{_LEADS}{_UNTIL_COMMA}", sentence, flags=re.IGNORECASE)
    return found[0] if found and re.match(r"\s*,", sentence[found.end() :]) else ""


def _sentence(quote: str, request: str) -> str:
    """The sentence that has most of the quoted words, since the model often says them a little differently."""
    sentences = re.split(r"[.;!?\n]+(?:\s|$)", request)
    words = set(re.findall(r"\w+", quote.lower()))
    shared = [len(words & set(re.findall(r"\w+", sentence.lower()))) for sentence in sentences]
    return sentences[shared.index(max(shared))] if words and 2 * max(shared) >= len(words) else ""


def labels_led(clause: str, quote: str, classes: Sequence[str]) -> tuple[str, ...]:
    """Labels of the opening clause, for quoted words that name none themselves."""
    return mentioned_labels(clause, classes) if clause and not mentioned_labels(quote, classes) else ()


def conditions_led(clause: str) -> dict[str, Any]:
    """How long or how often something must have come, as the opening clause demands: fields of a Condition.

    A confidence is left to the model: "if it is not at least 60 % sure" is read better than matched.
    """
    text = clause.lower()
    found: dict[str, Any] = {}
    if streak := re.search(_STREAK, text):
        numbers = [n for n in wording.mentioned_numbers(streak[0]) if n > 1]
        found |= {"streak_min": numbers[0]} if numbers else {}
    if spans := wording.held(clause):
        found["held_ms_min"] = spans[0]
    return found
