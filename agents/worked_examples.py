"""Worked examples for the planner: of a pool of requests with their plans, the few that are most like a request.

A small model follows what it was just shown, so what is shown should have the request's turns of phrase. What is named
(labels, texts, colours, pins, numbers) is masked: the way of saying counts, not the thing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from agents import wording

POOL = Path(__file__).parents[1] / "prompts" / "planner_examples.yaml"
MOST = 8
"""Examples for one request: each is about 110 tokens to read. Eight near ones with three fixed ones are right as often
as four with thirteen (19 of 36 first answers to 16), with half the tokens."""
LONGEST = 2600
"""Characters of all of them together, plans included."""


@dataclass(frozen=True)
class Example:
    """A request and the answer that was wanted for it."""

    labels: tuple[str, ...]
    request: str
    plan: dict[str, Any]
    shown: bool = True
    """Whether the planner's model may see it; others have words that its schema does not offer."""

    @cached_property
    def text(self) -> str:
        """As the planner's prompt shows it."""
        answer = json.dumps(self.plan, separators=(",", ":"), ensure_ascii=False)
        return f"Labels: {', '.join(self.labels)}. Request: {self.request}\n{answer}"


@cache
def pool() -> tuple[Example, ...]:
    """All examples."""
    # YAML whose entries are a line of JSON each: read as such, in 10 ms instead of 2 s.
    lines = POOL.read_text(encoding="utf-8").splitlines()
    read = [json.loads(line.removeprefix("- ")) for line in lines if line.startswith("- ")]
    return tuple(Example(tuple(e["labels"]), e["request"], e["plan"], e.get("shown", True)) for e in read)


def nearest(request: str, classes: Sequence[str], skip: int = 0) -> list[Example]:
    """The examples that share most of the request's rarer words and pairs of words, the nearest last.

    Chosen one after the other, each for what the ones before do not have (weights: TF-IDF); the request itself is none.
    `skip`: so many choices of as many examples are passed over, so that each is of others.
    """
    vectoriser, rows = _vectors()
    wanted = vectoriser.transform([masked(request, classes)]).toarray()[0]
    passed: set[int] = set()
    for _ in range(skip):
        passed |= set(_chosen(request, wanted, rows, passed))
    return [pool()[i] for i in reversed(_chosen(request, wanted, rows, passed))]


def _chosen(request: str, wanted: Any, rows: Any, passed: set[int]) -> list[int]:
    chosen: list[int] = []
    left, room = wanted.copy(), LONGEST
    while len(chosen) < MOST:
        gains, taken = (rows > 0) @ left, {*passed, *chosen}
        usable = [
            i
            for i, e in enumerate(pool())
            if e.shown and i not in taken and len(e.text) <= room and e.request != request and gains[i] > 0
        ]
        if not usable:
            break
        best = max(usable, key=lambda i: gains[i] / len(pool()[i].text) ** 0.5)
        chosen.append(best)
        room -= len(pool()[best].text)
        left = left * (rows[best] == 0)
    return chosen


@cache
def _vectors() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"[\w#]+|[-=>→:;|]+", sublinear_tf=True)
    rows = vectoriser.fit_transform(masked(e.request, e.labels) for e in pool())
    return vectoriser, rows.toarray()


def masked(request: str, classes: Sequence[str]) -> str:
    """The request with marks for what it names."""
    for text in wording.quoted_texts(request):
        request = request.replace(text, "TEXT")
    for name in sorted(classes, key=len, reverse=True):
        request = re.sub(rf"\b{re.escape(name)}\w{{0,3}}\b", "LABEL", request, flags=re.IGNORECASE)
    request = re.sub(r"\b(?:red|green|blue|yellow)\b", "COLOUR", request, flags=re.IGNORECASE)
    request = re.sub(r"\b(?:pin|gpio|d)\s*#?\d+\b", "PIN", request, flags=re.IGNORECASE)
    return re.sub(r"\b\d+(?:\.\d+)?\b", "#", request)
