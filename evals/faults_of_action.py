"""Faults by hand from the result to what is seen: LEDs, pins, the frame around the application, crashes and hangs."""

from evals.fault import INO, Fault

_COUNTER = "static int counter = 0;\n  "
_RESULT_BEGINS = "static void classify(unsigned long now, Result &result) {\n  "
_ADD_ENDS = "  classify(now, result);\n"
_ONCE = "{ static bool once = true; if (once) onResult(result); once = false; }"
_COUNTED = r"blink\w+\(\w+, \d|pulse(Led|Pin)"
"""Flashes of which the number is given."""
_STARTS = r"void onStart\(\) \{\n(?:  beat\d+ = millis\(\);\n)*  (?!beat)"
"""Something happens at start-up, besides that a clock begins."""


def _c(name: str, kind: str, old: str, new: str, seen_in: str = "", harmless: bool = False) -> Fault:
    return Fault(name, kind, "classifier.cpp", old, new, seen_in, harmless)


def _o(name: str, old: str, new: str, seen_in: str = "") -> Fault:
    return Fault(name, "output", "outputs.cpp", old, new, seen_in)


def _i(name: str, kind: str, old: str, new: str, seen_in: str = "", harmless: bool = False) -> Fault:
    return Fault(name, kind, INO, old, new, seen_in, harmless)


def _period(ms: str) -> tuple[str, str]:
    old = "output.periodMs = {0};\n  output.nextEdge = millis() + {0};"
    return old.format("ms"), old.format(ms)


ACTION_FAULTS: tuple[Fault, ...] = (
    # --- LEDs and pins
    _o("polarity ignored", "on != output.activeLow ? HIGH : LOW", "on ? HIGH : LOW", "Led\\("),
    _o("output never off", "if (output.on != on) drive", "if (on && !output.on) drive", "set(Led|Pin)"),
    _o("output never on", "if (output.on != on) drive", "if (!on) drive", "set(Led|Pin)"),
    _o("LEDs not set at start", "    drive(led, false);\n", ""),
    _o("always the first LED", "set(leds[led], on)", "set(leds[0], on)", "setLed"),
    _o("flashes on the first LED", "blink(leds[led], ", "blink(leds[0], ", "(blink|pulse)Led"),
    _o("one flash too many", "2 * times - 1", "2 * times + 1", _COUNTED),
    _o("ends lit", "2 * times - 1", "2 * times - 2", _COUNTED),
    _o("blinks for ever", "times == FOREVER ? -1 : 2 * times - 1", "-1", _COUNTED),
    _o("flashes twice as long", *_period("2 * ms"), "blink|pulse"),
    _o("flashes half as long", *_period("ms / 2"), "blink|pulse"),
    _o(
        "flashes while everything waits",
        "  drive(output, true);\n",
        "  for (int k = 0; k < (times ? times : 3); k++) {\n"
        "    drive(output, true); delay(ms); drive(output, false); delay(ms);\n  }\n  return;\n",
        "blink|pulse",
    ),
    _o("LED pins left as inputs", "    pinMode(led.pin, OUTPUT);\n", "", "Led\\("),
    _o("pins left as inputs", "    pinMode(pin.pin, OUTPUT);\n", "", "(set|toggle|pulse|blink)Pin"),
    _o("every pin the same", "if (output.pin == pin) return &output;", "return &output;", "Pin\\(.*Pin\\("),
    _i("flashes without a clock", "output", "outputsTick(now);", "", "blink|pulse"),
    # --- the frame around the application
    _i("nothing at start", "behaviour", "onStart();", "", _STARTS),
    _i("nothing periodic", "behaviour", "onTick(now);", "", r"onTick\(unsigned long now\)"),
    _i("results not acted upon", "behaviour", "onResult(result);", ";"),
    _i(
        "acted upon twice",
        "behaviour",
        "onResult(result);",
        "{ onResult(result); onResult(result); }",
        r"Serial\.print",
    ),
    _i("chatters", "behaviour", "onResult(result);", '{ Serial.println("debug"); onResult(result); }'),
    _i("an empty line after each result", "behaviour", "onResult(result);", "{ onResult(result); Serial.println(); }"),
    _i("acts on the first result only", "behaviour", "onResult(result);", _ONCE),
    _i("waits for somebody to write", "timing", "delay(1);", "while (!Serial.available() && millis() > 3000) {}"),
    _i("wrong baud", "behaviour", "Serial.begin(115200);", "Serial.begin(9600);"),
    _i("half the baud", "behaviour", "Serial.begin(115200);", "Serial.begin(57600);"),
    _i("greets unasked", "behaviour", "onStart();", 'Serial.println("ready to go");\n  onStart();'),
    # --- crashes, hangs, and what works only for a while
    _c(
        "crash after nine results",
        "crash",
        _RESULT_BEGINS,
        _RESULT_BEGINS + _COUNTER + "if (++counter > 9) __builtin_trap();\n  ",
    ),
    _c(
        "endless loop after nine results",
        "crash",
        _RESULT_BEGINS,
        _RESULT_BEGINS + _COUNTER + "if (++counter > 9) while (true) {}\n  ",
    ),
    _c(
        "deaf after nine results",
        "crash",
        _ADD_ENDS,
        "  " + _COUNTER + "if (++counter > 9) return false;\n" + _ADD_ENDS,
    ),
    _c(
        "stack grows with results",
        "crash",
        _RESULT_BEGINS,
        _RESULT_BEGINS + _COUNTER + "volatile char wide[++counter * 60000];\n  wide[0] = 1;\n  ",
    ),
    _i(
        "restarts itself",
        "crash",
        "onResult(result);",
        "{ static int n = 0; onResult(result); if (++n > 9) setup(), n = 0; }",
    ),
    _i(
        "reads what is not there",
        "crash",
        "onResult(result);",
        "{ onResult(result); const char *text = LABEL_NAMES[result.now * 99999]; if (*text == 1) delay(1); }",
    ),
)
"""In what every sketch has; those whose text a sketch does not hold do not apply to it."""
