"""Faults by hand from the reading to the result: network, quantisation, features, memory, window, time."""

from evals.fault import INO, Fault

_ON_STACK = (
    "static _Alignas(4) uint8_t arena[MODEL_ARENA_BYTES];\n\nvoid model_infer(const int8_t *input, int8_t *output) {\n",
    "void model_infer(const int8_t *input, int8_t *output) {\n    _Alignas(4) uint8_t arena[MODEL_ARENA_BYTES];\n",
)


def _c(name: str, kind: str, old: str, new: str, seen_in: str = "", harmless: bool = False) -> Fault:
    return Fault(name, kind, "classifier.cpp", old, new, seen_in, harmless)


def _i(name: str, kind: str, old: str, new: str, seen_in: str = "", harmless: bool = False) -> Fault:
    return Fault(name, kind, INO, old, new, seen_in, harmless)


INPUT_FAULTS: tuple[Fault, ...] = (
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
    _c("axis off by one", "input", "model_quantise(features[i])", "model_quantise(features[(i + 1) % FEATURES])"),
    _c("last feature left out", "input", "i < FEATURES; i++) input", "i < FEATURES - 1; i++) input"),
    _c("features in whole numbers", "input", "model_quantise(features[i])", "model_quantise((int)features[i])"),
    _c(
        "cut off instead of rounded",
        "input",
        "model_quantise(features[i])",
        "(int8_t)constrain((long)(features[i] / MODEL_INPUT_SCALE) + MODEL_INPUT_ZERO_POINT, -128L, 127L)",
    ),
    _c("features as bytes", "input", "model_quantise(features[i])", "(int8_t)(uint8_t)(features[i] * 255)"),
    Fault("offset added", "input", "features.h", "(out[i] - FEATURES_OFFSET[i])", "(out[i] + FEATURES_OFFSET[i])"),
    Fault("gain in whole numbers", "input", "features.h", "* FEATURES_GAIN[i]", "* (int)FEATURES_GAIN[i]"),
    Fault("lines of whole numbers", "input", "sensor.cpp", "strtod(text, &end)", "strtol(text, &end, 10)"),
    Fault(
        "channels of a line in reverse",
        "input",
        "sensor.cpp",
        "reading[i] = strtod",
        "reading[SENSOR_CHANNELS - 1 - i] = strtod",
    ),
    Fault("line never cleared", "input", "sensor.cpp", "    length = 0;\n", ""),
    # --- memory
    _c("input too short", "memory", "input[MODEL_INPUT_BYTES]", "input[(MODEL_INPUT_BYTES + 3) / 4]"),
    _c("output too short", "memory", "int8_t output[MODEL_CLASSES];", "int8_t output[1];"),
    _c("features too short", "memory", "float features[FEATURES];", "float features[1];"),
    _c("sum never cleared", "memory", "float sum = 0;", "static float sum = 0;", "confidence"),
    _c("winner never cleared", "memory", "int winner = 0;", "static int winner = 0;"),
    _c(
        "output over the input",
        "memory",
        "model_infer(input, output);",
        "model_infer(input, input);\n  memcpy(output, input, sizeof output);",
    ),
    Fault("arena too small", "memory", "src/model/model.c", "[MODEL_ARENA_BYTES]", "[(MODEL_ARENA_BYTES + 3) / 4]"),
    Fault("reading too short", "memory", INO, "float reading[SENSOR_CHANNELS];", "float reading[1];"),
    Fault("arena taken from the stack", "memory", "src/model/model.c", *_ON_STACK, harmless=True),
    # --- the window
    _c("axes and time swapped", "window", "input[filled * FEATURES + i]", "input[i * WINDOW + filled]"),
    _c(
        "result of the window before",
        "window",
        "  classify(now, result);\n",
        "  static Result before = {(Label)0, LABEL_NAMES[0]};\n  classify(now, result);\n"
        "  const Result newer = result;\n  result = before;\n  before = newer;\n",
    ),
    _c("newest reading left out", "window", "if (++filled < WINDOW)", "if (filled++ < WINDOW - 2)"),
    _c(
        "confidence of the first class",
        "result",
        "confidenceOf(output, winner)",
        "confidenceOf(output, 0)",
        "confidence",
    ),
    _i(
        "result without a new reading",
        "window",
        "if (sensorRead(now, reading) && ",
        "sensorRead(now, reading);\n  if (",
    ),
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
        r"Serial\.print",
    ),
    Fault(
        "samples as fast as it can", "timing", "sensor.cpp", "(long)(now - nextSample) < 0 || ", "", r"Serial\.print"
    ),
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
)
"""In what every sketch has; those whose text a sketch does not hold do not apply to it."""
