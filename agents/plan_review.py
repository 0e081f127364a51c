"""Second thoughts about a plan, without a model: common sense, what is hardly meant, and what no rule covers."""

import re
from collections.abc import Sequence

from agents import wording
from agents.plan_decision import NUMBER
from agents.plan_labels import mentioned_labels
from agents.plan_reading import NEAR
from hw.board import Board
from tools.artifacts import Action, Condition, Count, Decision, Led, Pin, Print, Rule
from tools.behaviour import BLINK_MS, output_name, output_of, uses

_COMMON = frozenset(
    """
    a about above all also an and any anything are as at back be been being below but by can could device do
    does done each else every everything for from get gets give goes had has have held hold how i if in into
    is it its just keep let like long longer make me mean more most my need no none not nothing now of off on
    once only onto or other otherwise our out over own please put s same see seen set shall should show shows
    so some something soon sort stay stays still such switch t take tell tells than that the their them then
    there these they thing things this those time times to together too turn turns two until up upon us use
    using very via want was we well what whatever when whenever where which while who will with within without
    would x you your light lights lit led leds lamp pin pins print prints printed say says write send sends
    serial line lines text word output port monitor board arduino nano uno mega nucleo sense ble sensor
    sensors colour color rgb recognise recognize recognised classify classified classification classifier
    detect detects detected detection distinguish identify result results label labels class classes
    confidence name names way work works device gadget machine sees hears reading readings data measure new
    different again first start starts starting begin begins high low red green blue builtin built blink
    blinks blinking flash flashes flashing goes come comes appear appears whether try either both
    apart build gadget spoken camera accelerometer microphone kind kinds type types
    """.split()  # noqa: SIM905 - a page of words reads better than a list of strings
)
"""Words that say nothing by themselves, or that name what every plan has."""


def tidy(rules: Sequence[Rule], request: str = "") -> tuple[Rule, ...]:
    """Common sense that needs no model.

    No rule twice, no "off" where the output reverts by itself, nothing held that an event does for the same labels,
    and lines only at changes where the request says so of all of them.
    """
    if re.search(_AT_CHANGE, request.lower()) and not re.search(_AT_RESULT, request.lower()):
        rules = [_at_changes(rule) for rule in rules]
    rules = [_at_counts(rule) for rule in rules] if not re.search(_AT_RESULT, request.lower()) else rules
    rules = _or_else(rules, request)
    done = {(_target(a), r.condition.labels) for r in rules if r.trigger in ("becomes", "change") for a in r.actions}
    done |= {(target, ()) for target, _ in done}
    rules = [r for r in rules if r.trigger != "while" or (_target(r.actions[0]), r.condition.labels) not in done]
    kept: list[Rule] = []
    lit = {_target(a) for r in rules if r.trigger == "while" for a in r.actions if not _is_off(a)}
    for rule in dict.fromkeys(rules):
        action = rule.actions[0]
        if rule.trigger == "while" and _is_off(action) and _target(action) in lit:
            continue
        kept.append(rule)
    return tuple(kept)


_AT_CHANGE = (
    r"\b(?:when(?:ever)?|if|each time|every time|only|at|on|upon|at each|on every|as soon as)\b[^.;]{0,40}"
    r"\b(?:chang|new one|another one|differ|switches to|turns into)"
)
_AT_RESULT = (
    r"\b(?:each|every|all|any) (?:single )?(?:results?|readings?|measurements?|decisions?|time)\b|continuous|always"
)


def _at_counts(rule: Rule) -> Rule:
    """A line that tells a count comes when it is counted."""
    action = rule.actions[0]
    counted = rule.condition.count_min is not None or rule.condition.count_every is not None
    counted |= isinstance(action, Print) and "{count}" in action.template and bool(rule.condition.labels)
    return rule.model_copy(update={"trigger": "becomes"}) if counted and rule.trigger == "result" else rule


def _or_else(rules: Sequence[Rule], request: str) -> list[Rule]:
    """Of two lines at every result, one with a least confidence, the other is for what is below it."""
    lines = [r for r in rules if r.trigger == "result" and isinstance(r.actions[0], Print)]
    sure = [r for r in lines if r.condition.confidence_min is not None]
    rest = [r for r in lines if r.condition == Condition()]
    told = re.search(r"\b(?:below|otherwise|else|instead|if not|less)\b", request.lower())
    if len(sure) != 1 or len(rest) != 1 or sure[0].condition.labels or not told:
        return list(rules)
    below = rest[0].model_copy(update={"condition": Condition(confidence_below=sure[0].condition.confidence_min)})
    return [below if rule is rest[0] else rule for rule in rules]


