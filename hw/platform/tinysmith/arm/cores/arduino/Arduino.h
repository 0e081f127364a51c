// What every sketch includes.
#pragma once

#include "api/ArduinoAPI.h"

#ifdef ARDUINO_ARCH_STM32
#ifdef __cplusplus
#include "api/StandardStm32.h"
#endif
#include "api/deprecated-avr-comp/avr/dtostrf.h"
#endif

#ifdef ARDUINO_ARCH_MBED
#ifdef abs
#undef abs
#endif
#define abs(x) ((x) > 0 ? (x) : -(x))
#endif

#ifdef __cplusplus
using namespace arduino;
#endif

#include "pins_arduino.h"

#ifdef __cplusplus
#include "Serial.h"
#endif
