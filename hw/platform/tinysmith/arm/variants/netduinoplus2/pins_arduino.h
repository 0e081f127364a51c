// Pins of the STM32F405RG, numbered as the vendor's STM32 core numbers them for the generic board (GENERIC_F405RGTX),
// which has no name for the Netduino's LED (PA10) and button (PB11).
#pragma once
#include <stdint.h>

#define NUM_DIGITAL_PINS 51
#define NUM_ANALOG_INPUTS 16

// Analog pins are numbered from here; they are the same pins as PA0..PA7, PB0, PB1, PC0..PC5.
#define PNUM_ANALOG_BASE 0xC0
#define PNUM_NOT_DEFINED NUM_DIGITAL_PINS

#define PIN_A0 (PNUM_ANALOG_BASE + 0)
#define PIN_A1 (PNUM_ANALOG_BASE + 1)
#define PIN_A2 (PNUM_ANALOG_BASE + 2)
#define PIN_A3 (PNUM_ANALOG_BASE + 3)
#define PIN_A4 (PNUM_ANALOG_BASE + 4)
#define PIN_A5 (PNUM_ANALOG_BASE + 5)
#define PIN_A6 (PNUM_ANALOG_BASE + 6)
#define PIN_A7 (PNUM_ANALOG_BASE + 7)
#define PIN_A8 (PNUM_ANALOG_BASE + 8)
#define PIN_A9 (PNUM_ANALOG_BASE + 9)
#define PIN_A10 (PNUM_ANALOG_BASE + 10)
#define PIN_A11 (PNUM_ANALOG_BASE + 11)
#define PIN_A12 (PNUM_ANALOG_BASE + 12)
#define PIN_A13 (PNUM_ANALOG_BASE + 13)
#define PIN_A14 (PNUM_ANALOG_BASE + 14)
#define PIN_A15 (PNUM_ANALOG_BASE + 15)
static const uint32_t A0 = PIN_A0;
static const uint32_t A1 = PIN_A1;
static const uint32_t A2 = PIN_A2;
static const uint32_t A3 = PIN_A3;
static const uint32_t A4 = PIN_A4;
static const uint32_t A5 = PIN_A5;
static const uint32_t A6 = PIN_A6;
static const uint32_t A7 = PIN_A7;
static const uint32_t A8 = PIN_A8;
static const uint32_t A9 = PIN_A9;
static const uint32_t A10 = PIN_A10;
static const uint32_t A11 = PIN_A11;
static const uint32_t A12 = PIN_A12;
static const uint32_t A13 = PIN_A13;
static const uint32_t A14 = PIN_A14;
static const uint32_t A15 = PIN_A15;
#define ADC_RESOLUTION 10

#define PA0 PIN_A0
#define PA1 PIN_A1
#define PA2 PIN_A2
#define PA3 PIN_A3
#define PA4 PIN_A4
#define PA5 PIN_A5
#define PA6 PIN_A6
#define PA7 PIN_A7
#define PA8 8
#define PA9 9
#define PA10 10
#define PA11 11
#define PA12 12
#define PA13 13
#define PA14 14
#define PA15 15
#define PB0 PIN_A8
#define PB1 PIN_A9
#define PB2 18
#define PB3 19
#define PB4 20
#define PB5 21
#define PB6 22
#define PB7 23
#define PB8 24
#define PB9 25
#define PB10 26
#define PB11 27
#define PB12 28
#define PB13 29
#define PB14 30
#define PB15 31
#define PC0 PIN_A10
#define PC1 PIN_A11
#define PC2 PIN_A12
#define PC3 PIN_A13
#define PC4 PIN_A14
#define PC5 PIN_A15
#define PC6 38
#define PC7 39
#define PC8 40
#define PC9 41
#define PC10 42
#define PC11 43
#define PC12 44
#define PC13 45
#define PC14 46
#define PC15 47
#define PD2 48
#define PH0 49
#define PH1 50

enum {
  D0, D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, D12, D13,
  D14, D15, D16, D17, D18, D19, D20, D21, D22, D23, D24, D25, D26, D27,
  D28, D29, D30, D31, D32, D33, D34, D35, D36, D37, D38, D39, D40, D41,
  D42, D43, D44, D45, D46, D47, D48, D49, D50,
};

#define LED_BUILTIN PNUM_NOT_DEFINED
#define USER_BTN PNUM_NOT_DEFINED

#define SERIAL_UART_INSTANCE 4
#define PIN_SERIAL_RX PA1
#define PIN_SERIAL_TX PA0
#define PIN_SPI_SS PA4
#define PIN_SPI_MOSI PA7
#define PIN_SPI_MISO PA6
#define PIN_SPI_SCK PA5
#define PIN_WIRE_SDA PB7
#define PIN_WIRE_SCL PB6
static const uint32_t SS = PIN_SPI_SS;
static const uint32_t MOSI = PIN_SPI_MOSI;
static const uint32_t MISO = PIN_SPI_MISO;
static const uint32_t SCK = PIN_SPI_SCK;
static const uint32_t SDA = PIN_WIRE_SDA;
static const uint32_t SCL = PIN_WIRE_SCL;
#define SERIAL_PORT_MONITOR Serial
#define SERIAL_PORT_HARDWARE Serial
