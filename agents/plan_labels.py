"""Which labels the words of a request name, and which of its words speak of one output."""

import re
from collections.abc import Sequence

from agents import wording
from agents.stems import stem
from tools.artifacts import Action, Led, Pin, Print

EXCEPTIONS = (
    r"except(?: for| when| if)?|besides|unless|not (?:for|when|if|on)|other than|apart from|save(?: for)?|excluding|"
    r"(?:do not|don't|does not|doesn't|never|nothing|no line|no output)\b[^.;,]{0,30}?\b(?:for|when|if|on|at|while)"
)
"""Words after which the labels follow that something does not hold for."""
_NEGATES = (
    r"\b(?:unless|except|besides|(?:any|every)thing but|all but|other than|save|without|not|isn't|is no|no|don't|"
    r"doesn't|won't|never|ignore|ignoring|skip|skipping|nothing|none of)\b"
)
_OPEN = r"\b(?:otherwise|else|other|others)\b(?! than)"


def mentioned_labels(quote: str, classes: Sequence[str]) -> tuple[str, ...]:
    """Labels that the quoted words name, whole or by a common stem (`run` names `running`).

    Where they negate, all but those after the negation; none where the words leave it open ("otherwise").
    """
    text = _without_negating_names(re.sub(r"\b(?:like|such as|e\.g\.|for example)\b.*", "", quote.lower()), classes)
    text = re.sub(
        rf"\b(?:red|green|blue|yellow|orange|white) (?:{_LAMPS})\b", " ", text
    )  # no "green light" of a traffic light
    if re.search(_OPEN, text):
        return ()
    said, *denied = (_with_names(part, classes) for part in re.split(_NEGATES, text, maxsplit=1))
    named = named_in(said, classes)
    if denied and not named_in(denied[0], classes):  # "..., X means no light" denies what stands before it
        before, mark, own = said.rpartition(",")
        named = tuple(c for c in named_in(before, classes) if c not in named_in(own, classes)) if mark else named
    if named or not denied:
        return named
    excluded = named_in(denied[0], classes)
    return tuple(c for c in classes if c not in excluded) if excluded else ()


def _without_negating_names(text: str, classes: Sequence[str]) -> str:
    """The text with marks for labels such as "no" and "no sign", which deny nothing."""
    for k, name in enumerate(classes):
        if re.search(_NEGATES, name.lower()):
            bare = re.escape(name.lower())
            own = rf"[\"“']{bare}[\"”']" if bare == "no" else rf"\b{bare}\b"
            text = re.sub(own, f"label#{k}", text)
    return text


def _with_names(text: str, classes: Sequence[str]) -> str:
    return re.sub(r"label#(\d+)", lambda m: classes[int(m[1])].lower(), text)


def the_rest(quote: str, request: str, classes: Sequence[str]) -> tuple[str, ...]:
    """For "all others" and "otherwise": the labels that the request names nowhere; empty for other words."""
    if not re.search(_REST, quote.lower()) or named_in(quote, classes):
        return ()
    named = named_in(request, classes)
    left = tuple(c for c in classes if c not in named)
    return left if named else ()


_REST = (
    r"\b(?:all the rest|the rest|(?:all|any|every) (?:the )?others?|anything else|everything else|otherwise|or else)\b"
)


def named_in(text: str, classes: Sequence[str]) -> tuple[str, ...]:
    """Labels all of whose words are in `text`; where none is, those whose last word is ("either pepper")."""
    words = re.findall(r"\w+", re.sub(r"\bover (?=(?:the )?(?:serial|usb|uart))", " ", text.lower()))
    parts = {name: re.findall(r"\w+", name.lower()) for name in classes}
    whole = tuple(c for c in classes if _together(parts[c], words))
    if len(whole) > 1:
        whole = tuple(c for c in whole if not _only_within(c, [d for d in whole if d != c], text))
    partly = (c for c in classes if len(parts[c]) > 1 and parts[c][0] not in ("no", "not", "without"))
    return whole or tuple(c for c in partly if any(_same_stem(parts[c][-1], w) for w in words))


