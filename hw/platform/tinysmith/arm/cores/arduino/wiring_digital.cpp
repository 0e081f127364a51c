// Digital pins, interrupts on them, and what is built from them.
#include <Arduino.h>

#include "emulated_pins.h"

using emulated::Direction;
using emulated::Edge;

extern "C" {

void pinMode(pin_size_t pin, PinMode mode) {
  switch (mode) {
    case OUTPUT:
    case OUTPUT_OPENDRAIN:
      return emulated::pin_direction(EMULATED_PIN(pin), Direction::Output);
    case INPUT_PULLUP:
      return emulated::pin_direction(EMULATED_PIN(pin), Direction::PullUp);
    case INPUT_PULLDOWN:
      return emulated::pin_direction(EMULATED_PIN(pin), Direction::PullDown);
    default:
      return emulated::pin_direction(EMULATED_PIN(pin), Direction::Input);
  }
}

void digitalWrite(pin_size_t pin, PinStatus status) { emulated::pin_write(EMULATED_PIN(pin), status != LOW); }
PinStatus digitalRead(pin_size_t pin) { return emulated::pin_read(EMULATED_PIN(pin)) ? HIGH : LOW; }

void attachInterruptParam(pin_size_t pin, voidFuncPtrParam callback, PinStatus mode, void *param) {
  // LOW and HIGH do nothing: the vendor's core for this board knows edges only.
  if (mode == LOW || mode == HIGH) return;
  Edge edge = mode == RISING ? Edge::Rising : mode == FALLING ? Edge::Falling : Edge::Both;
  emulated::pin_attach(EMULATED_PIN(pin), edge, callback, param);
}

void attachInterrupt(pin_size_t pin, voidFuncPtr callback, PinStatus mode) {
  attachInterruptParam(pin, reinterpret_cast<voidFuncPtrParam>(callback), mode, nullptr);
}

void detachInterrupt(pin_size_t pin) { emulated::pin_detach(EMULATED_PIN(pin)); }

void shiftOut(pin_size_t dataPin, pin_size_t clockPin, BitOrder bitOrder, uint8_t value) {
  for (int i = 0; i < 8; i++) {
    int bitNumber = bitOrder == LSBFIRST ? i : 7 - i;
    digitalWrite(dataPin, bitRead(value, bitNumber) ? HIGH : LOW);
    digitalWrite(clockPin, HIGH);
    digitalWrite(clockPin, LOW);
  }
}

uint8_t shiftIn(pin_size_t dataPin, pin_size_t clockPin, BitOrder bitOrder) {
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

// Length of the next pulse in microseconds, 0 when none came in time; pins change at whole milliseconds.
unsigned long pulseIn(uint8_t pin, uint8_t state, unsigned long timeout) {
  unsigned long start = micros();
  auto waitWhile = [&](bool level) {
    while ((digitalRead(pin) == HIGH) == level)
      if (micros() - start >= timeout) return false;
    return true;
  };
  bool level = state != LOW;
  if (!waitWhile(level) || !waitWhile(!level)) return 0;
  unsigned long began = micros();
  return waitWhile(level) ? micros() - began : 0;
}

unsigned long pulseInLong(uint8_t pin, uint8_t state, unsigned long timeout) { return pulseIn(pin, state, timeout); }
