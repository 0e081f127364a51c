"""Second thoughts about a plan, without a model: common sense, what is hardly meant, and what no rule covers."""

import re
from collections.abc import Sequence

from agents.plan_reading import NEAR
from agents.plan_whole import is_off
from agents.stems import stem
from tools.artifacts import Action, Condition, Led, Pin, Print, Rule
from tools.behaviour import BLINK_MS, output_name, output_of

COMMON = frozenset(
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
    fruit fruits animal animals sound sounds noise gesture gestures object objects item items activity activities
    movement movements material materials state states mode modes position positions vehicle vehicles bird birds
    instrument instruments shape shapes sign signs event events product products piece pieces plant plants species
    condition conditions status apart build gadget spoken camera accelerometer microphone kind kinds type types
    """.split()  # noqa: SIM905 - a page of words reads better than a list of strings
)
"""Words that say nothing by themselves, or that name what every plan has."""


def tidy(rules: Sequence[Rule], request: str = "") -> tuple[Rule, ...]:
    """Common sense that needs no model.

    No rule twice, no "off" where the output reverts by itself, nothing held that an event does for the same labels,
    and lines only at changes where the request says so of all of them.
    """
    if not re.search(_AT_RESULT, request.lower()):
        at_changes = re.search(_AT_CHANGE, request.lower())
        rules = [_at_counts(_at_changes(rule) if at_changes else rule) for rule in rules]
    rules = _or_else(rules, request)
    done = {(target_of(a), r.condition.labels) for r in rules if r.trigger in ("becomes", "change") for a in r.actions}
    done |= {(target, ()) for target, _ in done}
    rules = [r for r in rules if r.trigger != "while" or (target_of(r.actions[0]), r.condition.labels) not in done]
    kept: list[Rule] = []
    lit = {target_of(a) for r in rules if r.trigger == "while" for a in r.actions if not is_off(a)}
    for rule in dict.fromkeys(rules):
        action = rule.actions[0]
        if rule.trigger == "while" and is_off(action) and target_of(action) in lit:
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


def open_moments(rules: Sequence[Rule], request: str) -> tuple[Rule, ...]:
    """The rules for comparing two readings: a line whose moment the words leave open comes at changes in both.

    "Print the activity" says neither at each result nor at changes, so that readings that differ there alone are one.
    """
    told = request.lower()
    if re.search(_AT_RESULT, told) or re.search(_AT_CHANGE, told):
        return tuple(rules)
    return tuple(_at_changes(rule) for rule in rules)


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


def _at_changes(rule: Rule) -> Rule:
    prints = rule.trigger == "result" and isinstance(rule.actions[0], Print)
    return rule.model_copy(update={"trigger": "change"}) if prints else rule


def target_of(action: Action) -> str:
    """The output that an action drives, in words."""
    return output_name(output_of(action)) if isinstance(action, Led | Pin) else "serial line"


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
    told = {stem(w) for text in (*quotes, *classes) for w in _words(text)} | {stem(w) for w in COMMON}
    found = [w for w in _words(request) if w not in COMMON and stem(w) not in told]
    return list(dict.fromkeys(found))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())
