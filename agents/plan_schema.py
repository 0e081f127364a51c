"""The compact plan that the planner's model fills in: its JSON schema, grounded in the words of one request.

llama.cpp writes required properties in order and would skip optional ones: all are required, and what has
alternatives is one enum of words or one variant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from agents import wording, wording_events, wording_outputs
from agents.likely import condition_trait
from hw.board import Board, sensors

_PLAIN = "a-zA-Z0-9 ,.:;!?=_/%()+*#<>|@&$~'-"
"""Characters that a printed line may hold anyway; those of the request's quoted texts come on top."""
_FIELD_WORDS = {
    "percent": r"percent|per cent|in %|%-sign|\d+ ?%|with %|pct\b",
    "index": r"index|number of the (?:label|class)|numbers? (?!of)|position|place in the list",
    "ms": r"time\b|time[- ]?stamp|ms\b|milli|clock|when it|t=|uptime",
    "previous": r"previous|before|from|last\b|old\b|was\b|formerly",
    "count": (
        r"count|how many|how often|total|times|tally|number|nr\b|no\.|score|so far|running|lap|each has its own|"
        r"\w+ 1\b.{0,6}\w+ 2\b"
    ),
    "streak": (
        r"in a row|streak|consecutive|one after (?:another|the other)|running\b(?! (?:number|nr|no\b|count|total))|"
        r"on end|successi"
    ),
    "held_ms": (
        r"how long|duration|held|holds?\b|lasted|since when|how many (?:ms|milli)|(?:ms|milliseconds) (?:in|i've|it)"
    ),
}
"""Fields of a printed line that are offered where the request speaks of such a thing."""
_LIMIT = (
    r"(?:[<>≥≤]=?|at least|more than|less than|above|below|under|over|min(?:imum)?|from|reaches|exceeds?|beyond)\s*"
    r"\d{1,3}\s*(?:%|percent|per cent)|\d{1,3}\s*(?:%|percent|per cent) (?:sure|certain|or (?:more|less|above|below))"
)
"""A share that something must reach."""
MAX_ENTRIES = 6


