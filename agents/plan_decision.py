"""Which results count, as a request says it in so many words: majority, debounce, pace."""

import re

from agents import wording
from tools.artifacts import Decision

NUMBER = r"(\d+|two|three|four|five|six|seven|eight|nine|ten)"
_MOST = r"majority|most|vote|voting|common|frequent|often"
_COUNTED = (
    ("majority", rf"(?:{_MOST})[^.;]*?\b(?:last|past|latest|previous|over) {NUMBER}\b"),
    ("majority", rf"\b(?:last|past|latest|previous) {NUMBER}\b[^.;]*?\b(?:{_MOST}|agree)"),
    (
        "stable_results",
        rf"(?:accept|count|trust|believe|take|debounce|react)[^.;]*?\b{NUMBER} (?:times |results? |readings? )*"
        r"(?:in a row|consecutive|running|agree|the same)",
    ),
    (
        "stable_results",
        rf"\b{NUMBER} (?:equal|identical|consecutive|same) (?:results|readings)[^.;]*?(?:count|accept)",
    ),
    (
        "stable_results",
        rf"\bonly (?:after|when|if|once) [^.;]*?\bsame\b[^.;]*?\b{NUMBER} (?:times |results? |"
        rf"readings? )*(?:in a row|running)",
    ),
    (
        "stable_results",
        rf"\b{NUMBER} (?:equal|identical|same) (?:results|readings)?[^.;]*? before[^.;]*?"
        r"(?:believe|accept|trust|count)",
    ),
    ("stable_results", rf"\bdebounce[^.;]*?\b{NUMBER} (?:results|readings)"),
)
_TIMED = (
    (
        "stable_ms",
        r"(?:ignor\w*|debounce|glitch\w*|valid (?:only )?after|"
        r"(?:has|have|must|needs?) (?:to )?(?:last|hold)(?=[^.;]*before)|"
        r"flicker\w*|stable for|settled for|shorter than|"
        r"less than(?=[^.;]*(?:n't|not) count))[^.;]*",
    ),
    (
        "pace_ms",
        r"(?:results? only|decide|look|check|classify|sample|recogni[sz]e|measure|sleep|wake)\w*"
        r"(?: up)? (?:only |again |just )*"
        r"(?:every|once per|once every|for|each) [^.;,]*",
    ),
)


def decision_of(request: str) -> tuple[Decision, list[str]]:
    """Which results count, as the request says in so many words, and the words that say so."""
    said: dict[str, int] = {}
    quotes: list[str] = []
    for field, pattern in (*_COUNTED, *_TIMED):
        found = re.search(pattern, request.lower())
        if found is None or field in said:
            continue
        values = wording.mentioned_numbers(found[1]) if found.re.groups else wording.durations(found[0])
        if values:
            said[field] = values[0]
            quotes.append(found[0])
    return Decision.model_validate(said), quotes
