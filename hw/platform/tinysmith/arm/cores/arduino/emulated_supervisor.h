// Decides when and why a run ends, and reports it with the high-water marks of stack and heap.
#pragma once
#include <stdint.h>

namespace emulated {

enum class EndStatus : uint32_t { Done = 0, Crash = 1, Hang = 2 };

// 0: no limit. `hang_ms`: longest time that setup() or loop() may stay without returning.
void supervisor_limits(uint32_t until_ms, uint32_t hang_ms);
// The core's main() runs, and is about to call setup().
void supervisor_started();
// setup() or loop() has returned.
void supervisor_returned();
// The sketch waits on purpose, for so long.
void supervisor_delay(uint32_t ms);
void supervisor_tick(uint32_t now_ms);
// When the run ends at the latest; UINT32_MAX: never.
uint32_t supervisor_next_ms();
// How far the heap has grown.
void supervisor_heap(uint32_t bytes);
void supervisor_paint_stack();

// Ends the run: the firmware cannot go on. `pc` is where, 0 when unknown.
[[noreturn]] void crash(const char *reason, uint32_t pc);

}  // namespace emulated
