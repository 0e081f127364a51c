// How the virtual hardware of this board differs from that of the others.
#pragma once
#include <stdint.h>

#define EMULATED_PINS 117
#define EMULATED_ANALOG_BASE 0xC0      // sketches number the analog pins from here

namespace emulated {

// Numbers in the pin table of the analog pins.
constexpr uint8_t ANALOG_PINS[] = {73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 94, 95, 96, 104,
                                   4, 7, 8, 11, 12, 13, 24, 32, 33, 61, 62, 63};
constexpr uint8_t analog_pin(uint8_t i) { return i < sizeof ANALOG_PINS ? ANALOG_PINS[i] : 0xFF; }

}  // namespace emulated

#define EMULATED_PIN(pin) \
  static_cast<uint8_t>((pin) < EMULATED_ANALOG_BASE ? (pin) : emulated::analog_pin((pin) - EMULATED_ANALOG_BASE))
#define EMULATED_CLOCK_HZ 25000000u    // SysTick of QEMU's mps2-an500
#define EMULATED_NATIVE_USB 0          // Serial is a UART: nothing before Serial.begin()
#define EMULATED_WRITE_MAKES_OUTPUT 0  // digitalWrite() does not make a pin an output
