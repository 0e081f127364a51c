// Arduino pins of an AVR board: which port bit and which timer channel each one is.
// Source: pins_arduino.h of the Arduino core's variants; register addresses: data sheets of ATmega328P and 2560.
#pragma once
#include <simavr/sim_avr.h>
#include <stdbool.h>
#include <stdint.h>

// Watches the registers that drive the pins. False when the chip is not known.
bool pins_open(avr_t *avr, const char *mcu);

// Traces what has changed since the last call; cheap when nothing has been written.
void pins_update(uint32_t now_ms);

// What the world applies to a pin, and the counts (10 bits) that an analog input is to give.
void pin_drive(uint8_t pin, bool level);
void analog_drive(uint8_t input, uint16_t counts);
