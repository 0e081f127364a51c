"""The demanded behaviour as sentences and as C++: every trigger and action, and what is refused."""

import pytest

from hw.board import boards
from tools.artifacts import Action, Condition, Led, Pin, Print, Rule
from tools.behaviour import label_ids, sentence, steady_outputs
from tools.behaviour_check import check_rules
from tools.behaviour_cpp import to_cpp
from tools.errors import BadInput

BOARD = boards()["nano33ble"]
CLASSES = ("rest", "run", "fall")
RUN = Condition(labels=("run",))


def rule(trigger: str, *actions: Action, condition: Condition = RUN, period_ms: int | None = None) -> Rule:
    return Rule.model_validate({"trigger": trigger, "condition": condition, "actions": actions, "period_ms": period_ms})


def body(*rules: Rule) -> str:
    """The statements of all three functions, one a line, without indentation."""
    return "\n".join(line.strip() for line in to_cpp(rules, CLASSES).splitlines())


ACTIONS = [
    (Print(template="at {ms}"), 'Serial.print("at ");\nSerial.println({}now);', 'print the line "at {ms}"'),
    (Led(name="red"), "setLed(RED_LED, true);", "switch the red LED on"),
    (Led(name="red", state="off"), "setLed(RED_LED, false);", "switch the red LED off"),
    (Led(name="red", state="toggle"), "toggleLed(RED_LED);", "switch the red LED toggle"),
    (Led(name="red", duration_ms=300), "pulseLed(RED_LED, 300);", "switch the red LED on for 300 ms"),
    (
        Led(name="red", state="blink", times=3),
        "blinkLed(RED_LED, 3, 200);",
        "blink the red LED 3 time(s), 200 ms each",
    ),
    (Pin(pin=4), "setPin(4, true);", "switch pin 4 high"),
    (Pin(pin=4, state="low"), "setPin(4, false);", "switch pin 4 low"),
    (Pin(pin=4, state="toggle"), "togglePin(4);", "switch pin 4 toggle"),
    (Pin(pin=4, duration_ms=50), "pulsePin(4, 50);", "switch pin 4 high for 50 ms"),
    (Pin(pin=3, state="pwm", duty=128), "analogWrite(3, 128);", "set pin 3 to PWM 128 of 255"),
]
TRIGGERS = [
    ("result", "if (result.label == LABEL_RUN)", "At every result if the result is 'run'"),
    ("change", "if (result.changed && result.label == LABEL_RUN)", "When the result changes if the result is 'run'"),
    ("becomes", "if (result.changed && result.label == LABEL_RUN)", "Each time the result turns into 'run'"),
    ("every", "if (latest && latest->label == LABEL_RUN)", "Every 500 ms if the result is 'run'"),
    ("start", "void onStart() {", "At start-up"),
]


@pytest.mark.parametrize(("trigger", "guard", "words"), TRIGGERS, ids=[t[0] for t in TRIGGERS])
@pytest.mark.parametrize(("action", "code", "does"), ACTIONS, ids=[a[1].split("(")[0] + a[2][-8:] for a in ACTIONS])
def test_every_trigger_does_every_action(
    trigger: str, guard: str, words: str, action: Action, code: str, does: str
) -> None:
    one = rule(trigger, action, period_ms=500)
    assert sentence(one) == f"{words}: {does}"
    text = body(one)
    now = {"every": "now", "start": "millis()"}.get(trigger, "result.now")
    expected = code.replace("{}now", now)
    assert guard in text
    assert expected in text.replace("{\n", "{ ").replace(" if", "\nif")
    assert text.index(guard) < text.index(expected.splitlines()[0])


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (Led(name="red"), "setLed(RED_LED, result.label == LABEL_RUN);"),
        (Led(name="red", state="off"), "setLed(RED_LED, !(result.label == LABEL_RUN));"),
        (Pin(pin=4), "setPin(4, result.label == LABEL_RUN);"),
        (Pin(pin=4, state="low"), "setPin(4, !(result.label == LABEL_RUN));"),
        (Pin(pin=3, state="pwm", duty=9), "analogWrite(3, result.label == LABEL_RUN ? 9 : 0);"),
    ],
)
def test_while_holds_an_output_and_reverts_it(action: Action, code: str) -> None:
    assert code in body(rule("while", action))


def test_while_with_blinking_is_begun_once_and_ended() -> None:
    text = body(rule("while", Led(name="red", state="blink", duration_ms=100)))
    assert "if (redWanted != redMode) {" in text
    assert "if (redMode == 1) blinkLed(RED_LED, FOREVER, 100);" in text
    assert "else setLed(RED_LED, false);" in text


def test_one_led_held_in_two_ways_keeps_them_apart() -> None:
    on = rule("while", Led(name="red"))
    slow = rule("while", Led(name="red", state="blink", duration_ms=500), condition=Condition(labels=("rest",)))
    fast = rule("while", Led(name="red", state="blink", duration_ms=100), condition=Condition(labels=("fall",)))
    text = body(on, slow, fast)
    chain = "result.label == LABEL_RUN ? 1 : result.label == LABEL_REST ? 2 : result.label == LABEL_FALL ? 3 : 0"
    assert f"const int redWanted = {chain};" in text
    assert "else if (redMode == 2) blinkLed(RED_LED, FOREVER, 500);" in text
    assert "else if (redMode == 3) blinkLed(RED_LED, FOREVER, 100);" in text


