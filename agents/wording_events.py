"""What a request says of buttons, commands and conditions, found by its words alone.

The plan's schema offers only what is named, so that nothing can be invented.
"""

import re
from collections.abc import Sequence

from agents import wording
from hw.board import Board

_BUTTON = r"(?:push[- ]?)?buttons?\b|push ?switch|(?:push|tactile) key"
_HEARD = (
    r"send|sends|sent|sending|type|types|typed|typing|(?<=\bi )text|(?<=you )text|"
    r"receiv\w*|receipt of|enters?|entering|arriv(?:es?|ing|ed)|"
    r"comes? in(?= over| via| on serial|,|:)|commands?|told (?=[\"'“„])|"
    r"asked(?: for| with)?(?= [\"'“„])"
)
_WHEN = r"when|whenever|if|once|on|upon|until|after|before|should|while|each time|as soon as"
_SENDS = r"send|sends|type|types|text|enter|enters|answer|answers"
_PEOPLE = r"i|you|we|they|she|he|one|someone|somebody|anybody|staff|kids?|pupils?|\w+(?:er|or|son|man|ist)"
_ACTED_ON = (
    r"(?:takes?|puts?|switch\w*|turns?|stops?|starts?|resets?|clears?|wipes?|mutes?|brings?|toggles?|sets?|lets?|makes?|"
    r"silences?|pauses?|zeroe?s|coming|comes|arriv\w*)"
)
_LISTENS = (
    rf"\b(?:{_WHEN})\b[^.;]*?\b(?:{_HEARD}|gets? (?=[\"'“„]|the (?:word|command|letter|line|text)))\b|"
    rf"\bcommands?\b|\b(?:remote )?control\w* (?:over|via|by|from) (?:the )?serial\b|"
    rf"\b(?:sending|typing|receiving|receipt|entering)\b|"
    rf"\b(?:{_PEOPLE}) (?:{_SENDS})\b|\banswers?(?: to)? [\"'“„]|"
    r"[\"'“„]\w+[\"'”“] (?:gets|brings|gives|returns|shows|asks)\b|"
    rf"(?:\bthe|^|[,:-]) ?(?:message|word|text)s? [\"'“„]?\w+[\"'”“]? (?:{_ACTED_ON}|received|over|on|via)\b|"
    rf"(?:^|[.;:,]\s|\b(?:i|you|we) )(?:{_SENDS}) (?:it )?[\"'“„]?\w+[\"'”“]?"
    rf"(?: \w+){{0,4}},? and (?:it|the|all|every)\b|"
    rf"\b(?:{_PEOPLE}) (?:{_SENDS}) it\b|\w[\"'”“] (?:is |gets |was )?(?:sent|received|typed)\b|"
    rf"(?:^|[.;:,]\s)(?:{_SENDS}) (?:[\"'“„]\w+[\"'”“]|\w+) "
    rf"(?:over serial|to (?:start|stop|end|switch|turn|get|see|have))\b"
)
_SENT_OUT = (
    rf"\b(?:((?:{_PEOPLE}|when|whenever|if|after|until|once|upon) )|)sends? (?:the (?:\w+ )?|a line )?"
    rf"(?:{wording.QUOTES})(?! ?,? ?(?:to\b|and it\b|the\b|it\b|{_ACTED_ON}))"
)
"""The device sends a text; the first group is there where somebody else does."""
_NO_WORDS = {
    "the", "a", "an", "it", "text", "something", "over", "via", "on", "by", "me", "line", "word", "command", "serial",
    "to", "that", "this", "is", "in", "i", "print",
    "say", "show", "write", "switch", "turn", "toggle", "blink", "light", "label", "result", "results", "or", "and",
    "from", "through", "each", "back", "every", "any", "its", "one", "what", "which", "who's", "how", "whether", "at",
}  # fmt: skip