def _together(parts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether all parts of a label's name stand near each other, in any order."""
    room = len(parts) + _BETWEEN
    near = (words[k : k + room] for k in range(max(1, len(words) - len(parts) + 1)))
    return any(all(any(_same_stem(p, w) for w in some) for p in parts) for some in near)


_BETWEEN = 3
"""Words that may stand between the parts of a label's name: "a dog that barks" is "dog bark"."""


def _only_within(label: str, others: Sequence[str], text: str) -> bool:
    """Whether a label is named as a part of a longer one alone: "tap" in "double tap"."""
    longer = [d for d in others if re.search(rf"\b{re.escape(label)}\b", d, re.IGNORECASE)]
    rest = text
    for name in longer:
        rest = re.sub(rf"\b{re.escape(name)}\w{{0,3}}", " ", rest, flags=re.IGNORECASE)
    return bool(longer) and not re.search(rf"\b{re.escape(label)}", rest, re.IGNORECASE)


def _same_stem(label: str, word: str) -> bool:
    shorter, longer = sorted((label, word), key=len)
    if label == word:
        return True
    ending = longer.removeprefix(shorter) if longer.startswith(shorter) else ""
    if len(shorter) <= 3:
        return ending == "s" or (len(shorter) == 3 and ending in _ENDINGS_OF_SHORT)
    return ending in _ENDINGS or stem(label) == stem(word)


_ENDINGS = frozenset(
    """
    s es d ed n en r er ers ing ings y ly ter ping ting ning ming ging bing ling ped ted ned med ged
    """.split()  # noqa: SIM905 - a line of words reads better than a list of strings
)


_ENDINGS_OF_SHORT = frozenset(
    ["es", "ed", "ing", "er", "ers", *(c + e for c in "bdgmnprt" for e in ("ing", "ed", "er"))],
)
"""After a word of three letters, so that "goes" is not "go" and "canned" is "can"."""


def about(action: Action, quote: str, request: str, classes: Sequence[str]) -> str:
    """The part of the words that speaks of a printed text, a duty or an output, where they tell one for each label."""
    if isinstance(action, Print) and "{" not in action.template:
        said = rf"(?<!\w){re.escape(action.template.lower())}(?!\w)"
    elif isinstance(action, Pin) and action.duty is not None:
        said = rf"\b{action.duty}\b"
    elif isinstance(action, Led | Pin):
        own = _segment(action, quote, classes)
        return own if own != quote or not action.times else _counting(action.times, quote, classes)
    else:
        return quote
    parts = [part for words in (quote, request) for part in re.split(r"[,;.]\s| and | but ", words)]
    parts = _with_lists(parts, classes)
    telling = [part for part in parts if re.search(said, part.lower()) and named_in(part.lower(), classes)]
    if not telling:
        return quote
    if isinstance(action, Print) and named_in(action.template, classes):
        return re.sub(said, " ", telling[0].lower(), count=1)  # the printed words name a label themselves
    return telling[0]


def _with_lists(parts: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Parts between commas, with those that only go on with a list of labels put to the one before."""
    joined: list[str] = []
    for part in parts:
        goes_on = re.match(
            r"\s*(?:(?:or|and) )?(?:an?|the)? ?\w+(?: \w+)?(?: (?:or|and) (?:an? |the )?\w+)?(?: begins| starts)?\W*$",
            part,
        )
        if joined and goes_on and named_in(part, classes) and named_in(joined[-1], classes):
            joined[-1] = f"{joined[-1]} or {part}"
        else:
            joined.append(part)
    return joined


def _counting(times: int, quote: str, classes: Sequence[str]) -> str:
    """Of words that tell a number of flashes for each label, those with `times`: "a jab 1 blink, a hook 2"."""
    words = "|".join(word for word, n in wording.NUMBERS.items() if n == times)
    said = rf"\b(?:{times}|{words or times})\b"
    parts = [p for p in re.split(r"[,;.]\s| and | but ", quote) if re.search(said, p.lower()) and named_in(p, classes)]
    return parts[0] if len(parts) == 1 else quote


_LAMPS = "leds?|lamps?|lights?"
_ANY_OUTPUT = r"\b(?:red|green|blue|yellow|built-?in|on-?board|pins? ?\d+|d\d+|gpio ?\d+)\b"


def _segment(action: Led | Pin, quote: str, classes: Sequence[str]) -> str:
    """Of words that deal with several outputs, those about this one: "red for a cow, green for a pig".

    A part without an output belongs to the one before where the first part names an output, else to the next one.
    """
    labels = " ".join(classes).lower()
    outputs = [
        m
        for m in re.findall(_ANY_OUTPUT, quote.lower())
        if m not in labels or re.search(rf"{m} (?:{_LAMPS})", quote.lower())
    ]
    own = (
        rf"\b{action.name.replace('builtin', 'built-?in')}\b"
        if isinstance(action, Led)
        else rf"(?:pins? ?|d|gpio ?){action.pin}\b"
    )
    if len(set(outputs)) < 2 or not re.search(own, quote.lower()):
        return quote
    parts = re.split(r"[,;]\s|\s(?:and|but|while|/)\s", quote)
    named = [bool(re.search(_ANY_OUTPUT, part.lower())) for part in parts]
    joined: list[str] = []
    pending = ""
    for part, names in zip(parts, named, strict=True):
        if names or not named[0]:
            if names:
                joined.append(f"{pending} {part}".strip())
                pending = ""
            else:
                pending = f"{pending} {part}"
        else:
            joined[-1] += f" and {part}"
    own_parts = [part for part in joined if re.search(own, part.lower()) and named_in(part, classes)]
    return own_parts[0] if own_parts else quote
