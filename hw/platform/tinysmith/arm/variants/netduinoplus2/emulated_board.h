// How the virtual hardware of this board differs from that of the others.
#pragma once
#include <stdint.h>

#define EMULATED_PINS 51
#define EMULATED_ANALOG_BASE 0xC0      // sketches number the analog pins from here

namespace emulated {

// Number in the pin table of analog pin `i`.
constexpr uint8_t analog_pin(uint8_t i) { return i < 8 ? i : i < 10 ? 16 + (i - 8) : i < 16 ? 32 + (i - 10) : 0xFF; }

}  // namespace emulated

#define EMULATED_PIN(pin) \
  static_cast<uint8_t>((pin) < EMULATED_ANALOG_BASE ? (pin) : emulated::analog_pin((pin) - EMULATED_ANALOG_BASE))
#define EMULATED_CLOCK_HZ 168000000u   // SysTick of QEMU's netduinoplus2
#define EMULATED_UART 0x40004C00u      // UART4, which is Serial
#define EMULATED_NATIVE_USB 0          // Serial is a UART: nothing before Serial.begin()
#define EMULATED_WRITE_MAKES_OUTPUT 0  // digitalWrite() does not make a pin an output
