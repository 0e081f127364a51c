// What every sketch includes.
#pragma once

#include "api/ArduinoAPI.h"

#ifdef __cplusplus
using namespace arduino;

extern "C" {
#endif

#define NOT_A_PIN 255
#define NOT_A_PORT 255
#define NOT_AN_INTERRUPT 255
#define digitalPinToInterrupt(pin) (pin)
#define clockCyclesPerMicrosecond() (64)

void interrupts(void);
void noInterrupts(void);
void analogReadResolution(int bits);
void analogWriteResolution(int bits);

#ifdef __cplusplus
}

#include "SerialPort.h"
#endif

#include "pins_arduino.h"
