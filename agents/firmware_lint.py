"""What a draft must not hold, and what of its rules it must: told before anything is compiled, without false alarms.

Covered: the words of printed texts, LEDs, pins, thresholds and times. Not covered: whether they are used rightly, which
only the emulated board can tell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tools.artifacts import Action, Condition, Led, Pin, Print, Rule
from tools.behaviour import Output, held_live, led_id, output_of, sentence, steady_outputs, template_parts
from tools.behaviour_cpp import drafted_rules
from tools.errors import Fixable

_FORBIDDEN = {
    r"\bdelay(?:Microseconds)?\s*\(": (
        "it calls delay(), which stops the sampling: use blinkLed or pulseLed, they return at once"
    ),
    r"\bwhile\s*\(|\bfor\s*\(\s*;|\bfor\s*\([^)]*\bmillis\s*\(|\bgoto\b": (
        "it loops by itself: onResult is called again at the next result"
    ),
    r"\b(?:setup|loop)\s*\(\s*(?:void)?\s*\)\s*\{|\bmain\s*\([^)]*\)\s*\{": (
        "it defines setup, loop or main, which exist already"
    ),
    r"\bvoid\s+on(?:Start|Tick|Command)\s*\(": "it defines onStart, onTick or onCommand, which exist already",
    r"\bpinMode\s*\(|\bdigitalWrite\s*\(": "it drives pins directly: use setLed and setPin, they know the polarity",
    r"\bSerial\.begin\b": "Serial is begun already",
    r"^\s*#": "it has preprocessor lines: all needed headers are included already",
    r"\bnoInterrupts\s*\(|\bcli\s*\(|\b__disable_irq\s*\(": "it blocks the interrupts",
}

_STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"|\'((?:\\.|[^\'\\\n])*)\'')
_NUMBER = re.compile(r"(?<![\w.])(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)[uUlLfF]*(?![\w.])")
_PIN_NAME = re.compile(r"\bD(\d+)\b")
_OTHER_PIN_NAME = re.compile(r"\b(?:A\d+|PIN_\w+|LED_BUILTIN)\b")
_CAST = re.compile(r"\(\s*Led\s*\)|<\s*Led\s*>|\bLed\s*\(")
"""A LED by its number."""
_CLOSE = 1e-6

Numbers = tuple[float, ...]


def lint(code: str, rules: Sequence[Rule] = (), labels: Sequence[str] = ()) -> str:
    """The code when it is fit to be compiled; raises Fixable saying what must not be in it, or what is missing.

    `rules` are the whole behaviour, `labels` the texts that a result's name may print.
    """
    bare = re.sub(r"//[^\n]*|/\*.*?\*/", "", code, flags=re.DOTALL)
    if not re.search(r"void\s+onResult\s*\(\s*const\s+Result\s*&\s*\w*\s*\)", bare):
        raise Fixable("there is no function void onResult(const Result &result)", text=code)
    for pattern, problem in _FORBIDDEN.items():
        if re.search(pattern, bare, flags=re.MULTILINE):
            raise Fixable(problem, text=code)
    if absent := missing(bare, rules, labels):
        raise Fixable("; ".join(absent[:2]), text=code)
    return code


def missing(bare: str, behaviour: Sequence[Rule], labels: Sequence[str]) -> list[str]:
    """What the rules of onResult name and its code, without comments, does not hold, a sentence each."""
    texts = "".join(a or b for a, b in _STRING.findall(bare))
    code = _STRING.sub('""', bare)
    numbers = {float(int(n, 0)) if n[:2].lower() in ("0x", "0b") else float(n) for n in _NUMBER.findall(code)}
    pins = numbers | {float(n) for n in _PIN_NAME.findall(code)}
    any_led, any_pin = bool(_CAST.search(code)), bool(_OTHER_PIN_NAME.search(code))
    found = []
    for rule in _said(behaviour):
        words = [repr(word) for a in rule.actions for word in _words(a, labels) if word not in texts]
        lost = [f"the text {', '.join(words)}"] if words else []
        lost += [led_id(n) for a in rule.actions for n in _leds(a) if led_id(n) not in code and not any_led]
        lost += [f"pin {pin}" for pin in _pins(rule) if float(pin) not in pins and not any_pin]
        lost += [what for what, ways in (*_limits(rule.condition), *_amounts(rule)) if not _among(numbers, ways)]
        if lost:
            found.append(f'{" and ".join(lost)} of the rule "{sentence(rule)}" {"are" if lost[1:] else "is"} not in it')
    return found


def _said(behaviour: Sequence[Rule]) -> list[Rule]:
    """The rules that onResult obeys, without what is watched between results or only says the complement."""
    steady = steady_outputs(behaviour)
    by_result = {output: [a for _, a in users] for output, users in steady.items() if not held_live(users)}
    found = []
    for rule in drafted_rules(behaviour):
        kept = tuple(a for a in rule.actions if rule.trigger != "while" or _is_held(a, by_result))
        if kept:
            found.append(rule.model_copy(update={"actions": kept}))
    return found


def _is_held(action: Action, held: Mapping[Output, Sequence[Action]]) -> bool:
    return not isinstance(action, Led | Pin) or action in held.get(output_of(action), ())


def _among(numbers: Iterable[float], ways: Numbers) -> bool:
    return any(abs(number - way) < _CLOSE for number in numbers for way in ways)


def _words(action: Action, labels: Sequence[str]) -> list[str]:
    """Words of a printed text that only a string can hold: no digits, and nothing that a result's name may print."""
    if not isinstance(action, Print):
        return []
    literal = [part for part in template_parts(action.template) if not (part.startswith("{") and part.endswith("}"))]
    words = [word for part in literal for word in re.findall(r"[^\W\d_]+", part) if word.isascii()]
    return [word for word in words if not any(word in label for label in labels)]


