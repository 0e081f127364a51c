// The Arduino API as sketches and libraries see it: same names, types and namespaces as ArduinoCore-API 1.5.
// Covered: digital and analog pins, tone, interrupts, time, Serial, Wire, SPI, String. Not covered: networking, USB, CAN.
#pragma once

#define ARDUINO_API_VERSION 10502

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
