#include "emulated_uart.h"

#include "emulated_board.h"
#include "emulated_machine.h"

namespace emulated {

#ifdef EMULATED_UART

namespace {

// Registers of an STM32F4 USART. Source: reference manual RM0090, 30.6.
constexpr uint32_t STATUS = EMULATED_UART + 0x00;
constexpr uint32_t DATA = EMULATED_UART + 0x04;
constexpr uint32_t BAUD_RATE = EMULATED_UART + 0x08;
constexpr uint32_t CONTROL_1 = EMULATED_UART + 0x0C;
constexpr uint32_t TRANSMIT_EMPTY = 1u << 7;
constexpr uint32_t ENABLE = 1u << 13 | 1u << 3;  // USART and transmitter
constexpr uint32_t BUS_HZ = EMULATED_CLOCK_HZ / 4;

}  // namespace

void uart_open(uint32_t baud) {
  if (baud == 0) return;
  reg(BAUD_RATE) = BUS_HZ / baud;
  reg(CONTROL_1) = ENABLE;
}

void uart_send(uint8_t byte) {
  while (!(reg(STATUS) & TRANSMIT_EMPTY)) {
  }
  reg(DATA) = byte;
}

#else

void uart_open(uint32_t) {}
void uart_send(uint8_t) {}

#endif

}  // namespace emulated
