// The serial line to the host: output goes to the trace; input comes from the stimuli at the line's rate.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulated {

void serial_open();
// 0: the port is closed; then output is lost and input waits.
void serial_set_baud(uint32_t baud);
bool serial_is_open();
// Whether a terminal in real time takes the place of the stimuli.
bool serial_is_live();
void serial_send(const uint8_t *data, size_t size);
int serial_available();
int serial_peek();
int serial_receive();
// Every tick: moves bytes that are due into the receive buffer; none are lost when it is full.
void serial_deliver();
// When the next bytes may arrive; UINT32_MAX: none are left.
uint32_t serial_next_ms();

}  // namespace emulated
