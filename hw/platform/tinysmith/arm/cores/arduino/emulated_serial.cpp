#include "emulated_serial.h"

#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_reader.h"
#include "emulated_trace.h"
#include "emulated_uart.h"

namespace emulated {
namespace {

constexpr uint32_t RING_BYTES = 256;  // as of the vendor's core
constexpr uint32_t BITS_PER_BYTE = 10;

struct LineHeader {
  uint32_t t_ms;
  uint32_t size;
};

FileReader file;
LineHeader line;  // the next one, of which `line.size` bytes are still to come
bool has_line;
uint32_t baud;
uint32_t credit;  // bits that the line could have carried, in thousandths
uint8_t ring[RING_BYTES];
volatile uint32_t head;  // written by the tick
volatile uint32_t tail;  // written by the firmware

}  // namespace

void serial_open() { has_line = file.open("serial.bin") && file.read(&line, sizeof line); }

void serial_set_baud(uint32_t new_baud) {
  baud = new_baud;
  uart_open(baud);
}
bool serial_is_open() { return baud != 0; }

void serial_send(const uint8_t *data, size_t size) {
  if (!serial_is_open()) return;
  trace_serial(data, size);
  for (size_t i = 0; i < size; i++) uart_send(data[i]);
}

int serial_available() { return static_cast<int>(head - tail); }
int serial_peek() { return head != tail ? ring[tail % RING_BYTES] : -1; }

int serial_receive() {
  if (head == tail) return -1;
  uint8_t byte = ring[tail % RING_BYTES];
  tail = tail + 1;
  return byte;
}

void serial_deliver() {
  if (!serial_is_open() || !has_line || line.t_ms > clock_ms()) {
    credit = 0;
    return;
  }
  credit += baud;
  while (has_line && line.t_ms <= clock_ms() && credit >= 1000 * BITS_PER_BYTE && head - tail < RING_BYTES) {
    if (line.size > 0) {
      uint8_t byte;
      has_line = file.read(&byte, 1);
      ring[head % RING_BYTES] = byte;
      head = head + 1;
      line.size--;
      credit -= 1000 * BITS_PER_BYTE;
    }
    if (line.size == 0) has_line = has_line && file.read(&line, sizeof line);
  }
  // A full buffer holds the sender back: it does not save up the time to catch up later.
  if (head - tail == RING_BYTES) credit = 0;
}

uint32_t serial_next_ms() { return has_line && serial_is_open() ? line.t_ms : UINT32_MAX; }

}  // namespace emulated
