// How the virtual hardware of this board differs from that of the others.
#pragma once
#include <stdint.h>

#define EMULATED_PINS 34
#define EMULATED_PIN(pin) (pin)          // number in the pin table of what a sketch calls `pin`
#define EMULATED_CLOCK_HZ 25000000u      // SysTick of QEMU's mps2-an386
#define EMULATED_NATIVE_USB 1            // Serial is up before setup(), as the vendor's main() does
#define EMULATED_WRITE_MAKES_OUTPUT 1    // digitalWrite() on a pin without pinMode() drives it
