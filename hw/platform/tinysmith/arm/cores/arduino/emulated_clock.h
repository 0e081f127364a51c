// Virtual time: a SysTick of 1 ms drives all virtual hardware; the emulator derives it from executed instructions.
#pragma once
#include <stdint.h>

namespace emulated {

// Starts the tick; time is 0 here.
void clock_start();
uint32_t clock_ms();
// SysTick counts (EMULATED_CLOCK_HZ) since clock_start(); usable everywhere.
uint64_t clock_counts();
// Sleeps until the next tick, at no cost on the host.
void clock_sleep();
// Counts slept, and counts spent in the virtual hardware's own tick: neither is work of the firmware.
uint64_t clock_slept_counts();
uint64_t clock_tick_counts();

// A part of the virtual hardware that wants every millisecond.
using TickListener = void (*)(uint32_t now_ms);
void clock_add_listener(TickListener listener);

}  // namespace emulated
