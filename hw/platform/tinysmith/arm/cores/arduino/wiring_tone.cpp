// Tones: one at a time. Another pin's takes its place (mbed), or is not heard until noTone() frees the timer (STM32).
#include "emulated_pins.h"
#include "wiring_arguments.h"

#ifdef ARDUINO_ARCH_STM32

namespace {

constexpr uint8_t NO_PIN = 0xFF;
uint8_t owner = NO_PIN;  // of the timer, also when it is silent

}  // namespace

void tone(uint8_t pin, unsigned int frequency, unsigned long duration) {
  constexpr unsigned int MAX_FREQUENCY = 65535;
  uint8_t number = EMULATED_PIN(pin);
  if (frequency > MAX_FREQUENCY || (owner != NO_PIN && owner != number)) return;
  if (frequency == 0) return emulated::tone_stop();
  owner = number;
  emulated::tone_start(number, frequency, duration);
}

void noTone(uint8_t pin, bool destruct) {
  if (owner != EMULATED_PIN(pin)) return;
  emulated::tone_stop();
  if (destruct) owner = NO_PIN;
}

#else

void tone(uint8_t pin, unsigned int frequency, unsigned long duration) {
  // The vendor's core divides by it.
  frequency == 0 ? emulated::tone_stop() : emulated::tone_start(EMULATED_PIN(pin), frequency, duration);
}

void noTone(uint8_t) { emulated::tone_stop(); }  // whatever pin it is on

#endif
