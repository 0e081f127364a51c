// Pins of the Nucleo H743ZI, numbered as the vendor's STM32 core numbers them.
#pragma once
#include <stdint.h>

#define PINS_COUNT (98u)
#define NUM_DIGITAL_PINS 98
#define NUM_ANALOG_INPUTS 10

// Analog pins are numbered from here; in the pin table they stand from D78.
#define PNUM_ANALOG_BASE 0xC0
#define ANALOG_FIRST_PIN 78

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
static const uint8_t A0 = PIN_A0;
static const uint8_t A1 = PIN_A1;
static const uint8_t A2 = PIN_A2;
static const uint8_t A3 = PIN_A3;
static const uint8_t A4 = PIN_A4;
static const uint8_t A5 = PIN_A5;
static const uint8_t A6 = PIN_A6;
static const uint8_t A7 = PIN_A7;
static const uint8_t A8 = PIN_A8;
static const uint8_t A9 = PIN_A9;
#define ADC_RESOLUTION 12

#define PG9 0
#define PG14 1
#define PF15 2
#define PE13 3
#define PF14 4
#define PE11 5
#define PE9 6
#define PF13 7
#define PF12 8
#define PD15 9
#define PD14 10
#define PA7 11
#define PA6 12
#define PA5 13
#define PB9 14
#define PB8 15
#define PC6 16
#define PB15 17
#define PB13 18
#define PB12 19
#define PA15 20
#define PC7 21
#define PB5 22
#define PB3 23
#define PA4 24
#define PB4 25
#define PB6 26
#define PB2 27
#define PD13 28
#define PD12 29
#define PD11 30
#define PE2 31
#define PA0 32
#define PB0 33
#define PE0 34
#define PB11 35
#define PB10 36
#define PE15 37
#define PE14 38
#define PE12 39
#define PE10 40
#define PE7 41
#define PE8 42
#define PC8 43
#define PC9 44
#define PC10 45
#define PC11 46
#define PC12 47
#define PD2 48
#define PG2 49
#define PG3 50
#define PD7 51
#define PD6 52
#define PD5 53
#define PD4 54
#define PD3 55
#define PE4 57
#define PE5 58
#define PE6 59
#define PE3 60
#define PF8 61
#define PF7 62
#define PF9 63
#define PG1 64
#define PG0 65
#define PD1 66
#define PD0 67
#define PF0 68
#define PF1 69
#define PF2 70
#define PB7 73
#define PB14 74
#define PC13 75
#define PD9 76
#define PD8 77
#define PD10 88
#define PG4 89
#define PG5 90
#define PG8 91
#define PG10 92
#define PG15 93
#define PE1 94
#define PF6 95
#define PG6 96
#define PG12 97
#define PA3 PIN_A0
#define PC0 PIN_A1
#define PC3 PIN_A2
#define PF3 PIN_A3
#define PF5 PIN_A4
#define PF10 PIN_A5
#define PB1 PIN_A6
#define PC2 PIN_A7
#define PF4 PIN_A8
#define PF11 PIN_A9

enum {
  D0, D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, D12, D13,
  D14, D15, D16, D17, D18, D19, D20, D21, D22, D23, D24, D25, D26, D27,
  D28, D29, D30, D31, D32, D33, D34, D35, D36, D37, D38, D39, D40, D41,
  D42, D43, D44, D45, D46, D47, D48, D49, D50, D51, D52, D53, D54, D55,
  D56, D57, D58, D59, D60, D61, D62, D63, D64, D65, D66, D67, D68, D69,
  D70, D71, D72, D73, D74, D75, D76, D77, D78, D79, D80, D81, D82, D83,
  D84, D85, D86, D87, D88, D89, D90, D91, D92, D93, D94, D95, D96, D97,
};

#define LED_BUILTIN PB0
#define LED_GREEN LED_BUILTIN
#define LED_BLUE PB7
#define LED_RED PB14
#define USER_BTN PC13

#define PIN_SERIAL_RX PD9
#define PIN_SERIAL_TX PD8
#define PIN_SPI_SS 10
#define PIN_SPI_MOSI 11
#define PIN_SPI_MISO 12
#define PIN_SPI_SCK 13
#define PIN_WIRE_SDA 14
#define PIN_WIRE_SCL 15
static const uint8_t SS = PIN_SPI_SS;
static const uint8_t MOSI = PIN_SPI_MOSI;
static const uint8_t MISO = PIN_SPI_MISO;
static const uint8_t SCK = PIN_SPI_SCK;
static const uint8_t SDA = PIN_WIRE_SDA;
static const uint8_t SCL = PIN_WIRE_SCL;
#define WIRE_HOWMANY 1

#define SERIAL_PORT_MONITOR Serial
#define SERIAL_PORT_HARDWARE Serial

// How the virtual hardware of this board differs from that of the others.
#define EMULATED_PIN(pin) ((pin) < PNUM_ANALOG_BASE ? (pin) : (pin) - PNUM_ANALOG_BASE + ANALOG_FIRST_PIN)
#define EMULATED_CLOCK_HZ 25000000u    // SysTick of QEMU's mps2-an500
#define EMULATED_NATIVE_USB 0          // Serial is a UART: nothing before Serial.begin()
#define EMULATED_WRITE_MAKES_OUTPUT 0  // digitalWrite() does not make a pin an output
