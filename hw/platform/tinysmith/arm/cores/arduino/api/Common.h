// Constants, types and free functions of the Arduino API, as the core of the board's vendor declares them.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define PI 3.1415926535897932384626433832795
#define HALF_PI 1.5707963267948966192313216916398
#define TWO_PI 6.283185307179586476925286766559
#define DEG_TO_RAD 0.017453292519943295769236907684886
#define RAD_TO_DEG 57.295779513082320876798154814105
#define EULER 2.718281828459045235360287471352

#define SERIAL 0x0
#define DISPLAY 0x1

#define constrain(amt, low, high) ((amt) < (low) ? (low) : ((amt) > (high) ? (high) : (amt)))
#define radians(deg) ((deg) * DEG_TO_RAD)
#define degrees(rad) ((rad) * RAD_TO_DEG)
#define sq(x) ((x) * (x))

#define lowByte(w) ((uint8_t)((w) & 0xff))
#define highByte(w) ((uint8_t)((w) >> 8))
#define bitRead(value, bit) (((value) >> (bit)) & 0x01)
#define bitSet(value, bit) ((value) |= (1UL << (bit)))
#define bitClear(value, bit) ((value) &= ~(1UL << (bit)))
#define bitWrite(value, bit, bitvalue) ((bitvalue) ? bitSet((value), (bit)) : bitClear((value), (bit)))
#define bit(b) (1UL << (b))

typedef bool boolean;
typedef uint8_t byte;

#ifdef __cplusplus
extern "C" {
#endif

void init(void);
void initVariant(void);
void setup(void);
void loop(void);
void yield(void);

unsigned long millis(void);
unsigned long micros(void);
void delay(unsigned long ms);

void analogReadResolution(int bits);
void analogWriteResolution(int bits);

// CMSIS' names. They hold back the sketch's interrupts; the virtual hardware goes on, as hardware does.
void __disable_irq(void);
void __enable_irq(void);
#define interrupts() __enable_irq()
#define noInterrupts() __disable_irq()

#ifdef __cplusplus
}  // extern "C"

uint16_t makeWord(uint16_t w);
uint16_t makeWord(byte h, byte l);
#define word(...) makeWord(__VA_ARGS__)

long random(long howbig);
long random(long howsmall, long howbig);
void randomSeed(unsigned long seed);
long map(long x, long in_min, long in_max, long out_min, long out_max);
#endif

#ifdef ARDUINO_ARCH_STM32
#include "CommonStm32.h"
#else
#include "CommonApi.h"
#endif
