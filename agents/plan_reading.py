"""From the planner's compact JSON to typed rules, held against the words that it quotes."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from agents import wording
from agents.plan_labels import EXCEPTIONS, about, mentioned_labels, named_in, the_rest
from agents.plan_leading import conditions_led, labels_led, leading
from agents.plan_whole import moment, switched, with_counters
from tools.artifacts import Action, Condition, Count, Led, Pin, Print, Rule
from tools.errors import Fixable

NEAR = 150
"""Proximity below which something is near: 0 is at the sensor, 255 is nothing there."""


def parse_plan(text: str, classes: Sequence[str], request: str = "") -> tuple[Rule, ...]:
    """Rules of the plan (output -> entries); raises Fixable when something is missing."""
    try:
        plan = json.loads(text)
        switches = plan.pop("switches", [])
        rules = [
            rule
            for output, entries in plan.items()
            for entry in entries
            for rule in _rules(output, entry, classes, request)
        ]
        return with_counters(switched(rules, switches), classes)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Fixable(f"the plan is not in the asked form: {error!r}", text=text) from error


def quotes_of(text: str) -> tuple[str, ...]:
    """The words of the request that the plan quotes, in order."""
    return tuple(str(entry["quote"]) for entries in json.loads(text).values() for entry in entries)


_HELD_DOWN = (
    r"\b(?:as long as|while|only while|during)\b[^.;]*\bbutton\b|\bbutton\b[^.;]*\b(?:held|kept) (?:down|pressed)"
)
_AS_LONG = r"\b(?:while|as long as|when|if|only|during|unless)\b"
_NO_RESULT = ("every", "start", "button", "received")


def _rules(output: str, entry: dict[str, Any], classes: Sequence[str], request: str) -> list[Rule]:
    quote = with_exception(entry.get("quote", ""), request)
    entry = _pulsed(output, entry, quote)
    opening = leading(quote, request) if not entry.get("when", "").startswith(_NO_RESULT) else ""
    action = _flashing(action_of(output, entry, request), quote)
    words = about(action, quote, request, classes)
    action = _driven(action, entry.get("labels", {}), quote, classes)
    labels = tuple(name for name, meant in entry.get("labels", {}).items() if meant)
    if labels:
        doubt = any(str(said).startswith("confidence") for said in entry.get("if", ()))
        labels = labels_led(opening, quote, classes) or _grounded(labels, words, classes, action, doubt)
        if not doubt:
            labels = the_rest(quote, request, classes) or labels
    when = _timed(entry["when"], quote, classes, request)
    held_down = re.fullmatch(r"button (\d+) pressed", when)
    if held_down and isinstance(action, Print) and re.search(_HELD_DOWN, quote.lower()):
        when = "result" if re.search(r"\b(?:each|every) (?:result|reading)", quote.lower()) else "change"
        entry = {**entry, "if": [f"button {held_down[1]} down"]}
    tells = isinstance(action, Print) and "{label}" in action.template and not re.search(_AS_LONG, quote.lower())
    if when.startswith(_NO_RESULT) and (tells or not mentioned_labels(quote, classes)):
        labels = ()  # what is repeated or comes from outside, without a word on labels, is not stopped by one
    condition: dict[str, Any] = {"labels": () if set(labels) == set(classes) else labels}
    for said in entry.get("if", ()):
        condition |= asked(said)
    condition |= {key: value for key, value in conditions_led(opening).items() if key not in condition}
    ordered = re.search(r"\b(?:from|order|sequence|gesture|followed|first)\b", words.lower()) or condition.get(
        "previous"
    )
    condition |= _transition(words, classes) or (_transition(request, classes) if ordered else {})
    linger = linger_of(entry)
    rule = moment(when) | {"condition": condition, "actions": (action,)}
    if linger:
        rule["linger_ms"] = linger
    return [settled(Rule.model_validate(rule))]


def linger_of(entry: dict[str, Any]) -> int | None:
    """How long an output stays on after its label has gone, in ms."""
    said = re.search(r" and (\d+) ms after$", str(entry.get("set", "")))
    return int(said[1]) if said else None


def with_exception(quote: str, request: str) -> str:
    """The quoted words and the exception that follows them in the request, which the model often leaves out."""
    at = request.lower().find(quote.lower()) if quote else -1
    if at < 0:
        return quote
    rest = request[at + len(quote) :]
    found = re.match(rf"[\s,(:-]*(?:but )?(?:{EXCEPTIONS})\b[^.;:]*", rest, flags=re.IGNORECASE)
    return quote + found[0] if found else quote


def _transition(quote: str, classes: Sequence[str]) -> dict[str, Any]:
    """What "from X to Y", "X followed by Y" or "Y right after X" says, whatever the model made of it."""
    for pattern, swapped in _TRANSITIONS:
        found = re.search(pattern, quote.lower())
        parts = [named_in(part, classes) for part in found.groups()] if found else []
        if all(parts) and parts:
            before, after = reversed(parts) if swapped else parts
            return {"previous": before, "labels": after}
    return {}


_TRANSITIONS = (
    (r"\bfrom (.+?) (?:in)?to (.+)", False),
    (
        r"(\S+(?: \S+)?),? (?:(?:directly|immediately|straight|right) )?(?:is )?followed by (?:an? |the )?"
        r"(\S+(?: \S+)?)",
        False,
    ),
    (r"\bfirst (?:an? |the )?(\S+),? (?:and )?then (?:an? |the )?(\S+)", False),
    (r"(\S+(?: \S+)?) (?:directly|immediately|straight|right) after (?:an? |the )?(\S+(?: \S+)?)", True),
)
"""Two labels in a row, and whether the later one is named first."""


def _flashing(action: Action, quote: str) -> Action:
    """A flash as long as the quoted words say."""
    if isinstance(action, Led | Pin) and action.state == "blink" and action.duration_ms is None:
        others = (*wording.periods(quote), *wording.held(quote))
        spans = [ms for ms in wording.durations(quote) if ms not in others and ms <= wording.LONGEST_FLASH_MS]
        if spans and (action.times == 1 or re.search(r"\beach\b|\bapiece\b", quote.lower())):
            return action.model_copy(update={"duration_ms": spans[0]})
    return action


def _driven(action: Action, labels: dict[str, int], quote: str, classes: Sequence[str]) -> Action:
    """A duty as the part of the quoted words says it that names the one label which is meant."""
    meant = tuple(name for name, yes in labels.items() if yes)
    if not isinstance(action, Pin) or action.duty is None or len(meant) != 1:
        return action
    parts = [part for part in re.split(r"[,;]\s|\s(?:and|but)\s", quote.lower()) if named_in(part, classes) == meant]
    said = [duty for part in parts for duty in wording.duties(part)]
    return action.model_copy(update={"duty": said[0]}) if len(said) == 1 else action


def settled(rule: Rule) -> Rule:
    """`becomes` without a label means each change of it; the other things that begin stay as they are."""
    if rule.trigger == "becomes" and rule.condition == Condition():
        return rule.model_copy(update={"trigger": "change"})
    return rule


def _timed(when: str, quote: str, classes: Sequence[str], request: str) -> str:
    """The moment that the quoted words name outweighs the model's guess."""
    if when not in ("result", "change", "becomes"):
        return when
    if spans := [ms for ms in wording.periods(quote) if not request or ms in wording.periods(request)]:
        return f"every {spans[0]} ms"
    if when == "result" and re.search(
        r"\b(?:when|whenever|if|each time|on (?:each|every|a|any))\b.*\bchang", quote.lower()
    ):
        return "change"
    if when == "result" and re.search(r"\b(?:(?:each|every) time|once)\b", quote.lower()) and named_in(quote, classes):
        return "becomes"
    each = re.findall(r"\b(?:each|every|any) ((?:\w+ ){0,1}\w+)", quote.lower())
    if when == "result" and any(named_in(words, classes) for words in each):
        return "becomes"
    if when == "change" and re.search(_AT_RESULTS, quote.lower()):
        return "result"
    return when