def _follows(action: Action) -> bool:
    return isinstance(action, Pin) and action.by_confidence


def _is_off(action: Action) -> bool:
    return isinstance(action, Led | Pin) and action.state in ("off", "low")


def _at_changes(rule: Rule) -> Rule:
    prints = rule.trigger == "result" and isinstance(rule.actions[0], Print)
    return rule.model_copy(update={"trigger": "change"}) if prints else rule


def _target(action: Action) -> str:
    return output_name(output_of(action)) if isinstance(action, Led | Pin) else "serial line"


def doubts_of(
    rules: Sequence[Rule], decision: Decision, request: str, classes: Sequence[str], board: Board
) -> list[str]:
    """All that was perhaps not understood: reasons for another sample, and at last for asking the person."""
    found = [
        *unused(rules, decision, request, board),
        *overlooked(rules, request, classes),
        *unsaid(rules, request, classes),
        *clashes(rules, classes, request),
        *monotonous(rules, request),
        *invented(rules, request),
    ]
    return list(dict.fromkeys(found))


def monotonous(rules: Sequence[Rule], request: str) -> list[str]:
    """Lines that are printed at every result whatever it is, and that the request does not show in quotation marks."""
    found = []
    for rule in rules:
        action = rule.actions[0]
        if rule.trigger != "result" or rule.condition != Condition() or not isinstance(action, Print):
            continue
        if "{" not in action.template and action.template not in wording.quoted_texts(request):
            found.append(f'the same line "{action.template}" at every result')
    return found


def clashes(rules: Sequence[Rule], classes: Sequence[str], request: str) -> list[str]:
    """Outputs that are on whatever is seen, or that two rules drive for the same label under the same conditions."""
    found = [
        f"the {_target(r.actions[0])} would be on for every label"
        for r in rules
        if r.trigger == "while" and r.condition == Condition() and not (_is_off(r.actions[0]) or _follows(r.actions[0]))
        and not re.search(r"always|all the time|permanent|constant|power", request.lower())
    ]  # fmt: skip
    claimed: dict[str, list[tuple[Condition, set[str]]]] = {}
    for rule in rules:
        if rule.trigger != "while" or rule.condition.not_labels:
            continue
        target, labels = _target(rule.actions[0]), set(rule.condition.labels or classes)
        besides = rule.condition.model_copy(update={"labels": ()})
        if any(other == besides and labels & theirs for other, theirs in claimed.setdefault(target, [])):
            found.append(f"two rules say something about the {target} for the same label")
        claimed[target].append((besides, labels))
    return found


def invented(rules: Sequence[Rule], request: str) -> list[str]:
    """Fixed lines with a word that the request does not have."""
    known = set(re.findall(r"\w+", request.lower()))
    fixed = [a.template for r in rules for a in r.actions if isinstance(a, Print) and "{" not in a.template]
    return [f"the request has no line '{text}'" for text in fixed if not set(re.findall(r"\w+", text.lower())) <= known]


def unused(rules: Sequence[Rule], decision: Decision, request: str, board: Board) -> list[str]:
    """Times, thresholds, commands and buttons that the request names and no rule uses."""
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
    found += [f"nothing takes the number {n}" for n in _counts(request) if n not in told]
    used = uses(rules)
    found += [
        f"nothing happens on '{text}'" for text in wording.mentioned_commands(request) if text not in used.commands
    ]
    pins = wording.mentioned_buttons(request, board)
    return found + [f"nothing happens with the button at pin {pin}" for pin in pins if pin not in used.buttons]


_NAMING = (
    r"\b(?:for|when|whenever|if|while|is|sees?|hears?|detects?|notices?|recogni[sz]es?)\s+"
    r"(?:(?:it(?:'s| is| sees| hears)?|there is|i|an?|the|any|every|each)\s+)*([a-z]{3,})"
)


