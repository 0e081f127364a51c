// What the STM32 core 2.12 declares in its own way: modes, levels and pins are numbers.
#pragma once

#define LOW 0x0
#define HIGH 0x1
#define CHANGE 0x2
#define FALLING 0x3
#define RISING 0x4

#define INPUT 0x0
#define OUTPUT 0x1
#define INPUT_PULLUP 0x2
#define INPUT_FLOATING INPUT
#define INPUT_PULLDOWN 0x3
#define INPUT_ANALOG 0x4
#define OUTPUT_OPEN_DRAIN 0x5

#define DEFAULT 1
#define EXTERNAL 0
#define _BV(bit) (1 << (bit))
#define cbi(reg, bitmask) *reg &= ~bitmask
#define sbi(reg, bitmask) *reg |= bitmask

enum BitOrder { LSBFIRST = 0, MSBFIRST = 1 };
typedef enum _eAnalogReference { AR_DEFAULT } eAnalogReference;
typedef unsigned int word;

#define digitalPinToInterrupt(pin) (pin)
#define clockCyclesPerMicrosecond() (SystemCoreClock / 1000000L)
#define clockCyclesToMicroseconds(a) (((a) * 1000L) / (SystemCoreClock / 1000L))
#define microsecondsToClockCycles(a) ((a) * (SystemCoreClock / 1000000L))

#ifdef __cplusplus
extern "C" {
#endif

extern uint32_t SystemCoreClock;  // Hz, of the real chip

void pinMode(uint32_t pin, uint32_t mode);
void digitalWrite(uint32_t pin, uint32_t value);
int digitalRead(uint32_t pin);
void digitalToggle(uint32_t pin);
uint32_t analogRead(uint32_t pin);
void analogReference(eAnalogReference mode);
void analogWrite(uint32_t pin, uint32_t value);

void delayMicroseconds(uint32_t us);
void shiftOut(uint32_t dataPin, uint32_t clockPin, uint32_t bitOrder, uint32_t value);
uint32_t shiftIn(uint32_t dataPin, uint32_t clockPin, uint32_t bitOrder);

#ifdef __cplusplus
}  // extern "C"

void detachInterrupt(uint32_t pin);

uint32_t pulseIn(uint32_t pin, uint32_t state, uint32_t timeout = 1000000L);
uint32_t pulseInLong(uint32_t pin, uint32_t state, uint32_t timeout = 1000000L);

void tone(uint8_t pin, unsigned int frequency, unsigned long duration = 0);
void noTone(uint8_t pin, bool destruct = false);
#endif
