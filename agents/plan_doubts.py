"""What of a request was perhaps not understood in a plan, found without a model: reasons to ask again."""

import re
from collections.abc import Sequence

from agents import wording, wording_events
from agents.plan_decision import NUMBER
from agents.plan_evidence import unevidenced
from agents.plan_labels import mentioned_labels
from agents.plan_review import COMMON, target_of
from agents.plan_whole import follows, is_off
from agents.stems import stem
from hw.board import Board
from tools.artifacts import Condition, Count, Decision, Led, Pin, Print, Rule
from tools.behaviour import uses


def doubts_of(
    rules: Sequence[Rule], decision: Decision, request: str, classes: Sequence[str], board: Board
) -> list[str]:
    """All that was perhaps not understood: reasons for another sample, and at last for asking the person."""
    found = [
        *unused(rules, decision, request, board),
        *overused(rules, request),
        *overlooked(rules, request, classes),
        *unsaid(rules, request, classes),
        *clashes(rules, classes, request),
        *monotonous(rules, request),
        *invented(rules, request),
        *unevidenced(rules, request, classes, board),
    ]
    return list(dict.fromkeys(found))


def monotonous(rules: Sequence[Rule], request: str) -> list[str]:
    """Lines that are printed at every result whatever it is, and that the request does not show in quotation marks."""
    found = []
    for rule in rules:
        action = rule.actions[0]
        if rule.trigger != "result" or rule.condition.labels or not isinstance(action, Print):
            continue
        in_doubt = rule.condition.confidence_below is not None  # "not sure" may come again and again
        if "{" not in action.template and not in_doubt and action.template not in wording.quoted_texts(request):
            found.append(f'the same line "{action.template}" at every result')
    return found


def clashes(rules: Sequence[Rule], classes: Sequence[str], request: str) -> list[str]:
    """Outputs that are on whatever is seen, or that two rules drive for the same label under the same conditions."""
    found = [
        f"the {target_of(r.actions[0])} would be on for every label"
        for r in rules
        if r.trigger == "while" and r.condition == Condition() and not (is_off(r.actions[0]) or follows(r.actions[0]))
        and not re.search(r"always|all the time|permanent|constant|power", request.lower())
    ]  # fmt: skip
    claimed: dict[str, list[tuple[Condition, set[str]]]] = {}
    for rule in rules:
        if rule.trigger != "while" or rule.condition.not_labels:
            continue
        target, labels = target_of(rule.actions[0]), set(rule.condition.labels or classes)
        besides = rule.condition.model_copy(update={"labels": ()})
        if any(other == besides and labels & theirs for other, theirs in claimed.setdefault(target, [])):
            found.append(f"two rules say something about the {target} for the same label")
        claimed[target].append((besides, labels))
    return found


def invented(rules: Sequence[Rule], request: str) -> list[str]:
    """Fixed lines with a word that the request does not have."""
    known = set(re.findall(r"\w+", request.lower()))
    fixed = [a.template for a in _prints(rules) if "{" not in a.template]
    return [f"the request has no line '{text}'" for text in fixed if not set(re.findall(r"\w+", text.lower())) <= known]


