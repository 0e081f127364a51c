// The files between host and virtual board: the same as those of the ARM boards (emulated_stimuli.cpp,
// emulated_serial.cpp and emulated_trace.h of the platform; tools/board_files.py on the other side).
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint32_t magic, until_ms, hang_ms;
} Limits;

typedef struct {
  uint32_t t_ms;
  uint16_t channel, reserved;
  float value;
} Stimulus;

enum { CHANNEL_ROLLOVER = 21, CHANNEL_PIN = 0x100, CHANNEL_ANALOG = 0x200 };

// Opens stimuli.bin, serial.bin and trace.bin in the working folder, and the terminal live.tty where there is one;
// false when one of the three cannot be opened.
bool files_open(Limits *limits);

// Whether the serial line is a terminal, to be run in real time, and not the lines in serial.bin.
bool files_are_live(void);

// The next stimulus that is due at `now_ms`; false when there is none yet.
bool stimulus_due(uint32_t now_ms, Stimulus *stimulus);

// The next byte for the serial line, or -1 when none is due.
int serial_byte_due(uint32_t now_ms);

typedef enum { TRACE_SERIAL, TRACE_DIGITAL, TRACE_PWM, TRACE_TONE, TRACE_END, TRACE_ALIVE, TRACE_HEAP, TRACE_BAUD } TraceKind;

typedef enum { END_DONE, END_CRASH, END_HANG } EndStatus;

typedef struct __attribute__((packed)) {
  uint32_t status, pc, lr, fault_status, fault_address;
  uint64_t total_ns, instructions;
  uint32_t stack_bytes, heap_bytes;
} EndReport;

void trace_serial(uint32_t t_ms, uint8_t byte);
void trace_pin(uint32_t t_ms, TraceKind kind, uint8_t pin, int32_t value);
void trace_alive(uint32_t t_ms);
void trace_end(uint32_t t_ms, const EndReport *report, const char *reason);
