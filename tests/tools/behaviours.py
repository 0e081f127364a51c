"""Behaviours in the everyday sense, with what the board is shown so that each shows itself."""

from dataclasses import dataclass, field

from tools.artifacts import Action, Condition, Count, Decision, Flag, Led, Pin, Print, Rule
from tools.demand import Event

ROUND = "aaaaabbbbbcccccbbbbbaaaaacccccaaaaa"
"""Every ordered pair of labels, half a second each."""
DOUBTS = "aaaAAAaaabbbBBBbbbcccCCCccc"


@dataclass(frozen=True)
class Behaviour:
    rules: tuple[Rule, ...]
    shown: str = ROUND
    events: tuple[Event, ...] = ()
    decision: Decision = field(default_factory=Decision)
    names: dict[str, str] = field(default_factory=dict)


def when(trigger: str, *actions: Action, labels: str = "", **options: object) -> Rule:
    """A rule; options of the condition and of the rule itself by their names."""
    own = {k: options.pop(k) for k in ("period_ms", "text", "pin", "linger_ms") if k in options}
    condition = Condition.model_validate({"labels": tuple(labels.split()), **options})
    return Rule.model_validate({"trigger": trigger, "condition": condition, "actions": actions, **own})


def say(template: str) -> Print:
    return Print(template=template)


def press(pin: int, *spans: tuple[int, int]) -> tuple[Event, ...]:
    return tuple(e for a, b in spans for e in (Event(a, "pressed", pin), Event(b, "released", pin)))


def sent(*lines: tuple[int, str]) -> tuple[Event, ...]:
    return tuple(Event(t, "serial", text) for t, text in lines)


def near(*values: tuple[int, int]) -> tuple[Event, ...]:
    return tuple(Event(t, "proximity", value) for t, value in values)


def B(*rules: Rule, **options: object) -> Behaviour:
    return Behaviour(rules, **options)  # type: ignore[arg-type]


