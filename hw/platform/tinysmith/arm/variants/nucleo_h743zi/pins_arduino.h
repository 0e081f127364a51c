// Pins of the Nucleo H743ZI, numbered as the STM32 core 2.12 numbers them.
#pragma once
#include <stdint.h>

#define NUM_DIGITAL_PINS 117
#define NUM_ANALOG_INPUTS 28

// Analog pins are numbered from here.
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
#define PIN_A16 (PNUM_ANALOG_BASE + 16)
#define PIN_A17 (PNUM_ANALOG_BASE + 17)
#define PIN_A18 (PNUM_ANALOG_BASE + 18)
#define PIN_A19 (PNUM_ANALOG_BASE + 19)
#define PIN_A20 (PNUM_ANALOG_BASE + 20)
#define PIN_A21 (PNUM_ANALOG_BASE + 21)
#define PIN_A22 (PNUM_ANALOG_BASE + 22)
#define PIN_A23 (PNUM_ANALOG_BASE + 23)
#define PIN_A24 (PNUM_ANALOG_BASE + 24)
#define PIN_A25 (PNUM_ANALOG_BASE + 25)
#define PIN_A26 (PNUM_ANALOG_BASE + 26)
#define PIN_A27 (PNUM_ANALOG_BASE + 27)
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
static const uint32_t A16 = PIN_A16;
static const uint32_t A17 = PIN_A17;
static const uint32_t A18 = PIN_A18;
static const uint32_t A19 = PIN_A19;
static const uint32_t A20 = PIN_A20;
static const uint32_t A21 = PIN_A21;
static const uint32_t A22 = PIN_A22;
static const uint32_t A23 = PIN_A23;
static const uint32_t A24 = PIN_A24;
static const uint32_t A25 = PIN_A25;
static const uint32_t A26 = PIN_A26;
static const uint32_t A27 = PIN_A27;
#define ADC_RESOLUTION 10

#define PG9 0
#define PG14 1
#define PF15 2
#define PE13 3
#define PF14 PIN_A16
#define PE11 5
#define PE9 6
#define PF13 PIN_A17
#define PF12 PIN_A18
#define PD15 9
#define PD14 10
#define PA7 PIN_A19
#define PA6 PIN_A20
#define PA5 PIN_A21
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
#define PA4 PIN_A22
#define PB4 25
#define PB6 26
#define PB2 27
#define PD13 28
#define PD12 29
#define PD11 30
#define PE2 31
#define PA0 PIN_A23
#define PB0 PIN_A24
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
#define PF8 PIN_A25
#define PF7 PIN_A26
#define PF9 PIN_A27
#define PG1 64
#define PG0 65
#define PD1 66
#define PD0 67
#define PF0 68
#define PF1 69
#define PF2 70
#define PA3 PIN_A0
#define PC0 PIN_A1
#define PC3_C PIN_A2
#define PF3 PIN_A3
#define PF5 PIN_A4
#define PF10 PIN_A5
#define PB1 PIN_A6
#define PC2_C PIN_A7
#define PF4 PIN_A8
#define PF11 PIN_A9
#define PA1 PIN_A10
#define PA2 PIN_A11
#define PA8 85
#define PA9 86
#define PA10 87
#define PA11 88
#define PA12 89
#define PA13 90
#define PA14 91
#define PB7 92
#define PB14 93
#define PC1 PIN_A12
#define PC4 PIN_A13
#define PC5 PIN_A14
#define PC13 97
#define PC14 98
#define PC15 99
#define PD8 100
#define PD9 101
#define PD10 102
#define PE1 103
#define PF6 PIN_A15
#define PG4 105
#define PG5 106
#define PG6 107
#define PG7 108
#define PG8 109
#define PG10 110
#define PG11 111
#define PG13 112
#define PG15 113
#define PG12 114
#define PH0 115
#define PH1 116

enum {
  D0, D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, D12, D13,
  D14, D15, D16, D17, D18, D19, D20, D21, D22, D23, D24, D25, D26, D27,
  D28, D29, D30, D31, D32, D33, D34, D35, D36, D37, D38, D39, D40, D41,
  D42, D43, D44, D45, D46, D47, D48, D49, D50, D51, D52, D53, D54, D55,
  D56, D57, D58, D59, D60, D61, D62, D63, D64, D65, D66, D67, D68, D69,
  D70, D71, D72, D73, D74, D75, D76, D77, D78, D79, D80, D81, D82, D83,
  D84, D85, D86, D87, D88, D89, D90, D91, D92, D93, D94, D95, D96, D97,
  D98, D99, D100, D101, D102, D103, D104, D105, D106, D107, D108, D109, D110, D111,
  D112, D113, D114, D115, D116,
};
#define LED_BUILTIN PB0
#define LED_GREEN LED_BUILTIN
#define LED_YELLOW PE1
#define LED_BLUE PB7
#define LED_RED PB14
#define USER_BTN PC13

#define SERIAL_UART_INSTANCE 3
#define PIN_SERIAL_RX PD9
#define PIN_SERIAL_TX PD8
#define PIN_SPI_SS 10
#define PIN_SPI_MOSI 11
#define PIN_SPI_MISO 12
#define PIN_SPI_SCK 13
#define PIN_WIRE_SDA 14
#define PIN_WIRE_SCL 15
static const uint32_t SS = PIN_SPI_SS;
static const uint32_t MOSI = PIN_SPI_MOSI;
static const uint32_t MISO = PIN_SPI_MISO;
static const uint32_t SCK = PIN_SPI_SCK;
static const uint32_t SDA = PIN_WIRE_SDA;
static const uint32_t SCL = PIN_WIRE_SCL;
#define SERIAL_PORT_MONITOR Serial
#define SERIAL_PORT_HARDWARE Serial