def mentioned_buttons(request: str, board: Board) -> list[int]:
    """Pins that have a button: in each clause with that word the next pin, or else the last before it."""
    found = re.findall(r"\b(?:press|push)(?:es|ed|ing)? (?:pin|gpio|d)\s*(\d+)", request.lower())
    pin = r"\b(?:pin|gpio|d)\s*(\d+)"
    for clause in re.split(r"[.;!?\n]", request.lower()):
        seen = re.search(rf"\b(?:{_BUTTON})", clause)
        more = re.findall(rf"\b(?:the one|another|the other)(?: one)? (?:on|at) {pin[2:]}", clause) if seen else []
        for word in re.finditer(rf"\b(?:{_BUTTON})", clause):
            before, after = clause[: word.start()], clause[word.start() :]
            near = re.search(rf"{pin}(?: push)?[ -]$", before) or re.search(pin, after)
            found += [near[1]] if near else re.findall(pin, before)[-1:]
        found += more
    return [int(n) for n in dict.fromkeys(found) if int(n) in board.digital_pins]


def mentions_button(request: str) -> bool:
    """Whether a button is spoken of at all."""
    return wording.mentions(request, _BUTTON)


def mentioned_commands(request: str) -> list[str]:
    """Words that somebody sends to the device, where the request says that it reacts to them."""
    found: list[str] = []
    for clause in re.split(r"(?<=[.;!?])\s", re.sub(r"\{[^{}]*\}", " ", request)):
        heard = re.search(_LISTENS, clause, flags=re.IGNORECASE)
        if not heard:
            continue
        texts = [
            text for text in wording.quoted_texts(clause[heard.start() :]) if _said_with(text, clause, heard.end())
        ]
        if not texts:
            kind = r"(?:the )?(?:words?|letters?|texts?|lines?|commands?|messages?)"
            said = (
                rf"\b(?:{_HEARD})\s+(?:it\s+)?(?:{kind}\s+)?([A-Za-z0-9]+)|"
                rf"\b{kind} ([A-Za-z0-9]+) (?:{_ACTED_ON}|received|over|on|via)\b|"
                rf"(?:,|;|\band) ([a-z0-9]+) (?:brings?|gets?|puts?|starts?|stops?|wakes?|takes?) (?:it|them|the)\b"
            )
            texts = re.findall(said, clause[heard.start() :], flags=re.IGNORECASE)
            texts += re.findall(r"\b([A-Z]{2,}\w*) (?:is|was|gets) (?:received|sent|typed)", clause)
            texts = [w for found in texts for w in ([found] if isinstance(found, str) else found) if w]
            texts = [w for w in texts if w.lower() not in _NO_WORDS or re.search(rf"\b(?:{_SENDS}) {w},", clause)]
        printed = re.findall(
            rf"\b(?:print|say|write|answer|repl(?:y|ie)|show|output)s?\s+(?:with )?(?:{wording.QUOTES})", clause
        )
        printed += [m.groups()[1:] for m in re.finditer(_SENT_OUT, clause, flags=re.IGNORECASE) if not m[1]]
        shown = {next(filter(None, p)) for p in printed if any(p)}
        found += [text for text in texts if text not in shown]
    return list(dict.fromkeys(found))


_NEAR_WORDS = 4
"""Words between a quoted text and the verb after it that still belong together."""


def _said_with(text: str, clause: str, verb: int) -> bool:
    """Whether a quoted text comes after the verb that ends at `verb`, or shortly before it: "if "go" is received"."""
    end = clause.rfind(text) + len(text)
    return end >= verb or len(clause[end:verb].split()) <= _NEAR_WORDS


def events_outside(request: str, board: Board) -> list[str]:
    """Moments that come from outside, as the plan writes them: `button 2 pressed`, `received stop`."""
    buttons = [f"button {pin} {what}" for pin in mentioned_buttons(request, board) for what in ("pressed", "released")]
    return buttons + [f"received {text}" for text in mentioned_commands(request)]