BEHAVIOURS: dict[str, Behaviour] = {
    "led per label": B(
        *(when("while", Led(name=n), labels=x) for n, x in (("red", "ash"), ("green", "bay"), ("blue", "cob")))
    ),
    "two labels one led": B(when("while", Led(name="red"), labels="ash cob")),
    "unless": B(when("while", Led(name="builtin"), not_labels=("bay",))),
    "dark while": B(when("while", Led(name="red", state="off"), labels="bay")),
    "exclusive colour": B(
        *(when("becomes", Led(name=n, state="only"), labels=x) for n, x in (("red", "ash"), ("green", "bay")))
    ),
    "toggle on change": B(when("change", Led(name="blue", state="toggle"))),
    "blink code": B(when("becomes", Led(name="red", state="blink", by_index=True, duration_ms=50))),
    "blink index at change": B(when("change", Led(name="red", state="blink", by_index=True, duration_ms=50))),
    "blink n": B(when("becomes", Led(name="green", state="blink", times=2, duration_ms=80), labels="bay")),
    "pulse": B(when("becomes", Led(name="green", duration_ms=230), labels="cob")),
    "blinks all the while": B(when("while", Led(name="green", state="blink", duration_ms=70), labels="cob")),
    "three ways": B(
        when("while", Led(name="red"), labels="ash"),
        when("while", Led(name="red", state="blink", duration_ms=60), labels="bay"),
    ),
    "pins": B(
        when("while", Pin(pin=4), labels="ash"),
        when("becomes", Pin(pin=5, duration_ms=150), labels="bay"),
        when("change", Pin(pin=6, state="toggle")),
    ),
    "beeps": B(when("becomes", Pin(pin=8, state="blink", times=3, duration_ms=40), labels="cob")),
    "beep code": B(when("change", Pin(pin=8, state="blink", by_index=True, duration_ms=40))),
    "pwm by label": B(
        *(
            when("while", Pin(pin=3, state="pwm", duty=d), labels=x)
            for d, x in ((40, "ash"), (120, "bay"), (255, "cob"))
        )
    ),
    "pwm by confidence": B(when("result", Pin(pin=3, state="pwm", by_confidence=True)), shown=DOUBTS),
    "pwm by confidence of one": B(
        when("while", Pin(pin=3, state="pwm", by_confidence=True), labels="bay"), shown=DOUBTS
    ),
    "csv": B(when("result", say("{ms},{label},{confidence}")), shown=DOUBTS),
    "json": B(when("result", say('{"label":"{label}","p":{percent},"n":{streak},"held":{held_ms}}')), shown=DOUBTS),
    "from to": B(when("change", say("{previous} -> {label} ({index})"))),
    "transition": B(when("becomes", say("fell"), labels="bay", previous=("ash",))),
    "leaves": B(when("becomes", say("gone"), not_labels=("ash",), previous=("ash",))),
    "silent for one": B(when("result", say("{label}"), not_labels=("bay",))),
    "unsure": B(
        when("result", say("unsure"), confidence_below=0.8),
        when("result", say("{label}"), confidence_min=0.8),
        shown=DOUBTS,
    ),
    "sure led": B(
        when("while", Led(name="red"), labels="ash", confidence_min=0.8),
        when("while", Led(name="builtin"), confidence_below=0.8),
        shown=DOUBTS,
    ),
    "names": B(when("change", say("Das ist {name}!")), names={"ash": "Esche", "bay": 'Lörbeer "x"'}),
    "debounced by results": B(
        when("change", say("{label}")), shown="aaaababbbbacbcccccab", decision=Decision(stable_results=3)
    ),
    "debounced by time": B(
        when("change", say("{label}")),
        when("while", Led(name="red"), labels="bay"),
        shown="aaaababbbbacbcccccab",
        decision=Decision(stable_ms=250),
    ),
    "majority": B(
        when("result", say("{label} {confidence}")), shown="aaabaabbabbbCcbccAccc", decision=Decision(majority=5)
    ),
    "majority then steady": B(
        when("change", say("{label}")), shown="aaabaabbabbbccbccaccc", decision=Decision(majority=3, stable_results=2)
    ),
    "slow": B(when("result", say("{label}")), decision=Decision(pace_ms=700)),
    "slow and steady": B(
        when("result", say("{label} {streak}")), shown=ROUND * 2, decision=Decision(pace_ms=200, stable_results=2)
    ),
    "streak": B(when("becomes", say("three {label}"), labels="bay", streak_min=3), shown="abbabbbbabbbcbb"),
    "held": B(
        when("while", Led(name="red"), labels="bay", held_ms_min=400),
        when("becomes", say("long {label}"), held_ms_min=700),
        shown="aabbbbbbbbbaabbbccccccccccca",
    ),
    "stays on": B(when("while", Led(name="red"), labels="ash", linger_ms=350), shown="abbbbbbbabaabbbbbbcccccaaaaaccc"),
    "pin stays on": B(when("while", Pin(pin=7), labels="ash bay", linger_ms=250), shown="acccccacacbbbcccccc"),
    "every": B(
        when("every", say("alive"), period_ms=400), when("every", say("now {label}"), labels="bay", period_ms=700)
    ),
    "heartbeat": B(when("every", Led(name="builtin", state="toggle"), period_ms=500), when("start", say("ready"))),
    "counting": B(when("becomes", Count(), say("{label} {count}")), shown=ROUND),
    "count one": B(
        when("becomes", Count(counter="bay"), labels="bay"), when("every", say("{count:bay} times bay"), period_ms=1000)
    ),
    "count all": B(
        when("change", Count(counter="seen")),
        when("serial", say("seen {count:seen}"), text="how many"),
        when("serial", Count(counter="seen", state="reset"), text="zero"),
        events=sent((1070, "how many"), (2070, "how many"), (2170, "zero"), (3070, "how many")),
    ),
    "every third": B(
        when("becomes", Count(counter="bay"), labels="bay"),
        when(
            "becomes",
            Led(name="red", state="blink", times=2, duration_ms=50),
            labels="bay",
            counter="bay",
            count_every=3,
        ),
        shown="abacbabcbababab",
    ),
    "enough": B(
        when("becomes", Count(counter="bay"), labels="bay"),
        when("while", Led(name="red"), counter="bay", count_min=3),
        when("pressed", Count(state="reset"), pin=2),
        shown="abacbabcbababab",
        events=press(2, (1270, 1370)),
    ),
    "button": B(
        when("pressed", say("{label}"), pin=2),
        when("released", Led(name="red", state="toggle"), pin=2),
        events=press(2, (1070, 1370), (2070, 2270), (3070, 3170)),
    ),
    "button gate": B(
        when("while", Led(name="red"), labels="ash", button_pressed=2),
        when("result", say("{label}"), button_released=2),
        events=press(2, (270, 1370), (2070, 2670)),
    ),
    "button alone": B(when("while", Led(name="green"), button_pressed=3), events=press(3, (270, 470), (2070, 2670))),
    "mute": B(
        when("serial", Flag(name="muted"), say("quiet"), text="off"),
        when("serial", Flag(name="muted", state="clear"), text="on"),
        when("result", say("{label}"), not_flag="muted"),
        events=sent((670, "off"), (1570, "what?"), (1870, "on"), (2570, "offf")),
    ),
    "alarm latch": B(
        when("becomes", Flag(name="alarm"), labels="cob"),
        when("pressed", Flag(name="alarm", state="clear"), pin=2),
        when("while", Led(name="red", state="blink", duration_ms=90), flag="alarm"),
        when("becomes", say("armed"), flag="alarm"),
        events=press(2, (570, 770), (1970, 2170)),
    ),
    "toggle flag": B(
        when("pressed", Flag(name="show it", state="toggle"), pin=2),
        when("change", say("{label}"), flag="show it"),
        events=press(2, (270, 470), (1570, 1670), (2270, 2470)),
    ),
    "latest on demand": B(when("serial", say("{label} {percent} %"), text="?"), events=sent((670, "?"), (1570, "?"))),
    "near": B(
        when("while", Led(name="blue"), labels="ash bay", proximity_below=100),
        when("result", say("far"), proximity_min=100),
        events=near((370, 60), (1570, 200), (2270, 20)),
    ),
    "latch": B(
        when("becomes", Led(name="red"), labels="bay"), when("becomes", Led(name="red", state="off"), labels="cob")
    ),
    "contested": B(
        when("while", Led(name="red"), labels="ash"),
        when("becomes", Led(name="red", state="blink", times=2, duration_ms=60), labels="bay"),
    ),
    "contested dark": B(
        when("while", Led(name="red", state="off"), labels="ash"),
        when("becomes", Led(name="red", state="toggle"), labels="bay"),
    ),
    "start light": B(
        when("start", Led(name="green", duration_ms=500), say("hello")),
        when("result", Led(name="green", state="off"), labels="cob"),
    ),
}