def unused(rules: Sequence[Rule], decision: Decision, request: str, board: Board) -> list[str]:
    """Times, thresholds, commands and buttons that the request names and no rule uses."""
    request = re.sub(r"\b(?:like|e\.g\.|such as|as in) (?![a-z])\S+|\(\w+ 0\.\d+\)", " ", request)
    conditions = [rule.condition for rule in rules]
    times = {decision.stable_ms, decision.pace_ms}
    times |= {ms for r in rules for ms in (r.period_ms, r.linger_ms, r.condition.held_ms_min) if ms}
    times |= {a.duration_ms for r in rules for a in r.actions if isinstance(a, Led | Pin) and a.duration_ms}
    limits = {x for c in conditions for x in (c.confidence_min, c.confidence_below) if x is not None}
    duties = [a for r in rules for a in r.actions if isinstance(a, Pin) and a.state == "pwm"]
    found = [f"nothing takes {ms} ms" for ms in wording.durations(request) if ms not in times]
    if not duties:
        found += [f"nothing depends on a confidence of {x:g}" for x in wording.thresholds(request) if x not in limits]
    found += [
        f"a rule wants a confidence of at least {c.confidence_min:g} and below {c.confidence_below:g} at once"
        for c in conditions
        if c.confidence_min is not None and c.confidence_below is not None and c.confidence_below <= c.confidence_min
    ]
    told = _numbers_of(rules) | times | {n for n in (decision.majority, decision.stable_results) if n}
    by_index = any(isinstance(a, Led | Pin) and a.by_index for r in rules for a in r.actions)
    found += [f"nothing takes the number {n}" for n in _counts(request) if n not in told and not by_index]
    found += [f"nothing happens every {n}. time" for n in wording.nth(_without_pace(request)) if n not in told]
    told_so = any(re.search(r"\{(?:count|streak|held_ms)\}", a.template) for a in _prints(rules))
    if re.search(_TELLS_COUNT, request.lower()) and not told_so:
        found.append("no line tells a count")
    used = uses(rules)
    found += [
        f"nothing happens on '{text}'"
        for text in wording_events.mentioned_commands(request)
        if text not in used.commands
    ]
    pins = wording_events.mentioned_buttons(request, board)
    return found + [f"nothing happens with the button at pin {pin}" for pin in pins if pin not in used.buttons]


def overused(rules: Sequence[Rule], request: str) -> list[str]:
    """Times that the request names once and the rules take in two senses: as a wait and as a length."""
    waits = {r.condition.held_ms_min for r in rules}
    lengths = {a.duration_ms for r in rules for a in r.actions if isinstance(a, Led | Pin)} | {
        r.linger_ms for r in rules
    }
    said = [ms for found in re.finditer(wording.SPAN, request.lower()) for ms in wording.durations(found[0])]
    return [
        f"{ms} ms is taken in two senses" for ms in dict.fromkeys(said) if ms in waits & lengths and said.count(ms) < 2
    ]


_NAMING = (
    r"\b(?:for|when|whenever|if|while|is|sees?|hears?|detects?|notices?|recogni[sz]es?)\s+"
    r"(?:(?:it(?:'s| is| sees| hears)?|there is|i|an?|the|any|every|each)\s+)*([a-z]{3,})"
)