def answered(request: str) -> list[str]:
    """Commands that are answered by a line or set counts back, as the plan writes their moment: they switch nothing."""
    found: list[str] = []
    for clause in re.split(r"(?<=[.;!])\s", request):
        if wording.mentions(
            clause,
            r"answers?|repl(?:y|ies)|respond|report back|tells? me|returns? the|send(?:s)? back|"
            r"reset|back to (?:0|zero)|zeroe?s?\b|start(?:s|ing)? over|from zero|clear",
        ):
            found += [f"received {text}" for text in mentioned_commands(clause)]
    return found


_IN_A_ROW = (
    r"in a row|consecutive|successi|one after (?:another|the other)|running\b|on end|back to back|at a stretch|"
    r"without another"
)
"""Words by which results come one after the other."""
_SO_MANY = (
    rf"count|total|altogether|so far|seen|(?<!every )(?<!each )\b(?:{wording.NTH})\b(?! of a| result)|"
    rf"(?:after|from|reach\w*|more than|at least|beyond|number) (?:the |number )?(?:\d+|{'|'.join(wording.NUMBERS)})\b"
    rf"(?! {wording.UNIT})"
)


def _lasting(request: str) -> list[int]:
    """Durations of the parts that say that something lasts; all of them where no such part has one."""
    parts = re.split(r"[,;:]\s|[.!?](?:\s|$)|\n", request)
    found = [ms for part in parts if wording.mentions(part, wording.LASTING) for ms in wording.durations(part)]
    return list(dict.fromkeys(found or wording.durations(request)))


def without_labels(request: str, classes: Sequence[str]) -> str:
    """The request without the names of its labels, whose words may sound like something else."""
    names = "|".join(rf"\b{re.escape(name)}\w{{0,3}}\b" for name in classes)
    return re.sub(names, " ", request, flags=re.IGNORECASE) if names else request


_NEARNESS = (
    r"near\b|nearby|close to|comes? close|is close|close by|proximity|approach|somebody stands|"
    r"(?:hand|finger|person|somebody|someone|anybody)\b.{0,20}\b(?:in front|over|close|near)|hand is|my hand"
)
"""Words by which something must be near; what lies "in front of the sensor" is only what is recognised."""


def conditions(
    request: str, classes: Sequence[str], board: Board, near: bool, often: frozenset[str] = frozenset()
) -> list[str]:
    """What a rule may ask for besides its labels, as the plan writes it; `near`: the board feels nearness.

    `often`: traits that rules for such requests often have (agents/likely.py).
    """
    found: list[str] = []
    for limit in wording.thresholds(request):
        found += [f"confidence below {limit:g}", f"confidence at least {limit:g}"]
    if wording.mentions(request, wording.LASTING) or "if held" in often:
        found += [f"held {ms} ms" for ms in _lasting(request)]
    found += [f"{n} in a row" for n in wording.numbers_beside(request, _IN_A_ROW)]
    found += [f"every {n}. time" for n in wording.nth(request)]
    found += [f"count at least {n}" for n in wording.numbers_beside(request, _SO_MANY) if n not in wording.nth(request)]
    for pin in mentioned_buttons(request, board):
        found += [f"button {pin} down", f"button {pin} up"]
    if "if before" in often or wording.mentions(
        request, r"from|after|directly|previous|before|follow|straight|right after|turns? (?:in)?to|->|→"
    ):
        said = wording.without_quotes(request).lower()
        words = {name: [w[: max(3, len(w) - 2)] for w in re.findall(r"\w+", name.lower())] for name in classes}
        found += [
            f"before: {name}" for name in classes if any(re.search(rf"\b{re.escape(w)}", said) for w in words[name])
        ]
    nearness = wording.mentions(without_labels(request, classes), _NEARNESS)
    if near and (nearness or not often.isdisjoint({"if near", "if far"})):
        found += ["near", "far"]
    return found
