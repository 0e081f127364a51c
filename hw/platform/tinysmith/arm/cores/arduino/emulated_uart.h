// Where the emulator has the board's real UART: sends Serial's output through its registers too, besides the trace.
#pragma once
#include <stdint.h>

namespace emulated {

// Does nothing unless the variant has a UART.
void uart_open(uint32_t baud);
void uart_send(uint8_t byte);

}  // namespace emulated