_AT_RESULTS = (
    r"\b(?:each|every|per) (?:single )?(?:result|reading)\b|\b(?:each|every) time .{0,30}\b(?:result|reading)\b"
)
_SOME = r"\d+|two|three|four|five|six|seven|eight|ten"
_FLASHES = rf"\b(?:(?:{_SOME}) (?:\w+ )?(?:times|flashes|blinks|pulses|winks|beeps)|twice)\b"


def _pulsed(output: str, entry: dict[str, Any], quote: str) -> dict[str, Any]:
    """An output that is on "for 2 seconds" is on once, not all the while; unless something must have held so long."""
    way = entry.get("set")
    flashes = re.search(_FLASHES, quote.lower())
    if flashes and entry["when"] == "while" and str(way).startswith("blink"):
        pace = re.fullmatch(r"blink (\d+ ms)", str(way))
        times = 2 if flashes[0] == "twice" else wording.mentioned_numbers(flashes[0])[0]
        return {**entry, "when": "becomes", "set": f"blink {times} times{f' {pace[1]}' if pace else ''}"}
    span = re.search(rf"\bfor (?:exactly |about |just )?{wording.SPAN}", quote.lower())
    if span and way == f"blink {wording.durations(span[0])[0]} ms":  # "buzz for one second" is no rhythm
        way = "high" if output.startswith("pin") else "on"
    if entry["when"] != "while" or way not in ("on", "high") or not span or wording.mentions(quote, wording.LASTING):
        return entry
    return {**entry, "when": "becomes", "set": f"{way} for {wording.durations(span[0])[0]} ms"}


