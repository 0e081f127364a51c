// Digital pins and what is built from them.
#include "emulated_pins.h"
#include "wiring_arguments.h"

using emulated::Direction;

namespace {

Direction direction_of(uint32_t mode) {
  switch (mode) {
    case INPUT:
      return Direction::Input;
    case OUTPUT:
      return Direction::Output;
    case INPUT_PULLUP:
      return Direction::PullUp;
#ifdef ARDUINO_ARCH_STM32
    case OUTPUT_OPEN_DRAIN:
      return Direction::Output;
    case INPUT_ANALOG:
      return Direction::Input;
#endif
    default:  // the mbed core takes OUTPUT_OPENDRAIN for this too
      return Direction::PullDown;
  }
}

}  // namespace

extern "C" {

void pinMode(emulated::PinNumber pin, emulated::Mode mode) {
  emulated::pin_direction(EMULATED_PIN(pin), direction_of(mode));
}

void digitalWrite(emulated::PinNumber pin, emulated::Level level) {
  emulated::pin_write(EMULATED_PIN(pin), level != LOW);
}

emulated::LevelRead digitalRead(emulated::PinNumber pin) {
  return emulated::pin_read(EMULATED_PIN(pin)) ? HIGH : LOW;
}

#ifdef ARDUINO_ARCH_STM32
void digitalToggle(uint32_t pin) { digitalWrite(pin, !digitalRead(pin)); }
#endif

void shiftOut(emulated::PinNumber dataPin, emulated::PinNumber clockPin, emulated::Order bitOrder,
              emulated::ShiftedByte value) {
  for (int i = 0; i < 8; i++) {
    int bitNumber = bitOrder == LSBFIRST ? i : 7 - i;
    digitalWrite(dataPin, bitRead(value, bitNumber) ? HIGH : LOW);
    digitalWrite(clockPin, HIGH);
    digitalWrite(clockPin, LOW);
  }
}

emulated::ShiftedByte shiftIn(emulated::PinNumber dataPin, emulated::PinNumber clockPin, emulated::Order bitOrder) {
  uint8_t value = 0;
  for (int i = 0; i < 8; i++) {
    int bitNumber = bitOrder == LSBFIRST ? i : 7 - i;
    digitalWrite(clockPin, HIGH);
    bitWrite(value, bitNumber, digitalRead(dataPin) == HIGH);
    digitalWrite(clockPin, LOW);
  }
  return value;
}

}  // extern "C"

namespace {

// Length of the next pulse in microseconds, 0 when none came in time; pins change at whole milliseconds.
unsigned long pulse_length(emulated::PinNumber pin, bool level, unsigned long timeout) {
  unsigned long start = micros();
  auto wait_while = [&](bool awaited) {
    while ((digitalRead(pin) == HIGH) == awaited)
      if (micros() - start >= timeout) return false;
    return true;
  };
  if (!wait_while(level) || !wait_while(!level)) return 0;
  unsigned long began = micros();
  return wait_while(level) ? micros() - began : 0;
}

}  // namespace

#ifdef ARDUINO_ARCH_STM32
uint32_t pulseIn(uint32_t pin, uint32_t state, uint32_t timeout) { return pulse_length(pin, state != LOW, timeout); }
uint32_t pulseInLong(uint32_t pin, uint32_t state, uint32_t timeout) { return pulseIn(pin, state, timeout); }
#else
unsigned long pulseIn(uint8_t pin, uint8_t state, unsigned long timeout) {
  return pulse_length(pin, state != LOW, timeout);
}
unsigned long pulseInLong(uint8_t pin, uint8_t state, unsigned long timeout) { return pulseIn(pin, state, timeout); }
#endif
