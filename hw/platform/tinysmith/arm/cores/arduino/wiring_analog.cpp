// Analog inputs and PWM.
#include "emulated_pins.h"
#include "wiring_arguments.h"

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

#ifdef ARDUINO_ARCH_STM32
void analogReference(eAnalogReference) {}
#else
void analogReference(uint8_t) {}
#endif
void analogReadResolution(int bits) { read_bits = bits; }
void analogWriteResolution(int bits) { write_bits = bits; }

emulated::AnalogValue analogRead(emulated::PinNumber pin) {
  uint8_t input = static_cast<uint8_t>(pin < A0 ? pin : pin - A0);  // analogRead(0) means A0
  return static_cast<emulated::AnalogValue>(scale(emulated::analog_read(input), STIMULUS_BITS, read_bits));
}

void analogWrite(emulated::PinNumber pin, emulated::AnalogValue value) {
  int duty = scale(static_cast<int>(value), write_bits, TRACE_BITS);
  emulated::pin_pwm(EMULATED_PIN(pin), static_cast<uint8_t>(constrain(duty, 0, 255)));
}

}  // extern "C"
