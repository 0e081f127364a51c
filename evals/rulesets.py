"""Sets of behaviour rules drawn at random over the whole vocabulary: every trigger with every kind of action.

Only sets are drawn that mean one thing: an output belongs to one rule, so that no two rules fight over it.
"""

import random
from collections.abc import Sequence

from hw.board import Board
from tools.artifacts import Condition, Led, Pin, Print, Rule

_TEMPLATES = (
    "{label}",
    "now {label}",
    "{label} {confidence}",
    "class {index}: {label}",
    "{index}",
    "{confidence} for {label}",
    "at {ms} {label}",
)
_BLINKS_MS = (60, 100, 150, 200, 300)
_PULSES_MS = (80, 120, 200, 300, 450)
_PERIODS_MS = (500, 750, 1000, 1500)
_THRESHOLDS = (0.4, 0.6, 0.75, 0.9)
_MAX_RULES = 5


def draw_rules(seed: int, classes: Sequence[str], board: Board) -> tuple[Rule, ...]:
    """One to five rules that `board` can fulfil; the same for the same seed. At least one of them is seen or heard."""
    rng = random.Random(seed)
    outputs = _outputs(board, rng)
    rules: list[Rule] = []
    for trigger in rng.sample(_TRIGGERS, rng.randint(1, _MAX_RULES)):
        rules.append(_rule(trigger, rng, classes, outputs, board))
    if not any(rule.trigger in ("while", "result", "change", "becomes") for rule in rules):
        rules.append(_rule("change", rng, classes, outputs, board))
    return tuple(rules)


_TRIGGERS = ("while", "while", "while", "result", "change", "becomes", "becomes", "every", "start")


def _outputs(board: Board, rng: random.Random) -> list[Led | Pin]:
    """LEDs (one name for each pin) and a few free pins, in random order; each is used by one rule at most."""
    leds = {fact.number: name for name, fact in sorted(board.leds.items())}
    taken = {0, 1, *leds}  # 0 and 1 are the serial line of AVR boards
    pins = [pin for pin in board.digital_pins if pin not in taken]
    found: list[Led | Pin] = [Led(name=name) for name in leds.values()]
    found += [Pin(pin=pin) for pin in rng.sample(pins, 2)]
    pwm = [pin for pin in board.pwm_pins if pin not in taken]
    found.append(Pin(pin=next(p for p in rng.sample(pwm, len(pwm)) if p not in _pins(found)), state="pwm", duty=1))
    rng.shuffle(found)
    return found


def _pins(outputs: Sequence[Led | Pin]) -> set[int]:
    return {output.pin for output in outputs if isinstance(output, Pin)}


def _rule(trigger: str, rng: random.Random, classes: Sequence[str], outputs: list[Led | Pin], board: Board) -> Rule:
    actions: list[Led | Pin | Print] = []
    for _ in range(rng.choice((1, 1, 2))):
        if outputs and rng.random() < (0.9 if trigger == "while" else 0.5):
            actions.append(_drive(trigger, rng, outputs.pop()))
    if not actions or (trigger in ("result", "change", "becomes") and rng.random() < 0.3):
        actions.append(Print(template=_template(trigger, rng)))
    return Rule.model_validate(
        {
            "trigger": trigger,
            "condition": _condition(trigger, rng, classes),
            "actions": tuple(actions),
            "period_ms": rng.choice(_PERIODS_MS) if trigger == "every" else None,
        }
    )


def _template(trigger: str, rng: random.Random) -> str:
    if trigger == "start":
        return rng.choice(("hello", "ready", "up at {ms} ms"))
    return rng.choice((*_TEMPLATES, "alive")) if trigger == "every" else rng.choice(_TEMPLATES)


def _condition(trigger: str, rng: random.Random, classes: Sequence[str]) -> Condition:
    if trigger == "start" or (trigger in ("result", "change", "every") and rng.random() < 0.5):
        return Condition()
    few = tuple(rng.sample(list(classes), rng.randint(1, max(1, len(classes) - 1))))
    match rng.randrange(6):
        case 0:
            return Condition(not_labels=few)
        case 1:
            return Condition(labels=few, confidence_min=rng.choice(_THRESHOLDS))
        case 2:
            return Condition(confidence_below=rng.choice(_THRESHOLDS))
        case _:
            return Condition(labels=few)


def _drive(trigger: str, rng: random.Random, output: Led | Pin) -> Led | Pin:
    held = trigger in ("while", "start")
    if isinstance(output, Pin):
        if output.state == "pwm":
            return output.model_copy(update={"duty": rng.randint(20, 250)})
        state = "high" if held else rng.choice(("high", "toggle", "toggle"))
        duration = rng.choice(_PULSES_MS) if state == "high" and not held else None
        return output.model_copy(update={"state": state, "duration_ms": duration})
    state = rng.choice(("on", "on", "off", "blink") if trigger == "while" else ("on", "blink", "toggle"))
    if state == "blink":
        return output.model_copy(
            update={"state": state, "times": rng.randint(1, 4), "duration_ms": rng.choice(_BLINKS_MS)}
        )
    duration = rng.choice(_PULSES_MS) if state == "on" and not held else None
    return output.model_copy(update={"state": state, "duration_ms": duration})
