// What the board did, as a binary file for the host: records of TraceHeader and payload. Read by tools/emulate.py.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulated {

enum class TraceKind : uint8_t {
  Serial = 0,   // payload: bytes sent
  Digital = 1,  // payload: int32, level
  Pwm = 2,      // payload: int32, duty 0..255
  Tone = 3,     // payload: int32, Hz, 0 is off
  End = 4,      // payload: EndReport and a reason as text
  Alive = 5,    // no payload: time has come this far
  Heap = 6,     // payload: int32, bytes that the heap has grown to
  Baud = 7,     // payload: int32, bits per second that the serial line was set to
};

struct TraceHeader {
  uint32_t t_ms;
  uint8_t kind;
  uint8_t pin;
  uint16_t size;  // of the payload
};

void trace_open();
void trace_pin(TraceKind kind, uint8_t pin, int32_t value);
void trace_serial(const uint8_t *data, size_t size);
void trace_end(const void *report, size_t report_size, const char *reason);
// Writes to the host what has been collected, now and then.
void trace_tick(uint32_t now_ms);

}  // namespace emulated
