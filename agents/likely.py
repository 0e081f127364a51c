"""What a request probably asks for, learned from the worked examples: one linear classifier for each trait of a plan.

Lists of words (agents/wording*.py) find what is said in the usual way; people say it in others. A classifier over
words and pairs of words recognises a way of saying from its parts. It gives probabilities, never a plan.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from agents.stems import stem
from agents.worked_examples import POOL, masked, pool
from tools.store import content_hash
from tools.toolchain import cache_dir

FEWEST = 6
"""Examples with a trait before it is learned."""
HARDLY_MEANT = 0.02
"""Probability; 2.5 % of the right plans of a writer who was not learned from have a trait below."""
SURELY_PRINTS = 0.7
"""Probability for offering lines where no word speaks of one: what is offered, a small model takes at some time."""
UNUSUAL = 0.12
"""Probability; of 65 answers of the model to such writers 11 of 26 wrong ones have a trait below and 6 of 39 right."""
WORTH_OFFERING = 0.2
"""Probability; on requests of other writers 80 % of the wanted traits are above, and one or two more a request."""
_REGULARISATION = 30.0
"""Inverse strength of the L2 penalty; 10 offers twice as much for 2 % more recall on requests of other writers."""


def likely(request: str, classes: Sequence[str]) -> dict[str, float]:
    """The probability of each trait (see `traits`) in the plan of a request, 0..1."""
    vectoriser, models = _learned()
    row = vectoriser.transform([masked(request, classes)])
    return {name: float(model.predict_proba(row)[0, 1]) for name, model in models.items()}


def often(chances: Mapping[str, float]) -> frozenset[str]:
    """The traits that are worth offering, whatever the request's words."""
    return frozenset(n for n, p in chances.items() if p >= (SURELY_PRINTS if n == "serial" else WORTH_OFFERING))


def never(chances: Mapping[str, float]) -> frozenset[str]:
    """The traits that are not worth offering, even where a word of the request could mean them."""
    return frozenset(name for name, p in chances.items() if p < HARDLY_MEANT)


def condition_trait(said: str) -> str:
    """The trait of a condition as the plan writes it: `if held` of `held 3000 ms`."""
    return next((f"if {kind}" for kind, words in _CONDITIONS.items() if words in said), "")


def unlikely(plan: Mapping[str, Sequence[Mapping[str, Any]]], chances: Mapping[str, float]) -> list[str]:
    """What a plan asks for and requests in such words hardly ever do, in words: reasons to ask again."""
    return [f"{_in_words(name)} is hardly meant" for name in rare(plan, chances, HARDLY_MEANT)]


def rare(plan: Mapping[str, Sequence[Mapping[str, Any]]], chances: Mapping[str, float], below: float) -> list[str]:
    """The traits of a plan whose probability is below `below`."""
    return sorted(name for name in traits(plan) if chances.get(name, 1.0) < below)


def _in_words(trait: str) -> str:
    kind, _, what = trait.partition(" ")
    if kind in ("print", "when"):
        moment = _MOMENTS.get(what, f"at {what}")
        return f"{'a line' if kind == 'print' else 'an output that acts'} {moment}"
    if kind == "if":
        return f"a condition on {_TOLD.get(what, what)}"
    return {"set": f"an output with '{what}'", "field": f"the {what} in a line"}.get(kind, f"'{trait}'")


_MOMENTS = {
    "while": "as long as a label is seen", "becomes": "when a label begins", "change": "at each change",
    "result": "at every result", "every": "again and again", "start": "at start-up", "button": "at a button",
    "received": "at a command",
}  # fmt: skip
_TOLD = {
    "held": "how long it has held", "row": "results in a row", "nth": "every n-th time", "before": "the label before",
    "near": "nearness", "far": "nearness", "button": "a button", "count": "a count",
}  # fmt: skip


def traits(plan: Mapping[str, Sequence[Mapping[str, Any]]]) -> frozenset[str]:
    """What a plan asks for, as names: `serial`, `switches`, `when change`, `set toggle`, `if held`, `field count` …"""
    found: set[str] = set()
    for output, entries in plan.items():
        if entries and output in ("serial", "switches", "count"):
            found.add(output)
        for entry in entries:
            found |= _of_entry(output, entry)
    return frozenset(found)


def _of_entry(output: str, entry: Mapping[str, Any]) -> set[str]:
    where = "print" if output == "serial" else "when"
    found = {f"{where} {str(entry['when']).split()[0]}"}
    found |= {condition_trait(said) for said in entry.get("if", ())} - {""}
    shown = [*entry.get("json", ()), *re.findall(r"\{(\w+)\}", str(entry.get("print", "")))]
    found |= {f"field {name}" for name in shown} | ({"json"} if "json" in entry else set())
    if output not in ("serial", "switches", "count"):
        ways = (kind for kind, words in _SETTINGS.items() if re.search(words, str(entry.get("set", ""))))
        kind = next(ways, "" if entry["when"] == "while" else "latch")
        found |= {f"set {kind}"} if kind else set()
    return found


_CONDITIONS = {
    "confidence": "confidence", "held": "held", "row": "in a row", "nth": ". time", "count": "count at least",
    "button": "button", "before": "before:", "near": "near", "far": "far",
}  # fmt: skip
_SETTINGS = {
    "linger": r" after$", "index": r"^blink by index", "times": r"^blink \d+ times", "blink": r"^blink",
    "follow": r"by confidence", "pwm": r"^pwm", "span": r" for \d+ ms$", "toggle": r"^toggle", "only": r"^only",
}  # fmt: skip


@cache
def _learned() -> tuple[Any, dict[str, Any]]:
    """The vectoriser and the classifiers, by trait; learned in 7 s of processor once and then kept in the cache."""
    import sklearn
    from joblib import Memory

    kept = Memory(cache_dir() / "learned", verbose=0).cache(_learn)
    learned: tuple[Any, dict[str, Any]] = kept(content_hash([POOL.read_text(encoding="utf-8")]), sklearn.__version__)
    return learned


def _learn(_pool: str, _version: str) -> tuple[Any, dict[str, Any]]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectoriser = TfidfVectorizer(ngram_range=(1, 2), tokenizer=_words, token_pattern=None, lowercase=False, binary=True)
    rows = vectoriser.fit_transform(masked(e.request, e.labels) for e in pool())
    of = [traits(e.plan) for e in pool()]
    models = {}
    for name in sorted(set().union(*of)):
        has = [name in found for found in of]
        if FEWEST <= sum(has) <= len(has) - FEWEST:
            model = LogisticRegression(C=_REGULARISATION, class_weight="balanced", solver="liblinear", random_state=0)
            models[name] = model.fit(rows, has)
    return vectoriser, models


def _words(text: str) -> list[str]:
    """Tokens: stems of words, the masks of `masked` as they are, and the signs that lists are written with."""
    found = re.findall(r"[\w#%]+|[-=>→:;|]+", text)
    return [word if word.isupper() else stem(word.lower()) for word in found]
