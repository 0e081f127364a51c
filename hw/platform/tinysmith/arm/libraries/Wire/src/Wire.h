// I2C as the vendor's core for the board has it, on the emulated board's virtual buses.
#pragma once
#include <Arduino.h>

#ifdef ARDUINO_ARCH_STM32
#include "TwoWire.h"
#else
#include "MbedI2C.h"
#endif
