// The Arduino API as sketches and libraries see it: names and types of ArduinoCore-API 1.5, or of the STM32 core 2.12.
// Covered: digital and analog pins, tone, interrupts, time, Serial, Wire, SPI, String. Not covered: networking, USB, CAN.
// tests/hw/test_signatures.py holds it against the real ones.
#pragma once

#ifndef ARDUINO_ARCH_STM32
#define ARDUINO_API_VERSION 10502
#endif

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "Binary.h"
#include "Common.h"

#ifdef __cplusplus
#include "Compat.h"
#include "HardwareSerial.h"
#include "Interrupts.h"
#include "Print.h"
#include "Printable.h"
#include "Stream.h"
#include "String.h"
#include "WCharacter.h"
#include "itoa.h"
#endif
