// SPI as the vendor's core for the board has it. On the emulated board a wire joins MOSI to MISO: what goes out comes in.
#pragma once
#include <Arduino.h>

#ifdef ARDUINO_ARCH_STM32
#include "SPIStm32.h"
#else
#include "SPIMbed.h"
#endif