def _leds(action: Action) -> list[str]:
    return [action.name] if isinstance(action, Led) and action.state != "off" else []


def _pins(rule: Rule) -> list[int]:
    condition = rule.condition
    driven = [a.pin for a in rule.actions if isinstance(a, Pin) and a.state != "low"]
    return [*driven, *(p for p in (condition.button_pressed, condition.button_released) if p is not None)]


def _limits(c: Condition) -> Iterator[tuple[str, Numbers]]:
    """What a condition compares with, and the numbers by which code may say it; 0 and 1 may be said by anything."""
    for share in (c.confidence_min, c.confidence_below):
        if share is not None and 0 < share < 1:
            yield f"the confidence {share:g}", (share, 100 * share, 1 - share, 100 - 100 * share)
    for near in (c.proximity_below, c.proximity_min):
        if near is not None and near > 1:
            yield f"the proximity {near}", (near, near - 1, near + 1)
    for count in (c.streak_min, c.count_min, c.count_every):
        if count is not None and count > 2:
            yield f"the number {count}", (count, count - 1)
    if c.held_ms_min:
        yield f"the time of {c.held_ms_min} ms", _times(c.held_ms_min)


def _amounts(rule: Rule) -> Iterator[tuple[str, Numbers]]:
    """What the actions are done with."""
    if rule.linger_ms:
        yield f"the time of {rule.linger_ms} ms", _times(rule.linger_ms)
    for action in rule.actions:
        if not isinstance(action, Led | Pin):
            continue
        if action.duration_ms:
            yield f"the time of {action.duration_ms} ms", _times(action.duration_ms)
        if action.state == "blink" and not action.by_index and action.times > 2 and rule.trigger != "while":
            yield f"the number {action.times}", (action.times, action.times - 1, 2 * action.times, 2 * action.times - 1)
        if isinstance(action, Pin) and action.state == "pwm" and not action.by_confidence and (action.duty or 0) > 1:
            duty = action.duty or 0
            share = duty / 255
            yield f"the duty {duty} of 255", (duty, duty - 1, duty + 1, share, *map(float, _percents(duty)))


def _times(ms: int) -> Numbers:
    return (ms, ms / 1000, ms - 1, ms + 1, ms / 2, 2 * ms)


def _percents(duty: int) -> set[int]:
    """Whole percentages that come out as about this duty, e.g. of 255 * 30 / 100."""
    return {p for p in range(1, 101) if abs(p * 255 / 100 - duty) <= 2}