def test_while_prints_at_each_result_while_it_holds() -> None:
    assert 'if (result.label == LABEL_RUN) Serial.println("go");' in body(rule("while", Print(template="go")))


def test_an_off_that_says_the_complement_is_dropped() -> None:
    rules = (rule("while", Led(name="red")), rule("while", Led(name="red", state="off"), condition=Condition()))
    assert list(steady_outputs(rules)) == [("led", "red")]
    assert body(*rules).count("setLed") == 1
    assert "setLed(RED_LED, result.label == LABEL_RUN);" in body(*rules)


def test_conditions_join_and_numbers_are_floats() -> None:
    mixed = Condition(labels=("run", "fall"), not_labels=("rest",), confidence_min=0.5, confidence_below=1.0)
    text = body(rule("result", Led(name="red"), condition=mixed))
    assert (
        "if ((result.label == LABEL_RUN || result.label == LABEL_FALL) && result.label != LABEL_REST"
        " && result.confidence >= 0.5f && result.confidence < 1.0f)" in text
    )
    assert sentence(rule("result", Led(name="red"), condition=mixed)).startswith(
        "At every result if the result is 'run' or 'fall' and the result is not 'rest'"
        " and confidence is at least 0.5 and confidence is below 1:"
    )


def test_printed_text_is_quoted_and_fields_are_not_confused_with_it() -> None:
    text = body(rule("every", Print(template='say "latest. \\" {label} {confidence}'), period_ms=100))
    assert r'Serial.print("say \"latest. \\\" ");' in text
    assert "Serial.print(latest->name);" in text
    assert "Serial.println(latest->confidence, 2);" in text


def test_nothing_demanded_gives_empty_functions_and_a_draft_takes_onresults_place() -> None:
    assert (
        to_cpp((), CLASSES) == "void onStart() {}\n\nvoid onResult(const Result &) {}\n\nvoid onTick(unsigned long) {}"
    )
    drafted = "void onResult(const Result &r) { /* mine */ }"
    text = to_cpp((rule("result", Led(name="red")), rule("start", Print(template="hi"))), CLASSES, drafted)
    assert drafted in text
    assert "setLed" not in text
    assert 'Serial.println("hi");' in text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (rule("while", Led(name="red"), condition=Condition(labels=("jump",))), "class 'jump'; the classes are rest"),
        (rule("while", Led(name="red"), condition=Condition(not_labels=("jump",))), "class 'jump'"),
        (rule("while", Led(name="pink")), "has no pink LED; it has red, green, blue"),
        (rule("result", Pin(pin=99)), "no free digital pin 99; it has 0 to 13"),
        (rule("result", Print(template="{lable}")), "unknown field {lable}"),
        (rule("result", Print(template="a\nb")), "control character"),
        (rule("start", Print(template="{label}")), "no {label} at start-up"),
        (rule("every", Print(template="x")), "without saying how often"),
    ],
)
def test_what_is_not_there_is_bad_input(wrong: Rule, message: str) -> None:
    with pytest.raises(BadInput, match=message.replace("{", r"\{")):
        check_rules([wrong], CLASSES, BOARD)


def test_a_contradiction_is_bad_input() -> None:
    rules = [rule("while", Led(name="red")), rule("while", Led(name="red", state="off"))]
    with pytest.raises(BadInput, match="red LED both on and off while the result is 'run'"):
        check_rules(rules, CLASSES, BOARD)


def test_a_complement_and_two_outputs_are_no_contradiction() -> None:
    check_rules(
        [
            rule("while", Led(name="red"), Led(name="green", state="off")),
            rule("while", Led(name="red", state="off"), condition=Condition(not_labels=("run",))),
            rule("every", Led(name="blue", state="toggle"), period_ms=500),
            rule("start", Print(template="ready at {ms}"), condition=Condition()),
        ],
        CLASSES,
        BOARD,
    )


@pytest.mark.parametrize(
    "names",
    [
        ("a b", "a_b"),
        ("Running", "running"),
        ("ходьба", "бег", "走"),
        ("count", "names", "none", ""),
        ("a b", "a_b", "a b 1", "a_b_2"),
        ("été", "t", "-t-"),
        ("1", "2x", "class", "int"),
    ],
)
def test_identifiers_are_valid_and_never_the_same(names: tuple[str, ...]) -> None:
    ids = label_ids(names)
    assert list(ids) == list(names)
    assert len(set(ids.values()) | {"LABEL_COUNT", "LABEL_NAMES"}) == len(names) + 2
    assert all(i.isascii() and i.isidentifier() and i.startswith("LABEL_") for i in ids.values())


def test_identifiers_of_plain_names_are_plain_and_used_in_the_code() -> None:
    assert label_ids(("badminton smash", "rest")) == {"badminton smash": "LABEL_BADMINTON_SMASH", "rest": "LABEL_REST"}
    one = Rule(trigger="while", condition=Condition(labels=("a_b",)), actions=(Led(name="red"),))
    assert f"result.label == {label_ids(('a b', 'a_b'))['a_b']})" in to_cpp([one], ("a b", "a_b"))
