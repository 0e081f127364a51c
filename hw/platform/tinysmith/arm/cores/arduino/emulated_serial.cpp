#include "emulated_serial.h"

#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_reader.h"
#include "emulated_semihosting.h"
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

// In real time: a terminal whose reads never wait, in place of the lines in serial.bin.
constexpr char TERMINAL[] = "live.tty";
int terminal_in = -1;
int terminal_out = -1;

void put(uint8_t byte) {
  ring[head % RING_BYTES] = byte;
  head = head + 1;
  credit -= 1000 * BITS_PER_BYTE;
}

void deliver_live() {
  if (!serial_is_open()) return;
  // At most two ticks' worth: a line that was silent does not save up time.
  credit = credit + baud < 2 * baud ? credit + baud : 2 * baud;
  uint8_t bytes[RING_BYTES];
  uint32_t most = credit / (1000 * BITS_PER_BYTE);
  uint32_t room = RING_BYTES - (head - tail);
  uint32_t wanted = most < room ? most : room;
  uint32_t got = wanted > 0 ? host_read(terminal_in, bytes, wanted) : 0;
  for (uint32_t i = 0; i < got; i++) put(bytes[i]);
}

}  // namespace

bool serial_is_live() { return terminal_in >= 0; }

void serial_open() {
  terminal_in = host_open(TERMINAL, FileMode::Read);
  if (serial_is_live()) {
    terminal_out = host_open(TERMINAL, FileMode::Write);
    return;
  }
  has_line = file.open("serial.bin") && file.read(&line, sizeof line);
}

void serial_set_baud(uint32_t new_baud) {
  baud = new_baud;
  trace_pin(TraceKind::Baud, 0, static_cast<int32_t>(baud));
  uart_open(baud);
}
bool serial_is_open() { return baud != 0; }

void serial_send(const uint8_t *data, size_t size) {
  if (!serial_is_open()) return;
  trace_serial(data, size);
  if (serial_is_live()) host_write(terminal_out, data, size);
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
  if (serial_is_live()) return deliver_live();
  if (!serial_is_open() || !has_line || line.t_ms > clock_ms()) {
    credit = 0;
    return;
  }
  credit += baud;
  while (has_line && line.t_ms <= clock_ms() && credit >= 1000 * BITS_PER_BYTE && head - tail < RING_BYTES) {
    if (line.size > 0) {
      uint8_t byte;
      has_line = file.read(&byte, 1);
      put(byte);
      line.size--;
    }
    if (line.size == 0) has_line = has_line && file.read(&line, sizeof line);
  }
  // A full buffer holds the sender back: it does not save up the time to catch up later.
  if (head - tail == RING_BYTES) credit = 0;
}

uint32_t serial_next_ms() {
  if (serial_is_live()) return clock_ms() + 1;
  return has_line && serial_is_open() ? line.t_ms : UINT32_MAX;
}

}  // namespace emulated