_ASKED: tuple[tuple[str, Callable[[re.Match[str]], dict[str, Any]]], ...] = (
    (r"confidence below ([\d.]+)", lambda m: {"confidence_below": float(m[1])}),
    (r"confidence at least ([\d.]+)", lambda m: {"confidence_min": float(m[1])}),
    (r"held (\d+) ms", lambda m: {"held_ms_min": int(m[1])}),
    (r"(\d+) in a row", lambda m: {"streak_min": int(m[1])}),
    (r"every (\d+)\. time", lambda m: {"count_every": int(m[1])}),
    (r"count at least (\d+)", lambda m: {"count_min": int(m[1])}),
    (r"button (\d+) down", lambda m: {"button_pressed": int(m[1])}),
    (r"button (\d+) up", lambda m: {"button_released": int(m[1])}),
    (r"before: (.+)", lambda m: {"previous": (m[1],)}),
    (r"near", lambda _: {"proximity_below": NEAR}),
    (r"far", lambda _: {"proximity_min": NEAR}),
)


def asked(said: str) -> dict[str, Any]:
    """Fields of a Condition, from the plan's words for one; raises ValueError for others."""
    for pattern, meaning in _ASKED:
        if found := re.fullmatch(pattern, said):
            return meaning(found)
    raise ValueError(f"unknown condition {said!r}")


# --- labels -------------------------------------------------------------------------------------------


def _grounded(
    labels: tuple[str, ...], quote: str, classes: Sequence[str], action: Action, for_all: bool
) -> tuple[str, ...]:
    """Labels that the words name outweigh the model's guess; what tells changes, labels or confidence is for all."""
    named = mentioned_labels(quote, classes)
    if named and set(named) < set(labels) and re.search(_ANY_OF, quote.lower()):
        return labels  # "any bird" means more than the label that is called bird
    if set(labels) < set(named) == set(classes):
        return labels  # words that name every label tell nothing of the one that is meant
    if named and not re.search(r"\b(?:from|after|before|followed|to)\b", quote.lower()):
        return named
    if named and set(labels) <= set(named):
        return labels
    shows = for_all or bool(re.search(r"\bchang(?:e|es|ed)\b", wording.without_quotes(quote).lower()))
    shows |= isinstance(action, Print) and "{label}" in action.template
    shows |= isinstance(action, Led | Pin) and (action.by_index or (isinstance(action, Pin) and action.by_confidence))
    return tuple(classes) if shows and not named else labels


_ANY_OF = r"\b(?:any|either|all|every|both|whichever|whatever|kinds? of|sorts? of)\b"


# --- actions ------------------------------------------------------------------------------------------


def action_of(output: str, entry: dict[str, Any], request: str) -> Action:
    """What an entry of the plan does with an output."""
    if output == "count":
        return Count(state="reset")
    if "json" in entry:
        return Print(template=_json(entry["json"], request))
    if output == "serial":
        return Print(template=entry["print"].strip())
    said = str(entry["set"])
    facts = _drive(re.sub(r" and \d+ ms after$", "", said))
    if output.startswith("pin "):
        return Pin.model_validate({"pin": int(output.removeprefix("pin ")), **facts})
    return Led.model_validate({"name": output.removesuffix(" LED"), **facts})


def _drive(said: str) -> dict[str, Any]:
    if span := re.fullmatch(r"(on|high) for (\d+) ms", said):
        return {"state": span[1], "duration_ms": int(span[2])}
    if blink := re.fullmatch(r"blink (\d+) times(?: (\d+) ms)?", said):
        return {"state": "blink", "times": int(blink[1]), "duration_ms": int(blink[2]) if blink[2] else None}
    if pace := re.fullmatch(r"blink (\d+) ms", said):
        return {"state": "blink", "duration_ms": int(pace[1])}
    if said == "blink by index":
        return {"state": "blink", "by_index": True}
    if said == "pwm by confidence":
        return {"state": "pwm", "by_confidence": True}
    if duty := re.fullmatch(r"pwm (\d+)", said):
        return {"state": "pwm", "duty": int(duty[1])}
    return {"state": said}


def _json(fields: Sequence[str], request: str) -> str:
    """A JSON line of fields, under the keys that the request shows or names in quotation marks, in their order."""
    keys = re.findall(r"[\"'“](\w+)[\"'”]\s*:", request)
    parts = []
    for k, field in enumerate(dict.fromkeys(fields)):
        key = keys[k] if k < len(keys) else field
        value = f'"{{{field}}}"' if field in ("label", "previous", "name") else f"{{{field}}}"
        parts.append(f'"{key}":{value}')
    return "{" + ",".join(parts) + "}"
