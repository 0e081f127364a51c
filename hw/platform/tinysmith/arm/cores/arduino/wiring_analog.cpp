// Analog inputs, PWM and tone.
#include <Arduino.h>

#include "emulated_pins.h"

namespace {

constexpr int STIMULUS_BITS = 10;
constexpr int TRACE_BITS = 8;
int read_bits = 10;
int write_bits = 8;

int scale(int value, int from_bits, int to_bits) {
  return to_bits >= from_bits ? value << (to_bits - from_bits) : value >> (from_bits - to_bits);
}

}  // namespace

extern "C" {

void analogReference(uint8_t) {}
void analogReadResolution(int bits) { read_bits = bits; }
void analogWriteResolution(int bits) { write_bits = bits; }

int analogRead(pin_size_t pin) {
  uint8_t input = pin < A0 ? pin : pin - A0;  // analogRead(0) means A0
  return scale(emulated::analog_read(input), STIMULUS_BITS, read_bits);
}

void analogWrite(pin_size_t pin, int value) {
  int duty = scale(value, write_bits, TRACE_BITS);
  emulated::pin_pwm(EMULATED_PIN(pin), static_cast<uint8_t>(constrain(duty, 0, 255)));
}

}  // extern "C"

void tone(uint8_t pin, unsigned int frequency, unsigned long duration) {
  emulated::pin_tone(EMULATED_PIN(pin), frequency, duration);
}
void noTone(uint8_t pin) { emulated::pin_tone(EMULATED_PIN(pin), 0, 0); }