def strangers(quotes: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Names of things that are no labels, in quoted words that name none, where other words do call labels by name."""
    named = {quote: mentioned_labels(quote, classes) for quote in quotes}
    if not any(named.values()):
        return []
    told = {stem(w) for w in COMMON}
    open_ended = [quote for quote in quotes if not named[quote] and not re.search(_OPEN_ENDED, quote.lower())]
    words = [word for quote in open_ended for word in re.findall(_NAMING, quote.lower())]
    words = [w for w in words if w not in COMMON and w not in _NEGATED and stem(w) not in told]
    words = [w for w in words if not wording.mentioned_numbers(w)]
    return [f"'{word}' is none of the labels {', '.join(classes)}" for word in dict.fromkeys(words)]


_OPEN_ENDED = r"\b(?:button|confiden\w*|sure|certain|unsure|uncertain|send\w*|receiv\w*|typ(?:e|ed|ing)|near|close)\b"


_NEGATED = ("doesn", "isn", "didn", "hasn", "wasn", "won", "don", "aren")
"""What is left of "doesn't" and the like."""


def unsaid(rules: Sequence[Rule], request: str, classes: Sequence[str]) -> list[str]:
    """Texts in quotation marks that no rule prints, listens to or is about."""
    heard = {text.lower() for text in (*wording_events.mentioned_commands(request), *classes)}
    printed = " | ".join(_plain(a.template) for a in _prints(rules))
    names = "|".join(re.escape(name.lower()) for name in classes)
    found = []
    for text in dict.fromkeys(wording.quoted_texts(request)):
        # Labels, numbers and letters like N in it may stand for what is filled in.
        fixed = _plain(re.sub(rf"\b(?:{names})\b|\d+|\b[nx]\b", "", text.lower()))
        if text.lower() not in heard and _plain(text) not in printed and not (fixed and fixed in printed):
            found.append(f"nothing prints '{text}'")
    return found


def _plain(text: str) -> str:
    """Letters and digits alone, without what is filled in later."""
    return re.sub(r"\W+", "", re.sub(r"\{\w+\}", "", text.lower()))


_TELLS_COUNT = (
    r"\b(?:print|send|write|report|tell me|show|log|say)\b[^.;]{0,40}\b(?:number of|how many|how often|the count of)\b"
)


def _prints(rules: Sequence[Rule]) -> list[Print]:
    return [action for rule in rules for action in rule.actions if isinstance(action, Print)]


def _counts(request: str) -> list[int]:
    """Numbers of the request that count results, flashes and the like."""
    things = "results?|readings?|times|flashes|blinks|beeps|pulses|in a row|measurements?"
    counted = rf"\b{NUMBER}(?:st|nd|rd|th)? (?:\w+ )?(?:{things})\b"
    found = [wording.mentioned_numbers(n)[0] for n in re.findall(counted, _without_pins(request))]
    return [n for n in dict.fromkeys(found) if n > 1]


def _without_pace(request: str) -> str:
    """The request without "every second", which is a pace unless "time" or "one" follows."""
    return re.sub(r"\b(?:every|each) second\b(?! time| one)", " ", request, flags=re.IGNORECASE)


def _without_pins(request: str) -> str:
    return re.sub(r"\b(?:pins?|gpio|d)\s*#?\d+", " ", wording.without_quotes(request).lower())


def _numbers_of(rules: Sequence[Rule]) -> set[int]:
    conditions = [(r.condition.streak_min, r.condition.count_min, r.condition.count_every) for r in rules]
    found = {n for numbers in conditions for n in numbers if n}
    return found | {a.times for r in rules for a in r.actions if isinstance(a, Led | Pin) and a.times}


_ACTS = (
    r"\b(?:red|green|blue|yellow|leds?|lamps?|lights?|lit|pins?|d\d+|gpio|on|high|blink\w*|flash\w*|steady|steadily|print|say|"
    r"send|write|for|pwm|duty|percent|speed|beep\w*|buzz\w*|pulse\w*|twice|times|seconds?)\b|\""
)
_IDLE = (
    r"\b(?:nothing|nowt|none|silence|off|low|dark|ignor\w*|skip\w*|"
    r"not|no|never|except|besides|unless|other than|but|without|tell|distinguish\w*|"
    r"recogni[sz]\w*|detect\w*|classif\w*|sort|apart|between|from|until|after|before|goes|gone|stops?|ends?)\b|n't\b"
)


def _tells_apart(sentence: str) -> bool:
    return wording.mentions(sentence, r"apart\b|distinguish|recogni[sz]e|classif")


def overlooked(rules: Sequence[Rule], request: str, classes: Sequence[str]) -> list[str]:
    """Labels of which a part of the request says what happens for them, and of which no rule speaks."""
    spoken = {label for r in rules for label in (*r.condition.labels, *r.condition.previous)}
    open_to_all = any(not r.condition.labels and not isinstance(r.actions[0], Count) for r in rules)
    found: list[str] = []
    steady = re.sub(r"\bwithout (?:blink|flash)ing\b", "steady", wording.without_quotes(request))
    bare = [text for text in re.split(r"[.!?]\s", steady) if not _tells_apart(text)]
    for part in re.split(r"[,;.:]\s|\s(?:and|but)\s", ". ".join(bare)):
        named = mentioned_labels(part, classes)
        demanded = re.search(_ACTS, part.lower()) and not re.search(_IDLE, part.lower())
        if demanded and len(named) == 1 and named[0] not in spoken and not open_to_all:
            found.append(f"no rule speaks of '{named[0]}'")
    return list(dict.fromkeys(found))
