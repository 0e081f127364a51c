#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint32_t MAGIC = 0x4D495453;  // "STIM"

typedef struct {
  uint32_t t_ms, size;
} Line;

typedef struct {
  uint32_t t_ms;
  uint8_t kind, pin;
  uint16_t size;
} TraceHeader;

static FILE *stimuli, *serial, *trace;
static Stimulus next_stimulus;
static bool has_stimulus;
static Line line;  // of which `line.size` bytes are still to come
static bool has_line;
static int terminal = -1;  // in real time: in place of serial.bin; its reads never wait

bool files_open(Limits *limits) {
  terminal = open("live.tty", O_RDWR | O_NOCTTY | O_NONBLOCK);
  stimuli = fopen("stimuli.bin", "rb");
  serial = fopen("serial.bin", "rb");
  trace = fopen("trace.bin", "wb");
  if (!stimuli || !serial || !trace) return false;
  if (fread(limits, sizeof *limits, 1, stimuli) != 1 || limits->magic != MAGIC) return false;
  has_stimulus = fread(&next_stimulus, sizeof next_stimulus, 1, stimuli) == 1;
  has_line = fread(&line, sizeof line, 1, serial) == 1;
  return true;
}

bool stimulus_due(uint32_t now_ms, Stimulus *stimulus) {
  if (!has_stimulus || next_stimulus.t_ms > now_ms) return false;
  *stimulus = next_stimulus;
  has_stimulus = fread(&next_stimulus, sizeof next_stimulus, 1, stimuli) == 1;
  return true;
}

bool files_are_live(void) { return terminal >= 0; }

int serial_byte_due(uint32_t now_ms) {
  uint8_t received;
  if (files_are_live()) return read(terminal, &received, 1) == 1 ? received : -1;
  while (has_line && line.size == 0) has_line = fread(&line, sizeof line, 1, serial) == 1;
  if (!has_line || line.t_ms > now_ms) return -1;
  line.size--;
  int byte = fgetc(serial);
  has_line = byte != EOF;
  return byte;
}

static void append(uint32_t t_ms, TraceKind kind, uint8_t pin, const void *payload, size_t size) {
  const TraceHeader header = {t_ms, (uint8_t)kind, pin, (uint16_t)size};
  fwrite(&header, sizeof header, 1, trace);
  fwrite(payload, 1, size, trace);
}

void trace_serial(uint32_t t_ms, uint8_t byte) {
  append(t_ms, TRACE_SERIAL, 0, &byte, 1);
  // As on a wire, a byte that nobody takes is lost.
  if (files_are_live() && write(terminal, &byte, 1) < 0) return;
}

void trace_pin(uint32_t t_ms, TraceKind kind, uint8_t pin, int32_t value) {
  append(t_ms, kind, pin, &value, sizeof value);
}

// Also hands over what is buffered: the host may stop this program at any time.
void trace_alive(uint32_t t_ms) {
  append(t_ms, TRACE_ALIVE, 0, "", 0);
  fflush(trace);
}

void trace_end(uint32_t t_ms, const EndReport *report, const char *reason) {
  uint8_t payload[512];
  size_t text = strnlen(reason, sizeof payload - sizeof *report);
  memcpy(payload, report, sizeof *report);
  memcpy(payload + sizeof *report, reason, text);
  append(t_ms, TRACE_END, 0, payload, sizeof *report + text);
  fclose(trace);
}
