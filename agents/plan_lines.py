"""Printed lines that a request shows: an example with a label in it, or a form with places to fill.

"print e.g. "motor: overload (97%)"" shows the line `motor: {label} ({percent}%)`, "idle -> running" where the change is
told shows `{previous} -> {label}`, and `{"state":"<class>"}` a line of JSON.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents import wording
from tools.artifacts import Print, Rule

_EXAMPLE = (
    r"(?:like(?: this)?|e\.\s?g\.|for example|for instance|such as|as in|in the form(?: of)?|of the form|in the format|"
    r"format|form)"
)
_JSON = r"\{\s*[\"“'][^{}]{1,80}\}"
_PLACE = r"<[^<>\n]{1,20}>"
_PLACES = {
    "label": r"label|class(?:name)?|result|name|state|status|what it is|category|kind|type",
    "confidence": r"confidence|conf|score|certainty|probability|prob|p",
    "percent": r"percent(?:age)?|pct|%",
    "ms": r"time|ms|millis|milliseconds|timestamp|t",
    "previous": r"previous|old|before|last|from",
    "count": r"count|number|n|total|how many|times",
}
_COUNTED = r"count|running number|how (?:many|often)|tally|total|so far|lap|no\.|nr\b|and so on|etc\b"
_LASTED = r"how many (?:ms|milli)|how long|duration|held_ms|been at it"
_SHOWS_CHANGE = r"\b(?:old|previous|before|from|last|transition|changes?|changed|turns)\b"


@dataclass(frozen=True)
class Shown:
    """A line as the request shows it, and the template that it stands for."""

    text: str
    template: str


def shown_lines(request: str, classes: Sequence[str]) -> list[Shown]:
    """The lines that are shown, in order; a quoted text without anything to fill in is none."""
    found: list[Shown] = []
    for text in _candidates(request):
        template = _template(text, classes, request)
        if "{" in template and template != text:
            found.append(Shown(text, template))
    return list(dict.fromkeys(found))


def _candidates(request: str) -> list[str]:
    """What may be a shown line: JSON, texts with places to fill, and what follows "like" or "e.g."."""
    found = re.findall(_JSON, request)
    bare = re.sub(_JSON, " ", request)
    for text in wording.quoted_texts(bare):
        before, _, after = bare.partition(text)
        exemplary = re.search(rf"\b{_EXAMPLE}\W*$", before, flags=re.IGNORECASE)
        if exemplary or re.search(_PLACE, text) or re.match(r"\W*(?:and so on|etc\b|and the like)", after):
            found.append(text)
            bare = bare.replace(text, " ")
    found += re.findall(rf"{_PLACE}(?:[^<>\n.]{{0,12}}{_PLACE})*", bare)
    rest = rf"\b{_EXAMPLE}\s*:?\s+(?![\"“'„«<])([^;\n]{{2,40}}?)(?=[,;.)]?(?:\s*$|\.\s|;|\n|,\s| - ))"
    following = [text.strip() for text in re.findall(rest, bare, flags=re.IGNORECASE)]
    found += [text for text in wording.quoted_texts(bare) if _as_columns(text)]
    found += [text for text in wording.quoted_texts(bare) if _with_share(text)]
    found += _numbered(wording.quoted_texts(bare), bare)
    return found + [text + ")" * (text.count("(") - text.count(")")) for text in following]


def _with_share(text: str) -> bool:
    """Whether a text holds a share as an example would: "siren 91%", "open (0.87)"."""
    return bool(re.search(r"[a-z]\W+(?:\d{1,3} ?%|0\.\d{1,3}\b)", text, flags=re.IGNORECASE))


def _numbered(texts: Sequence[str], request: str) -> list[str]:
    """Texts that differ by their number alone ("lap 1", "lap 2"), and one with a number where one is spoken of."""
    forms = [re.sub(r"\d+", "#", text) for text in texts]
    alike = [text for text, form in zip(texts, forms, strict=True) if "#" in form and forms.count(form) > 1]
    spoken = wording.mentions(wording.without_quotes(request), _COUNTED)
    one = [text for text, form in zip(texts, forms, strict=True) if form.endswith("#") and spoken]
    return alike or (one if len(one) == 1 else [])


def _as_columns(text: str) -> str:
    """The template of a text that names the columns of a line, as "fruit,confidence" does; empty: it does not.

    One of them may have a name that is no field's: it is what is recognised.
    """
    names = re.split(r"[,;|\t]", text)
    fields = [_place(name) for name in names]
    if len(names) < 2 or not any(fields) or fields.count("") > ("{label}" not in fields):
        return ""
    if not all(re.fullmatch(r"\s*\w+\s*", name) for name in names):
        return ""
    for name, field in zip(names, fields, strict=True):
        text = text.replace(name.strip(), field or "{label}", 1)
    return text


def _template(text: str, classes: Sequence[str], request: str) -> str:
    if columns := _as_columns(text):
        return columns
    line = re.sub(r"<([^<>]{1,20})>", lambda m: _place(m[1]) or m[0], text)
    line = re.sub(r"\[([a-z ]{1,20})\]", lambda m: _place(m[1]) or m[0], line)
    labels = sorted(classes, key=len, reverse=True)
    names = "|".join(rf"(?<![\w{{]){re.escape(name)}(?![\w}}])" for name in labels)
    seen = re.findall(names, line, flags=re.IGNORECASE)
    both = rf"(?:{names})\s*(?:->|→|=>|>|to|-)\s*(?:{names})"
    if len(seen) == 2 and re.search(both, line, flags=re.IGNORECASE) and re.search(_SHOWS_CHANGE, request.lower()):
        line = re.sub(names, "{previous}", line, count=1, flags=re.IGNORECASE)
        line = re.sub(names, "{label}", line, count=1, flags=re.IGNORECASE)
    elif len(seen) == 1:
        line = re.sub(names, "{label}", line, flags=re.IGNORECASE)
    if "{label}" not in line:
        numbered = _numbered(wording.quoted_texts(request), request)
        return re.sub(r"\b\d{1,4}\b", "{count}", line, count=1) if text in numbered else line
    line = re.sub(r"(?<![\w.{])\d{1,3}(?=\s*(?:%|percent))", "{percent}", line)
    line = re.sub(r"(?<![\w.{])0\.\d+", "{confidence}", line)
    if wording.mentions(request, "percent") and "{percent}" not in line:
        line = re.sub(r"(?<![\w.{])\d{2,3}(?![\w.}])", "{percent}", line)
    line = re.sub(r"(?<![\w.{])\d{3,6}\s?(?=ms\b)", "{ms}", line)
    if wording.mentions(request, r"in a row|streak|one after"):
        line = re.sub(r"(?<![\w.{])(x ?)?\d{1,3}(?![\w.}%])", r"\1{streak}", line, count=1)
    if wording.mentions(request, r"time|ms\b|milli") and not wording.mentions(request, _LASTED) and "{ms}" not in line:
        line = re.sub(r"(?<![\w.{])\d{4,7}(?![\w.}%])", "{ms}", line, count=1)
    if wording.mentions(request, _LASTED):
        line = re.sub(r"(?<![\w.{])\d{2,6}(?![\w.}%])", "{held_ms}", line, count=1)
    counts = any(field in line for field in ("{held_ms}", "{count}", "{streak}"))
    if wording.mentions(request, _COUNTED) and not counts:
        line = re.sub(r"(?<![\w.{])\d{1,4}(?![\w.}%])", "{count}", line, count=1)
    return line


def _place(words: str) -> str:
    said = words.strip().lower()
    return next((f"{{{field}}}" for field, meant in _PLACES.items() if re.fullmatch(meant, said)), "")


def without_examples(request: str, shown: Sequence[Shown]) -> str:
    """The request without the lines that it shows: their numbers are no demands."""
    for line in shown:
        request = request.replace(line.text, " ")
    return request


def with_shown(rules: Sequence[Rule], shown: Sequence[Shown]) -> tuple[Rule, ...]:
    """The rules with the shown line where a single line tells the label, in other words."""
    told = [r for r in rules if "{" in _text(r)]
    templates = list(dict.fromkeys(line.template for line in shown))
    if len(templates) != 1 or len(told) != 1:
        return tuple(rules)
    line = Print(template=templates[0])
    return tuple(r.model_copy(update={"actions": (line,)}) if r in told else r for r in rules)


def missing_lines(rules: Sequence[Rule], shown: Sequence[Shown]) -> list[str]:
    """Lines that the request shows and no rule prints."""
    return [f"no line looks like '{s.text}'" for s in shown if s.template not in map(_text, rules)]


def _text(rule: Rule) -> str:
    action = rule.actions[0]
    return action.template if isinstance(action, Print) else ""