def object_of(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with all of `properties` and nothing else."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


@dataclass(frozen=True)
class Said:
    """The words of a request, and the traits that a plan for such words often has (agents/likely.py)."""

    request: str
    often: frozenset[str] = frozenset()
    """Traits that are offered besides those that the words alone show."""
    lines: tuple[str, ...] = ()
    """Templates of the lines that it shows."""
    never: frozenset[str] = frozenset()
    """Traits that such words hardly ever mean: not offered, whatever the words."""

    def of(self, words: str, *traits: str) -> bool:
        """Whether the request speaks of something: by one of `words` (a regular expression), or as others do."""
        if traits and self.never.issuperset(traits):
            return False
        return wording.mentions(self.request, words) or not self.often.isdisjoint(traits)

    def moments(self, output: str, whens: Sequence[str]) -> list[str]:
        """Those of `whens` that such words may mean for an output; all where they hardly mean any."""
        kind = "print" if output == "serial" else "when"
        return [when for when in whens if f"{kind} {when.split()[0]}" not in self.never] or list(whens)


def plan_schema(said: Said, classes: Sequence[str], board: Board) -> dict[str, Any]:
    """JSON schema of the plan: the request's outputs as keys, its numbers, times and words as enums, nothing else."""
    request = said.request
    outputs = wording_outputs.outputs(request, board, classes, "serial" in said.often)
    properties: dict[str, Any] = {}
    outside = wording_events.events_outside(request, board)
    switching = [event for event in outside if event not in wording_events.answered(request)]
    if switching and said.of(_SWITCHING, "switches"):
        properties["switches"] = {"type": "array", "items": _switch(switching, outputs), "maxItems": 4}
    for k, name in enumerate(outputs):
        variants = [
            {**variant, "properties": {**variant["properties"], **_quote(k)}}
            for variant in _variants(name, said, classes, board)
        ]
        most = max(3, min(MAX_ENTRIES, len(classes) + 1))
        properties[name] = {
            "type": "array",
            "items": {"anyOf": variants},
            "minItems": 1 if not outside and wording_outputs.asked_for(name, outputs, request) else 0,
            "maxItems": most,
        }
    if said.of(_ZEROES, "count") and said.of(_COUNTS, "count"):
        zero = {"set": {"enum": ["0"]}}
        ways = [{**_quote(), "when": {"enum": ["becomes"]}, **_flags(classes), **zero}]
        ways += [{**_quote(), "when": {"enum": _whens(request, board, [])}, **zero}] if outside else []
        properties["count"] = {"type": "array", "items": {"anyOf": [object_of(way) for way in ways]}, "maxItems": 2}
    quotable = {f"quote{k}": {"enum": spans_of(name, outputs, request, board)} for k, name in enumerate(outputs)}
    return {**object_of(properties), "$defs": {"quote": {"enum": spans(request)}, **quotable}}


_ZEROES = (
    r"reset|(?:back )?(?:to|at) (?:0|zero|nought|nil)\b|start(?:s|ing)? (?:over|again|anew)|from (?:0|zero|scratch)|"
    r"clear(?:s|ed)? the|wipe|zero(?:es|s)?\b|are (?:0|zero)|(?:0|zero) again|new (?:match|game|round)|forget"
)
_COUNTS = r"count|tally|total|number|score|goals|laps|how (?:many|often)|\{count\}|#"
_AT_START = (
    r"start(?:ing|s|ed)?[- ]?up|(?:at|on) (?:the )?(?:start|beginning)(?! of (?:each|every|an?|the))|boot|power|"
    r"(?:it|device|board|sketch) (?:starts|begins)|"
    r"(?:switched|turned|plugged) (?:on|in)|wakes? up|hello|greet|ready|at first|first of all"
)
_SWITCHING = (
    r"(?:un)?mut(?:e|ing)|silen|quiet|stop|start(?:s|ing)?\b(?![- ]up)|enabl|disabl|(?:de)?activ|restart|"
    r"arm(?:s|ed|ing)?\b|disarm|(?:un-?)?paus|resum|continu|(?:only|not|nothing) (?:after|until|when|once|"
    r"before|may)|before (?:i|you|someone) |"
    r"brings? back|no more|until (?:i|you|then|someone|somebody|the)|(?:out of|into|in) (?:service|action|use)|"
    r"puts? it back|dead until|(?:may|can) only|obeys|works? (?:again|once more)|"
    r"once\b.{0,60}\b(?:pressed|sent|received)|toggles? (?:the )?(?:print|output|serial|report|log)|"
    r"turns? (?:everything|all|the (?:print|log|serial))|switch(?:es)? (?:everything|all)|"
    r"kills?\b|reviv|(?:all functions|everything|all of it|all outputs) off|shuts? (?:it |everything )?down|"
    r"(?:to|at) (?:rest|sleep)|go(?:es|ing)? (?:again|on)|"
    r"from (?:the )?(?:command|message)"
)
"""Words by which something outside lets an output work, or keeps it from working."""

_EXCLUSIVE = (
    r"only (?:the |that |this |one |an? )?(?:\w+ )?(?:leds?|lamps?|lights?|one)\b|only (?:red|green|blue|yellow)\b|"
    r"exclusiv|alone|others? \w* ?(?:off|out|dark)|other (?:leds|lamps|lights) (?:\w+ )?(?:off|out|dark)|"
    r"others? (?:\w+ )?(?:off|dark)|one at a time|nothing but"
)
"""Words by which an LED is to be the only one that is lit."""
_LATCHES = (
    r"stays?\b|until|latch|remain|keep|left|button|receiv|send|typ(?:e|ing)|command|then|again|for good|"
    r"(?:goes|go|turn(?:s|ed)?|switch(?:es|ed)?|puts?) (?:it |them |\w+ )?(?:off|out|dark)|takes? |drops?|trips?|"
    r"(?:starts?|stops?|begins?|ends?|runs?) (?:at|on|with|when|through|off)\b|permanently|till\b|release|back to|"
    r"(?:turns?|switch(?:es)?|puts?|pulls?|drives?|sets?|brings?)\b.{1,30}\b(?:off|low|out|dark)|clears?\b"
)
"""Words by which an output is switched for good."""
_TOGGLES = (
    r"toggl|alternat|flip|invert|revers|on (?:and|or|/) ?off|on/off|on, off|on and then off|"
    r"switch(?:es)?(?: \w+){0,7} over|off to on|opposite|other state|was (?:it )?off|flop|"
    r"heartbeat|on if it (?:is|was) off|"
    r"another .{1,30}\boff\b|"
    r"chang(?:e|es|ing) (?:the )?(?:state of )?(?:the )?(?:\w+ )?(?:leds?|lamps?|lights?|pin|relay)"
)
"""Words by which something turns an output into what it was not."""


def spans(request: str) -> list[str]:
    """What may be quoted: the sentences of a request, and their parts between commas and the like.

    Free quotes of a small model grow long or wander off; what they name would then be taken for what is meant.
    """
    text = " ".join(request.split())
    found: list[str] = []
    for sentence in _sentences(text):
        parts = re.split(_PARTS, sentence)
        found += [part.strip(" ,:") for part in (*parts, sentence)]
    told = [part for part in found if len(re.findall(r"\w+", part)) >= _LEAST_WORDS and len(part) <= _LONGEST]
    return list(dict.fromkeys(told)) or [text[:_LONGEST]]


def _sentences(text: str) -> list[str]:
    return re.split(r"[.;!?](?:\s+|$)", text)


_PARTS = r"[:,]\s|\s(?=(?:and|then)\s)|(?<!thing)(?<!\ball)(?<!body)\s(?=but\s)"
_LEAST_WORDS, _LONGEST = 2, 200


def spans_of(output: str, outputs: Sequence[str], request: str, board: Board) -> list[str]:
    """The spans that speak of `output` alone (without any: of it and others), then those that speak of none."""
    every = spans(request)
    marks = {name: wording_outputs.mark_of(name, board) for name in outputs}
    others = [marks[name] for name in outputs if name != output]
    own = [span for span in every if re.search(marks[output], span.lower())]
    alone = [span for span in own if not any(re.search(mark, span.lower()) for mark in others)]
    free = [span for span in every if not any(re.search(mark, span.lower()) for mark in marks.values())]
    task = _of_task(request, list(marks.values()))
    free = [span for span in free if span not in task]
    return [*(alone or own), *free] or every


def _of_task(request: str, marks: Sequence[str]) -> set[str]:
    """The spans that say what is to be recognised: they name the labels and nothing that is done for them."""
    found: set[str] = set()
    for sentence in _sentences(" ".join(request.split())):
        parts = re.split(_PARTS, sentence)
        if not re.search(_TASK, parts[0].lower()):
            continue
        said = list(takewhile(lambda part: not any(re.search(mark, part.lower()) for mark in marks), parts))
        found |= {part.strip(" ,:") for part in said}
        if len(said) == len(parts):
            found.add(sentence.strip(" ,:"))
    return found


_TASK = r"^\W*(?:please )?(?:classif|recogni|distinguish|tell\b.*\b(?:from|apart)|sort\b|detect|identif|listen|learn)"


def _quote(output: int | None = None) -> dict[str, Any]:
    """The key `quote`; `output`: number of the output that the words must speak of."""
    return {"quote": {"$ref": f"#/$defs/quote{'' if output is None else output}"}}


def _switch(outside: Sequence[str], outputs: Sequence[str]) -> dict[str, Any]:
    return object_of(
        {
            **_quote(),
            "when": {"enum": list(outside)},
            "turns": {"enum": ["on", "off", "toggle"]},
            "what": {"enum": [*outputs, "all"]},
        }
    )


def _whens(request: str, board: Board, at_results: list[str]) -> list[str]:
    beside = [f"every {ms} ms" for ms in wording.periods(request)] + wording_events.events_outside(request, board)
    return [*at_results, *beside]


def _variants(output: str, said: Said, classes: Sequence[str], board: Board) -> list[dict[str, Any]]:
    request = said.request
    labels = _flags(classes)
    near = any(sensors()[s].proximity_read for s in board.sensors if s in sensors())
    asked = wording_events.conditions(request, classes, board, near, said.often)
    asked = [condition for condition in asked if condition_trait(condition) not in said.never]
    if asked:
        labels["if"] = {"type": "array", "items": {"enum": asked}, "maxItems": 2}
    steady, once = _steady(output, said), _once(output, said)
    at_results = ["result", "change", "becomes"]
    if output != "serial" and not said.of(
        r"(?:every|each) (?:result|reading|time it)|always|pwm|bright|follow|show", "when result"
    ):
        at_results.remove("result")
    variants = [{"when": {"enum": ["while"]}, **labels, "set": {"enum": steady}}] if steady else []
    whens = said.moments(output, _whens(request, board, at_results))
    variants += [{"when": {"enum": whens}, **labels, **action} for action in once]
    if said.of(_AT_START, "print start", "when start"):
        variants += [{"when": {"enum": ["start"]}, **action} for action in once]
        variants += [{"when": {"enum": ["start"]}, "set": {"enum": ["on"]}}] if output.endswith("LED") else []
    return [object_of({**_quote(), **variant}) for variant in variants]


def _flags(classes: Sequence[str]) -> dict[str, Any]:
    return {"labels": object_of({name: {"enum": [0, 1]} for name in classes})}


def _steady(output: str, said: Said) -> list[str]:
    if output == "serial":
        return []
    on, off = ("high", "low") if output.startswith("pin") else ("on", "off")
    ways, durations = [on, off], wording.durations(said.request)
    if said.of(r"blink|flash|strobe|pulsat|twinkl|wink|on and off|throb|flicker|rhythm", "set blink"):
        paces = [ms for ms in durations if ms <= wording.LONGEST_FLASH_MS and ms not in wording.held(said.request)]
        ways += ["blink", *(f"blink {ms} ms" for ms in paces)]
    if said.of(
        r"after|still|stays?\b|another|afterwards|more\b|keep|remain|linger|longer|then|further|extra", "set linger"
    ):
        ways += [f"{on} and {ms} ms after" for ms in durations]
    return ways + (_duties(said) if output.startswith("pin") else [])


_FOLLOWS = r"pwm|bright|dim|duty|intens|strength|proportion|follow|analog|speed|shows? how|fade"


def _duties(said: Said) -> list[str]:
    request = said.request
    if not said.of(
        r"pwm|duty|bright|dim|speed|power|percent|%|full|half|analog|intensity|strength", "set pwm", "set follow"
    ):
        return []
    numbers = [n for n in wording.amounts(request) if n <= 255]
    ways = [f"pwm {n}" for n in dict.fromkeys([*wording.duties(request), *numbers])]
    sure = said.of(r"confiden|sure|certain|probab", "set follow") and said.of(_FOLLOWS, "set follow")
    return ways + (["pwm by confidence"] if sure else [])


_FLASHES = r"blink|flash|beep|pulse|knock|click|wink|buzz|chirp|times|hoot|honk|tap|toot|strokes?|rings?"


def _once(output: str, said: Said) -> list[dict[str, Any]]:
    if output == "serial":
        return _prints(said)
    request = said.request
    on, off = ("high", "low") if output.startswith("pin") else ("on", "off")
    spans = [ms for ms in wording.durations(request) if ms not in wording.held(request)]
    ways = [f"{on} for {ms} ms" for ms in spans]
    if said.of(_TOGGLES, "set toggle"):
        ways = ["toggle", *ways]
    if said.of(_LATCHES, "set latch"):
        ways += [on, off]
    if said.of(_FLASHES, "set times", "set index"):
        times = wording.amounts(request)
        ways += [f"blink {n} times" for n in dict.fromkeys([*(n for n in times if 0 < n <= 20), 1])]
        ways += [f"blink {n} times {ms} ms" for n in times if 0 < n <= 20 for ms in spans if ms <= 2000][:8]
        if said.of(r"index|number|position|place|code|order|as many|list|one (?:flash|blink)", "set index"):
            ways.append("blink by index")
    if said.of(_EXCLUSIVE, "set only") and output.endswith("LED"):
        ways.append("only")
    if output.startswith("pin") and "pwm by confidence" in _duties(said):
        ways.append("pwm by confidence")
    return [{"set": {"enum": ways}}] if ways else []


def fields(said: Said) -> list[str]:
    """Fields of a printed line that the request speaks of."""
    request = said.request
    found = ["label", "confidence", *(f for f, words in _FIELD_WORDS.items() if said.of(words, f"field {f}"))]
    if re.search(r"#\s?\d|\b\w+ 1, \w+ 2\b", request) and "count" not in found:
        found.append("count")
    percent = re.sub(_LIMIT, " ", request.lower())  # "at least 80 %" wants no percent on a line
    if "percent" in found and not wording.mentions(percent, _FIELD_WORDS["percent"]):
        found.remove("percent")
    elif "percent" in found and not said.of(r"0\.\.1|0 to 1|between 0 and 1|decimal|fraction", "field confidence"):
        found.remove("confidence")
    others = [part for part in re.split(r"[,;:.]\s", request) if not wording.mentions(part, _FIELD_WORDS["streak"])]
    if {"count", "streak"} <= set(found) and not wording.mentions(" . ".join(others), _FIELD_WORDS["count"]):
        found.remove("count")  # "how many times in a row"
    return found


def _prints(said: Said) -> list[dict[str, Any]]:
    request = said.request
    as_json: list[dict[str, Any]] = []
    if said.of(r"json", "json") or re.search(r"\{\s*[\"'“]\w+[\"'”]\s*:", request):
        items = {"enum": fields(said)}
        as_json = [{"json": {"type": "array", "items": items, "minItems": 1, "maxItems": 6}}]
    shown = "|".join(rf"\{{{f}\}}" for f in fields(said))
    quoted = wording.quoted_texts(request)
    more = {c for text in quoted for c in text if not re.match(f"[{_PLAIN}]", c)} | {c for c in request if ord(c) > 126}
    extra = "".join(sorted(c for c in more if c.isprintable() and c not in '"\\{}[]^'))
    heard = wording_events.mentioned_commands(request)
    told = [text for text in (*quoted, *wording.shouted(request)) if text not in heard and re.search(r"\w", text)]
    texts = [*said.lines, *told]
    quotes = [{"print": {"enum": texts}}] if texts else []
    free = f"[{extra}{_PLAIN}]"
    # Who quotes texts quotes them all: a line of other words has something to fill in.
    filled = rf"^{free}{{0,40}}({shown})({free}|{shown}){{0,40}}$"
    lines = filled if quoted else rf"^({free}|{shown}){{1,60}}$"
    return [*as_json, *quotes, {"print": {"type": "string", "pattern": lines}}]
