"""The lint refuses what must not be in a draft and tells what its rules name and it lacks, without false alarms."""

import re

import pytest

from agents.firmware_lint import lint
from tests.tools import random_rules
from tests.tools.behaviours import BEHAVIOURS, Behaviour, when
from tests.tools.bench import CLASSES
from tools.artifacts import Count, Led, Pin, Print, Rule
from tools.behaviour import sentence
from tools.behaviour_cpp import drafted_rules, to_cpp
from tools.errors import Fixable

GOOD = "void onResult(const Result &result) {\n  setLed(RED_LED, result.label == LABEL_ASH);\n}"


def with_line(line: str) -> str:
    return GOOD.replace("{\n", "{\n" + line + "\n", 1)


@pytest.mark.parametrize(
    "code",
    [
        GOOD,
        with_line("  // no delay() here, and no while (true)"),
        with_line("  /* pinMode(5, OUTPUT);\n#include <x.h> */"),
        with_line("  for (int i = 0; i < 3; i++) toggleLed(RED_LED);"),
        with_line('  Serial.println("a");'),
        "static unsigned long total;\nstatic bool isFirst = true;\n" + with_line("  total++; isFirst = false;"),
        GOOD.replace("&result)", "& r)").replace("const Result", "const  Result"),
    ],
)
def test_good_code_passes_unchanged(code: str) -> None:
    assert lint(code) == code


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (with_line("  delay(100);"), "calls delay(), which stops the sampling: use blinkLed or pulseLed"),
        (with_line("  delayMicroseconds(900);"), "calls delay(), which stops the sampling"),
        (with_line("  while (true) {}"), "loops by itself: onResult is called again"),
        (with_line("  do { toggleLed(RED_LED); } while (result.changed);"), "loops by itself"),
        (with_line("  for (;;) toggleLed(RED_LED);"), "loops by itself: onResult is called again"),
        (with_line("  for ( ; true; ) {}"), "loops by itself"),
        (with_line("  for (unsigned long t = millis(); millis() - t < 500;) {}"), "loops by itself"),
        (with_line("  again: goto again;"), "loops by itself"),
        (GOOD + "\nvoid loop() {\n}", "defines setup, loop or main"),
        (GOOD + "\nvoid setup( void ) { }", "defines setup, loop or main"),
        (GOOD + "\nint main(int argc, char **argv) { return 0; }", "defines setup, loop or main"),
        (GOOD + "\nvoid onStart() {}", "defines onStart, onTick or onCommand"),
        (with_line("  pinMode(5, OUTPUT);"), "drives pins directly: use setLed and setPin"),
        (with_line("  digitalWrite (5, HIGH);"), "drives pins directly: use setLed and setPin"),
        (with_line("  Serial.begin(9600);"), "Serial is begun already"),
        ("#include <Arduino.h>\n" + GOOD, "it has preprocessor lines"),
        (with_line("  noInterrupts();"), "blocks the interrupts"),
        (with_line("  cli();"), "blocks the interrupts"),
        ("void onresult(const Result &result) {}", "there is no function void onResult(const Result &result)"),
        ("void onResult(Result result) {}", "there is no function void onResult(const Result &result)"),
        ("// " + GOOD.replace("\n", " "), "there is no function void onResult(const Result &result)"),
        ("", "there is no function void onResult(const Result &result)"),
    ],
)
def test_what_must_not_be_in_it_is_said(code: str, words: str) -> None:
    with pytest.raises(Fixable, match=re.escape(words)) as caught:
        lint(code)
    assert caught.value.evidence == {"text": code}


# --- what the rules name ----------------------------------------------------------------------------


PRINTS = when("becomes", Print(template="alarm: {label} at step 3"), labels="bay")
RELAY = when("while", Pin(pin=7), labels="bay")
HELD = when("becomes", Led(name="red", duration_ms=1500), labels="ash", held_ms_min=2000)
DOUBT = when("while", Led(name="blue"), confidence_below=0.7)
DIMMED = when("while", Pin(pin=3, state="pwm", duty=77), labels="ash")
FLASHES = when("becomes", Led(name="green", state="blink", times=4, duration_ms=150), labels="cob")
OFTEN = when("result", Led(name="red", state="toggle"), streak_min=5)


def body(*lines: str) -> str:
    return "\n".join(["void onResult(const Result &result) {", *(f"  {line}" for line in lines), "}"])