def strangers(quotes: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Names of things that are no labels, in quoted words that name none, where other words do call labels by name."""
    named = {quote: mentioned_labels(quote, classes) for quote in quotes}
    if not any(named.values()):
        return []
    told = {_stem(w) for w in _COMMON}
    open_ended = [quote for quote in quotes if not named[quote] and not re.search(_OPEN_ENDED, quote.lower())]
    words = [word for quote in open_ended for word in re.findall(_NAMING, quote.lower())]
    words = [w for w in words if w not in _COMMON and _stem(w) not in told and not wording.mentioned_numbers(w)]
    return [f"'{word}' is none of the labels {', '.join(classes)}" for word in dict.fromkeys(words)]


_OPEN_ENDED = r"\b(?:button|confiden\w*|sure|certain|unsure|uncertain|send\w*|receiv\w*|typ(?:e|ed|ing)|near|close)\b"


def unsaid(rules: Sequence[Rule], request: str, classes: Sequence[str]) -> list[str]:
    """Texts in quotation marks that no rule prints, listens to or is about."""
    heard = {text.lower() for text in (*wording.mentioned_commands(request), *classes)}
    printed = " | ".join(_plain(a.template) for r in rules for a in r.actions if isinstance(a, Print))
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


def _counts(request: str) -> list[int]:
    """Numbers of the request that count results, flashes and the like."""
    bare = request
    for text in wording.quoted_texts(request):
        bare = bare.replace(text, " ")
    things = "results?|readings?|times|flashes|blinks|beeps|pulses|in a row|measurements?"
    counted = rf"\b{NUMBER}(?:st|nd|rd|th)? (?:\w+ )?(?:{things})\b"
    found = [wording.mentioned_numbers(n)[0] for n in re.findall(counted, bare.lower())]
    return [n for n in dict.fromkeys(found) if n > 1]


def _numbers_of(rules: Sequence[Rule]) -> set[int]:
    conditions = [(r.condition.streak_min, r.condition.count_min, r.condition.count_every) for r in rules]
    found = {n for numbers in conditions for n in numbers if n}
    return found | {a.times for r in rules for a in r.actions if isinstance(a, Led | Pin) and a.times}


_ACTS = (
    r"\b(?:red|green|blue|yellow|leds?|lamps?|lights?|lit|pins?|d\d+|gpio|on|high|blink\w*|flash\w*|steady|steadily|print|say|"
    r"send|write|for|pwm|duty|percent|speed|beep\w*|buzz\w*|pulse\w*|twice|times|seconds?)\b|\""
)
_IDLE = (
    r"\b(?:nothing|off|low|dark|ignor\w*|skip\w*|not|no|never|except|unless|other than|but|without|tell|distinguish\w*|"
    r"recogni[sz]\w*|detect\w*|classif\w*|sort|apart|between|from|until|after|before|goes|gone|stops?|ends?)\b|n't\b"
)


def overlooked(rules: Sequence[Rule], request: str, classes: Sequence[str]) -> list[str]:
    """Labels of which a part of the request says what happens for them, and of which no rule speaks."""
    spoken = {label for r in rules for label in (*r.condition.labels, *r.condition.previous)}
    open_to_all = any(not r.condition.labels and not isinstance(r.actions[0], Count) for r in rules)
    found: list[str] = []
    for part in re.split(r"[,;.:]\s|\s(?:and|but)\s", request):
        named = mentioned_labels(part, classes)
        demanded = re.search(_ACTS, part.lower()) and not re.search(_IDLE, part.lower())
        if demanded and len(named) == 1 and named[0] not in spoken and not open_to_all:
            found.append(f"no rule speaks of '{named[0]}'")
    return list(dict.fromkeys(found))


def assumed(rules: Sequence[Rule], request: str) -> list[str]:
    """Figures that the request leaves open and the rules need."""
    found = []
    if any(r.condition.proximity_below is not None or r.condition.proximity_min is not None for r in rules):
        found.append(f"near means a proximity below {NEAR} (0 at the sensor, 255 nothing there)")
    doubts = {x for r in rules for x in (r.condition.confidence_min, r.condition.confidence_below) if x is not None}
    if doubts and not re.search(r"\d\s*(?:%|per ?cent)|\b0?\.\d", request):
        found.append(f"sure means a confidence of at least {min(doubts):g}")
    if any(isinstance(a, Led | Pin) and a.state == "blink" and a.duration_ms is None for r in rules for a in r.actions):
        found.append(f"a flash lasts {BLINK_MS} ms")
    return found


# --- coverage -------------------------------------------------------------------------------------------


def uncovered(request: str, quotes: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Content words of the request that no rule quotes, in order: what was perhaps not understood."""
    told = {_stem(w) for text in (*quotes, *classes) for w in _words(text)} | {_stem(w) for w in _COMMON}
    found = [w for w in _words(request) if w not in _COMMON and _stem(w) not in told]
    return list(dict.fromkeys(found))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
