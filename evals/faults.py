"""Faults for a working firmware folder: what people and language models get wrong, as exact changes of its text.

Each fault says whether it changes what the device must do, so that a verifier can be measured both ways: how many
changes it misses, and how many harmless ones it holds against the board. Not covered: faults in the vendor's core, and
a wrong baud rate and a missing pinMode(), which our emulated boards cannot see (the mbed core drives the pin anyway).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """Replace `old` by `new` in `file` (INO: the sketch's main file)."""

    name: str
    kind: str
    """inference, input, window, result, timing, output, behaviour, crash."""
    file: str
    old: str
    new: str
    seen_in: str = ""
    """Text of app.h without which nobody could see the fault; empty: always seen."""
    harmless: bool = False
    nth: int = -1
    """Of a mutant, whose `old` and `new` are whole lines: which of the equal lines it is; negative: everywhere."""


INO = "*.ino"
_COUNTER = "static int counter = 0;\n  "
_RESULT_BEGINS = "static void classify(unsigned long now, Result &result) {\n  "
_ADD_ENDS = "  classify(now, result);\n"


def _c(name: str, kind: str, old: str, new: str, seen_in: str = "", harmless: bool = False) -> Fault:
    return Fault(name, kind, "classifier.cpp", old, new, seen_in, harmless)


def _o(name: str, old: str, new: str, seen_in: str = "") -> Fault:
    return Fault(name, "output", "outputs.cpp", old, new, seen_in)


def _i(name: str, kind: str, old: str, new: str, seen_in: str = "", harmless: bool = False) -> Fault:
    return Fault(name, kind, INO, old, new, seen_in, harmless)


GENERIC: tuple[Fault, ...] = (
    # --- the network and its result
    _c("no inference", "inference", "model_infer(input, output);", "memset(output, 0, sizeof output);"),
    _c("inference only once", "inference", "model_infer(input, output);", "if (first) model_infer(input, output);"),
    Fault(
        "weights of another model",
        "inference",
        "src/model/model.c",
        ", input, output);",
        ", input, output);\n    output[0] ^= 1;",
    ),
    _c("smallest output wins", "result", "output[i] > output[winner]", "output[i] < output[winner]"),
    _c(
        "last class never wins",
        "result",
        "for (int i = 1; i < MODEL_CLASSES; i++)",
        "for (int i = 1; i < MODEL_CLASSES - 1; i++)",
    ),
    _c(
        "outputs compared unsigned",
        "result",
        "if (output[i] > output[winner])",
        "if ((uint8_t)output[i] > (uint8_t)output[winner])",
    ),
    _c("labels off by one", "result", "(Label)winner", "(Label)((winner + 1) % LABEL_COUNT)"),
    _c("names in reverse", "result", "LABEL_NAMES[label]", "LABEL_NAMES[LABEL_COUNT - 1 - label]", "name"),
    _c("winner counted twice in softmax", "result", "1.0f / sum", "1.0f / (sum + 1)", "confidence"),
    _c("softmax not inverted", "result", "return 1.0f / sum", "return sum - 1", "confidence"),
    _c(
        "change always", "result", "result.changed = first || label != latest.label", "result.changed = true", "changed"
    ),
    _c(
        "change never", "result", "result.changed = first || label != latest.label", "result.changed = false", "changed"
    ),
    _c(
        "first result is no change",
        "result",
        "result.changed = first || label",
        "result.changed = !first && label",
        "changed",
    ),
    _c("rounding as the compiler likes", "result", "expf(", "(float)exp(", harmless=True),
    # --- from reading to input
    _c(
        "zero point forgotten",
        "input",
        "model_quantise(features[i])",
        "(int8_t)constrain(lroundf(features[i] / MODEL_INPUT_SCALE), -128L, 127L)",
    ),
    _c("scale forgotten", "input", "model_quantise(features[i])", "(int8_t)features[i]"),
    _c("scale four times too small", "input", "model_quantise(features[i])", "model_quantise(features[i] * 4)"),
    _c(
        "zero point twice",
        "input",
        "model_quantise(features[i])",
        "model_quantise(features[i]) + MODEL_INPUT_ZERO_POINT + 40",
    ),
    _c(
        "quantised without saturation",
        "input",
        "model_quantise(features[i])",
        "(int8_t)(model_quantise(features[i]) * 2)",
    ),
    _c("features never computed", "input", "features_apply(reading, features);", ""),
    _c("input one place too far", "input", "input[filled * FEATURES + i]", "input[(filled + 1) * FEATURES + i]"),
    _c("all features from the first", "input", "features[i])", "features[0])"),
    _c(
        "features in reverse order",
        "input",
        "model_quantise(features[i])",
        "model_quantise(features[FEATURES - 1 - i])",
    ),
    Fault(
        "no normalisation",
        "input",
        "features.h",
        "out[i] = (out[i] - FEATURES_OFFSET[i]) * FEATURES_GAIN[i]",
        "out[i] = out[i]",
    ),
    Fault("no offset", "input", "features.h", "(out[i] - FEATURES_OFFSET[i])", "out[i]"),
    Fault("divided by the gain", "input", "features.h", "* FEATURES_GAIN[i]", "/ FEATURES_GAIN[i]"),
    Fault("no ratio", "input", "features.h", "out[i] / sum", "out[i]"),
    Fault("ratio in whole numbers", "input", "features.h", "out[i] / sum", "(int)out[i] / (int)sum"),
    Fault(
        "m/s^2 for g", "input", "features.h", "out[i] = reading[i];\n  for", "out[i] = reading[i] * 9.80665f;\n  for"
    ),
    Fault("red and blue swapped", "input", "sensor.cpp", "readColor(red, green, blue)", "readColor(blue, green, red)"),
    Fault(
        "x and z swapped",
        "input",
        "sensor.cpp",
        "readAcceleration(reading[0], reading[1], reading[2])",
        "readAcceleration(reading[2], reading[1], reading[0])",
    ),
    Fault("sensor not begun", "input", "sensor.cpp", "if (!(APDS.begin())) return false;", ""),
    Fault("inertial sensor not begun", "input", "sensor.cpp", "if (!(IMU.begin())) return false;", ""),
    Fault(
        "reading never fetched", "input", "sensor.cpp", "APDS.readColor(red, green, blue);", "red = green = blue = 100;"
    ),
    Fault("motion never fetched", "input", "sensor.cpp", "readAll(all);", "memset(all, 0, sizeof all);"),
    # --- the window
    _c("window does not move on", "window", "memmove(input, input + STRIDE * FEATURES, filled * FEATURES);", ""),
    _c("window moves by bytes", "window", "input + STRIDE * FEATURES", "input + STRIDE"),
    _c("window starts anew", "window", "filled = WINDOW - STRIDE;\n  mem", "filled = 0;\n  if (filled) mem"),
    _c("window has no new start", "window", "filled = WINDOW - STRIDE;\n  mem", "filled = WINDOW - 1;\n  mem"),
    _c("window forgets at once", "window", "GAP_MS = 3 * SAMPLE_PERIOD_MS", "GAP_MS = SAMPLE_PERIOD_MS / 2"),
    # --- time
    Fault(
        "samples half as often",
        "timing",
        "sensor.cpp",
        "nextSample += SAMPLE_PERIOD_MS",
        "nextSample += 2 * SAMPLE_PERIOD_MS",
    ),
    Fault(
        "samples twice as often",
        "timing",
        "sensor.cpp",
        "nextSample += SAMPLE_PERIOD_MS",
        "nextSample += SAMPLE_PERIOD_MS / 2",
        "Serial.print",
    ),
    Fault("samples as fast as it can", "timing", "sensor.cpp", "(long)(now - nextSample) < 0 || ", "", "Serial.print"),
    Fault("sampling never begins", "timing", "sensor.cpp", "nextSample = millis();", "nextSample = millis() + 100000;"),
    Fault(
        "colour not waited for",
        "timing",
        "sensor.cpp",
        " || !(APDS.colorAvailable())",
        "",
    ),
    _i("loop waits", "timing", "delay(1);", "delay(250);"),
    _i("loop waits a little", "timing", "delay(1);", "delay(2);", harmless=True),
    _i("delay after a result", "timing", "onResult(result);", "{ onResult(result); delay(450); }"),
    _i("delay before setup is done", "timing", "onStart();", "delay(700);\n  onStart();"),
    # --- LEDs and pins
    _o("polarity ignored", "on != output.activeLow ? HIGH : LOW", "on ? HIGH : LOW", "Led("),
    _o("LED never off", "if (output.on != on) drive", "if (on && !output.on) drive", "setLed"),
    _o("LED never on", "if (output.on != on) drive", "if (!on) drive", "setLed"),
    _o("LEDs not set at start", "    drive(led, false);\n", ""),
    _o("always the first LED", "digitalWrite(output.pin", "digitalWrite(leds[0].pin", "Led("),
    _o("one flash too many", "2 * times - 1", "2 * times + 1", "blinkLed"),
    _o("ends lit", "2 * times - 1", "2 * times - 2", "blinkLed"),
    _o("blinks for ever", "times == FOREVER ? -1 : 2 * times - 1", "-1", "blinkLed"),
    _o(
        "flashes twice as long",
        "output.periodMs = ms;\n  output.nextEdge = millis() + ms;",
        "output.periodMs = 2 * ms;\n  output.nextEdge = millis() + 2 * ms;",
        "blinkLed",
    ),
    _o(
        "flashes half as long",
        "output.periodMs = ms;\n  output.nextEdge = millis() + ms;",
        "output.periodMs = ms / 2;\n  output.nextEdge = millis() + ms / 2;",
        "blinkLed",
    ),
    _i("flashes without a clock", "output", "outputsTick(now);", "", "blinkLed"),
    # --- the frame around the application
    _i("nothing at start", "behaviour", "onStart();", "", "onStart() {\n"),
    _i("nothing periodic", "behaviour", "onTick(now);", "", "onTick(unsigned long now)"),
    _i("results not acted upon", "behaviour", "onResult(result);", ";"),
    _i("acted upon twice", "behaviour", "onResult(result);", "{ onResult(result); onResult(result); }", "Serial.print"),
    _i("chatters", "behaviour", "onResult(result);", '{ Serial.println("debug"); onResult(result); }'),
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
"""Faults in what every sketch has; those whose text a sketch does not hold do not apply to it."""


def app_faults(app_h: str) -> Iterator[Fault]:
    """Faults in the application's part, derived from its text: each condition, LED, printed text and flash in it."""
    for n, test in enumerate(dict.fromkeys(re.findall(r"result\.label == LABEL_\w+", app_h))):
        yield _app(f"condition {n} inverted", test, test.replace("==", "!="))
        others = [t for t in re.findall(r"LABEL_\w+", app_h) if t != test.split()[-1]]
        if others:
            yield _app(f"condition {n} on another class", test, f"result.label == {others[0]}")
    for n, call in enumerate(dict.fromkeys(re.findall(r"(?:setLed|pulseLed|blinkLed)\(\w+_LED[^;]*;", app_h))):
        yield _app(f"LED action {n} missing", call, ";")
        yield _app(f"LED action {n} on the built-in LED", call, re.sub(r"\w+_LED", "BUILTIN_LED", call, count=1))
        yield from _lengths(n, call)
    for n, call in enumerate(dict.fromkeys(re.findall(r"Serial\.print(?:ln)?\([^;]*;", app_h))):
        yield _app(f"print {n} missing", call, ";")
        yield _app(f"print {n} with a blank more", call, 'Serial.print(" ");\n' + call)
    if "result.changed" in app_h:
        yield _app("prints without asking for a change", "if (result.changed)", "if (true)")
    for n, period in enumerate(re.findall(r"next\d+ \+= \d+;", app_h)):
        yield _app(f"period {n} doubled", period, period.replace("+= ", "+= 2 * "))


def _lengths(n: int, call: str) -> Iterator[Fault]:
    found = re.fullmatch(r"(blinkLed|pulseLed)\((\w+), (?:(\d+), )?(\d+)\);", call)
    if found is None:
        return
    function, led, times, ms = found.groups()
    count = f"{times}, " if times else ""
    yield _app(f"LED action {n} for too long", call, f"{function}({led}, {count}{2 * int(ms)});")
    yield _app(f"LED action {n} too briefly", call, f"{function}({led}, {count}{int(ms) // 3});")
    if times:
        yield _app(f"LED action {n} once more", call, f"{function}({led}, {int(times) + 1}, {ms});")


def _app(name: str, old: str, new: str) -> Fault:
    return Fault(name, "behaviour", "app.h", old, new)


def _path(folder: Path, fault: Fault) -> Path:
    return folder / (f"{folder.name}.ino" if fault.file == INO else fault.file)


def faults_for(folder: Path) -> list[Fault]:
    """All faults that can be put into this sketch."""
    app_h = (folder / "app.h").read_text()
    found = [*GENERIC, *app_faults(app_h)]
    return [f for f in found if f.old in (p.read_text() if (p := _path(folder, f)).exists() else "")]


def changes_behaviour(fault: Fault, folder: Path) -> bool:
    """Whether the device then does something else than demanded, as far as the fault's author can tell."""
    return not fault.harmless and fault.seen_in in (folder / "app.h").read_text()


def changed(text: str, fault: Fault) -> str:
    """The text of a file with the fault in it; raises ValueError where it does not hold what the fault changes."""
    if fault.nth < 0:
        parts = text.split(fault.old)
        if len(parts) == 1:
            raise ValueError(f"the fault '{fault.name}' does not apply: {fault.file} does not hold its text")
        return fault.new.join(parts)
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if line == fault.old]
    if fault.nth >= len(places):
        raise ValueError(f"the fault '{fault.name}' does not apply: {fault.file} does not hold its line")
    lines[places[fault.nth]] = fault.new
    return "\n".join(lines)


def seed(folder: Path, fault: Fault, target: Path) -> Path:
    """A copy of the sketch `folder` in `target` (of the same name, for the main file) with the fault in it.

    Files that are the same keep their time, so that compiling costs little. Raises ValueError where the text is not.
    """
    target.mkdir(parents=True, exist_ok=True)
    broken = _path(folder, fault)
    text_of_fault = changed(broken.read_text(), fault).encode()
    for path in (p for p in folder.rglob("*") if p.is_file()):
        copy, text = target / path.relative_to(folder), path.read_bytes()
        if path == broken:
            text = text_of_fault
        if not copy.exists() or copy.read_bytes() != text:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text)
    return target