@pytest.mark.parametrize(
    ("rule", "line", "what"),
    [
        (PRINTS, "Serial.println(result.name);", "the text 'alarm', 'at', 'step'"),
        (RELAY, "setPin(8, result.label == LABEL_BAY);", "pin 7"),
        (RELAY, "setPin(relay, result.label == LABEL_BAY);", "pin 7"),
        (HELD, "if (heldFor(result, 200)) pulseLed(RED_LED, 1500);", "the time of 2000 ms"),
        (HELD, "if (heldFor(result, 2000)) setLed(RED_LED, true);", "the time of 1500 ms"),
        (HELD, "if (heldFor(result, 2000)) pulseLed(BLUE_LED, 1500);", "RED_LED"),
        (DOUBT, "setLed(BLUE_LED, result.confidence < 0.5);", "the confidence 0.7"),
        (DIMMED, "analogWrite(3, result.label == LABEL_ASH ? 255 : 0);", "the duty 77 of 255"),
        (FLASHES, "blinkLed(GREEN_LED, 2, 150);", "the number 4"),
        (OFTEN, "if (result.streak >= 2) toggleLed(RED_LED);", "the number 5"),
        (when("result", Led(name="red"), button_pressed=9), "setLed(RED_LED, buttonIsDown(2));", "pin 9"),
    ],
)
def test_what_a_rule_names_and_the_draft_lacks_is_told(rule: Rule, line: str, what: str) -> None:
    with pytest.raises(Fixable, match=re.escape(f'{what} of the rule "{sentence(rule)}" is not in it')):
        lint(body(f"// {sentence(rule)}.", line), [rule], CLASSES)


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        (PRINTS, ['Serial.println(String("alarm: ") + result.name + " at step " + 3);']),
        (PRINTS, ['Serial.print("al" "arm: "); Serial.print(result.name); Serial.println(F(" at step 3"));']),
        (when("becomes", Print(template="ash!"), labels="ash"), ['Serial.print(result.name);', "Serial.println('!');"]),
        (RELAY, ["setPin(D7, result.label == LABEL_BAY);"]),
        (RELAY, ["const int relay = 0x07;", "setPin(relay, result.label == LABEL_BAY);"]),
        (when("while", Pin(pin=14), labels="bay"), ["setPin(A0, result.label == LABEL_BAY);"]),
        (HELD, ["if (result.heldMs > 2 * 1000UL) pulseLed(RED_LED, 1.5 * 1000);"]),
        (HELD, ["if (heldFor(result, 2000)) { setLed(static_cast<Led>(0), true); pulseLed(Led(0), 1500); }"]),
        (DOUBT, ["setLed(BLUE_LED, result.confidence * 100 < 70);"]),
        (DOUBT, ["setLed(BLUE_LED, result.confidence < .7f);"]),
        (DOUBT, ["setLed(BLUE_LED, 1 - result.confidence > 0.3);"]),
        (DIMMED, ["analogWrite(3, result.label == LABEL_ASH ? 30 * 255 / 100 : 0);"]),
        (FLASHES, ["for (int i = 0; i < 1; i++) blinkLed(GREEN_LED, 4, 150);"]),
        (OFTEN, ["if (result.streak > 4) toggleLed(RED_LED);"]),
        (when("becomes", Led(name="red", state="off"), labels="ash"), ["allLedsOff();"]),
        (when("result", Count(counter="seen")), ["seenCount++;"]),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_no_false_alarm(rule: Rule, lines: list[str]) -> None:
    code = body(*lines)
    assert lint(code, [rule], CLASSES) == code


RANDOM = {str(seed): random_rules.behaviour(seed) for seed in range(400)}


@pytest.mark.parametrize("name", ["behaviours", "random"])
def test_what_the_rules_themselves_generate_always_passes(name: str) -> None:
    chosen: dict[str, Behaviour] = BEHAVIOURS if name == "behaviours" else RANDOM
    judged = 0
    for title, behaviour in chosen.items():
        if not drafted_rules(behaviour.rules):
            continue
        code = to_cpp(behaviour.rules, CLASSES, names=behaviour.names)
        only = code[code.index("void onResult") : code.index("void onTick")]
        assert lint(only, behaviour.rules, [*CLASSES, *behaviour.names.values()]), title
        judged += 1
    assert judged > len(chosen) // 2
