"""Random behaviours for tests/tools/bench.py, the same for the same seed; all that the vocabulary can say comes up."""

import random

from hw.board import boards
from tests.tools.behaviours import Behaviour
from tests.tools.bench import CLASSES
from tools.artifacts import Action, Condition, Count, Decision, Flag, Led, Pin, Print, Rule
from tools.behaviour_check import check_rules
from tools.demand import Event
from tools.errors import BadInput

BUTTON, COMMANDS, FLAG = 2, ("go", "stop now"), "armed"
DURATIONS = (70, 130, 230, 370)
"""Never a multiple of the 100 ms between results, where the order of what happens at once is left to chance."""
FIELDS = (
    "{label}", "{name}", "{previous}", "{index}", "{confidence}", "{percent}", "{streak}", "{held_ms}", "{ms}",
    "{count}", "{count:seen}", "{count:bay}", 'say "x"', "%", ",",
)  # fmt: skip
DECISIONS = (
    Decision(majority=3), Decision(majority=4), Decision(stable_results=2), Decision(stable_ms=200),
    Decision(pace_ms=300), Decision(majority=3, stable_results=2, pace_ms=200),
)  # fmt: skip


def behaviour(seed: int) -> Behaviour:
    """A sound behaviour, what it is shown and what happens around the board."""
    rng = random.Random(seed)
    while True:
        rules = tuple(_rule(rng) for _ in range(rng.randint(1, 5)))
        try:
            check_rules(rules, CLASSES, boards()["nano33ble"])
        except BadInput:
            continue
        # A result that is shown twice as doubtful, and one that is not, tell whether thresholds are kept.
        shown = "".join(rng.choice("aaabbbcccABC") * rng.randint(1, 6) for _ in range(12))
        decision = rng.choice(DECISIONS) if rng.random() < 0.3 else Decision()
        return Behaviour(rules, shown, _events(rng, len(shown)), decision, {"ash": "Esche", "cob": "Maïs"})


def _events(rng: random.Random, results: int) -> tuple[Event, ...]:
    """Things from outside, well between two results; a button is pressed and then released."""
    events, down = [], False
    for k in sorted(rng.sample(range(1, results - 1), min(results - 2, 9))):
        t_ms, kind = k * 100 + 35, rng.choice(("button", "button", "serial", "proximity"))
        if kind == "button":
            events.append(Event(t_ms, "released" if down else "pressed", BUTTON))
            down = not down
        elif kind == "serial":
            events.append(Event(t_ms, "serial", rng.choice((*COMMANDS, "nonsense", "go away"))))
        else:
            events.append(Event(t_ms, "proximity", rng.choice((20, 90, 200))))
    return tuple(events)


def _rule(rng: random.Random) -> Rule:
    trigger = rng.choice(
        ("while", "while", "result", "change", "becomes", "becomes", "every", "start", "serial", "pressed", "released")
    )
    actions = tuple(_action(rng, trigger) for _ in range(rng.choice((1, 1, 2))))
    return Rule.model_validate(
        {
            "trigger": trigger,
            "condition": Condition() if trigger == "start" else _condition(rng),
            "actions": actions,
            "period_ms": rng.choice((300, 500, 1000)) if trigger == "every" else None,
            "text": rng.choice(COMMANDS) if trigger == "serial" else "",
            "pin": BUTTON if trigger in ("pressed", "released") else None,
            "linger_ms": rng.choice(DURATIONS) if trigger == "while" and rng.random() < 0.3 else None,
        }
    )


def _condition(rng: random.Random) -> Condition:
    said: dict[str, object] = {}
    some = tuple(rng.sample(CLASSES, rng.choice((1, 1, 1, 2))))
    for _ in range(rng.choice((0, 1, 1, 2))):
        said |= rng.choice(
            (
                {"labels": some}, {"labels": some}, {"labels": some}, {"not_labels": some[:1]},
                {"previous": some}, {"confidence_min": 0.8}, {"confidence_below": 0.8}, {"streak_min": 3},
                {"held_ms_min": 300}, {"button_pressed": BUTTON}, {"button_released": BUTTON}, {"flag": FLAG},
                {"not_flag": FLAG}, {"proximity_below": 100}, {"proximity_min": 50},
                {"counter": rng.choice(("", "seen", "bay")), "count_min": 2}, {"counter": "seen", "count_every": 2},
            )
        )  # fmt: skip
    return Condition.model_validate(said)


def _action(rng: random.Random, trigger: str) -> Action:
    led, pin, ms = rng.choice(("red", "green", "blue", "builtin")), rng.choice((4, 5)), rng.choice(DURATIONS)
    times = rng.randint(1, 3)
    memory: list[Action] = [
        Count(counter=rng.choice(("", "", "seen", "bay")), state=rng.choice(("add", "add", "add", "reset"))),
        Flag(name=FLAG, state=rng.choice(("set", "clear", "toggle"))),
        Print(template=" ".join(rng.choices(FIELDS, k=rng.randint(1, 4)))),
        Print(template=rng.choice(FIELDS)),
    ]
    steady: list[Action] = [
        Led(name=led), Led(name=led), Led(name=led, state="off"), Led(name=led, state="blink", duration_ms=ms),
        Pin(pin=pin), Pin(pin=3, state="pwm", duty=rng.randint(1, 255)), Pin(pin=3, state="pwm", by_confidence=True),
    ]  # fmt: skip
    events: list[Action] = [
        Led(name=led, state="toggle"), Led(name=led, duration_ms=ms), Led(name=led, state="only"),
        Led(name=led, state="blink", times=times, duration_ms=ms), Pin(pin=pin, state="toggle"),
        Led(name=led, state="blink", by_index=True, duration_ms=ms), Pin(pin=pin, duration_ms=ms),
        Pin(pin=pin, state="blink", times=times, duration_ms=ms), Led(name=led), Led(name=led, state="off"),
    ]  # fmt: skip
    if trigger == "while":
        return rng.choice([*memory, *steady])
    # A flash that begins anew before it has ended is a matter of milliseconds: not at every result.
    short: list[Action] = [
        a for a in events if not isinstance(a, Led | Pin) or not (a.duration_ms or a.state == "blink")
    ]
    choices: list[Action] = [*memory, *(short if trigger in ("result", "every") else events * 2)]
    return rng.choice(choices)
