// Frame for solutions by hand: reads the sensor, asks the network, and hands results to application.h. It shares nothing
// with the system's scaffold but the network (src/model), so that cases are shown to be possible independently of it.
#include <Arduino.h>
#include "facts.h"
#include "features.h"
#include "src/model/model.h"
#if SENSOR_COLOR
#include <Arduino_APDS9960.h>
#elif SENSOR_IMU
#include <Arduino_LSM9DS1.h>
#endif

struct Result {
  const char *name;
  float confidence;
  bool changed;  // also true for the first one
  bool is(const char *label) const { return strcmp(name, label) == 0; }
};

void led(int pin, bool on) { digitalWrite(pin, on != (LEDS_ACTIVE_LOW && pin >= FIRST_INVERTED) ? HIGH : LOW); }

struct Blink {
  int pin, edges;  // changes still to come; negative: for ever
  unsigned long ms, next;
  void start(int times, unsigned long length) {
    edges = 2 * times - 1;
    ms = length;
    next = millis() + ms;
    led(pin, lit = true);
  }
  void stop() {
    edges = 0;
    led(pin, lit = false);
  }
  void tick() {
    if (edges == 0 || (long)(millis() - next) < 0) return;
    next += ms;
    led(pin, lit = !lit);
    if (edges > 0) edges--;
  }
  bool lit;
};

struct Button {
  int pin;
  bool down, before;
  unsigned long since;
  void begin() { pinMode(pin, INPUT_PULLUP); }
  bool pressed() {  // true once per press, 20 ms after its contacts came to rest
    const bool now = digitalRead(pin) == LOW;
    if (now != before) since = millis();
    before = now;
    if (now == down || millis() - since < 20) return false;
    return down = now;
  }
};

#include "application.h"  // void begin(); void onResult(const Result &); void tick(); void onLine(const char *);

static int8_t input[MODEL_INPUT_BYTES];
static int filled = 0;

static void add(const float *reading) {
  float features[FEATURES_CHANNELS];
  features_apply(reading, features);
  for (float feature : features) input[filled++] = model_quantise(feature);
  if (filled < MODEL_INPUT_BYTES) return;
  filled = 0;

  int8_t output[MODEL_CLASSES];
  model_infer(input, output);
  int winner = 0;
  float sum = 0;
  for (int i = 1; i < MODEL_CLASSES; i++)
    if (output[i] > output[winner]) winner = i;
  for (int8_t logit : output) sum += expf((logit - output[winner]) * MODEL_OUTPUT_SCALE);
  static int last = -1;
  const Result result = {LABELS[winner], 1 / sum, winner != last};
  last = winner;
  onResult(result);
}

static void readLine() {
  static char line[80];
  static size_t length = 0;
  while (Serial.available()) {
    const char c = Serial.read();
    if (c != '\n') {
      if (length < sizeof line - 1) line[length++] = c;
      continue;
    }
    line[length] = 0;
    length = 0;
    float reading[FEATURES_CHANNELS];
    char *at = line;
    int found = 0;
    while (SENSOR_SERIAL && found < FEATURES_CHANNELS) {
      char *end;
      reading[found] = strtod(at, &end);
      if (end == at) break;
      found++;
      at = *end == ',' ? end + 1 : end;
    }
    if (found == FEATURES_CHANNELS) {
      add(reading);
    } else {
      onLine(line);
    }
  }
}

void setup() {
  Serial.begin(115200);
  for (int pin : LED_PINS) {
    pinMode(pin, OUTPUT);
    led(pin, false);
  }
#if SENSOR_COLOR
  APDS.begin();
#elif SENSOR_IMU
  IMU.begin();
#endif
  begin();
}

void loop() {
  tick();
  readLine();
#if SENSOR_COLOR || SENSOR_IMU
  static unsigned long next = millis();
  if ((long)(millis() - next) >= 0) {
#if SENSOR_COLOR
    if (APDS.colorAvailable()) {
      next += PERIOD_MS;
      int r, g, b;
      APDS.readColor(r, g, b);
      const float reading[] = {(float)r, (float)g, (float)b};
      add(reading);
    }
#else
    if (IMU.accelerationAvailable() && IMU.gyroscopeAvailable()) {
      next += PERIOD_MS;
      float reading[6];
      IMU.readAcceleration(reading[0], reading[1], reading[2]);
      IMU.readGyroscope(reading[3], reading[4], reading[5]);
      add(reading);
    }
#endif
  }
#endif
  delay(1);
}
