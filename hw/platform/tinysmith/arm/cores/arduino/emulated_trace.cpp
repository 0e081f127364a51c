#include "emulated_trace.h"

#include <string.h>

#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_semihosting.h"

namespace emulated {
namespace {

constexpr size_t BUFFER_BYTES = 16384;
constexpr uint32_t FLUSH_PERIOD_MS = 256;
constexpr size_t MAX_PAYLOAD = 4096;

int file = -1;
uint8_t buffer[BUFFER_BYTES];
size_t used;
TraceHeader *open_serial;  // last record, when it is serial output and may grow

void flush() {
  if (file >= 0 && used > 0) host_write(file, buffer, used);
  used = 0;
  open_serial = nullptr;
}

TraceHeader *append(TraceKind kind, uint8_t pin, const void *payload, size_t size) {
  if (used + sizeof(TraceHeader) + size > BUFFER_BYTES) flush();
  TraceHeader header{clock_ms(), static_cast<uint8_t>(kind), pin, static_cast<uint16_t>(size)};
  uint8_t *place = buffer + used;
  memcpy(place, &header, sizeof header);
  memcpy(place + sizeof header, payload, size);
  used += sizeof header + size;
  open_serial = nullptr;
  return reinterpret_cast<TraceHeader *>(place);
}

// Appends to the record before when that is serial output of the same millisecond.
bool grow_serial(const uint8_t *data, size_t size) {
  TraceHeader header;
  if (open_serial == nullptr) return false;
  memcpy(&header, open_serial, sizeof header);
  if (header.t_ms != clock_ms() || header.size + size > MAX_PAYLOAD || used + size > BUFFER_BYTES) return false;
  memcpy(buffer + used, data, size);
  used += size;
  header.size = static_cast<uint16_t>(header.size + size);
  memcpy(open_serial, &header, sizeof header);
  return true;
}

}  // namespace

void trace_open() { file = host_open("trace.bin", FileMode::Write); }

void trace_pin(TraceKind kind, uint8_t pin, int32_t value) {
  TickLock lock;
  append(kind, pin, &value, sizeof value);
}

void trace_serial(const uint8_t *data, size_t size) {
  TickLock lock;
  while (size > 0) {
    size_t part = size < MAX_PAYLOAD ? size : MAX_PAYLOAD;
    if (!grow_serial(data, part)) open_serial = append(TraceKind::Serial, 0, data, part);
    data += part;
    size -= part;
  }
}

void trace_end(const void *report, size_t report_size, const char *reason) {
  uint8_t payload[256];
  size_t text = strnlen(reason, sizeof payload - report_size);
  memcpy(payload, report, report_size);
  memcpy(payload + report_size, reason, text);
  append(TraceKind::End, 0, payload, report_size + text);
  flush();
}

void trace_tick(uint32_t now_ms) {
  bool periodic = now_ms % FLUSH_PERIOD_MS == 0;
  if (periodic) append(TraceKind::Alive, 0, nullptr, 0);
  if (periodic || used > BUFFER_BYTES / 2) flush();
}

}  // namespace emulated
