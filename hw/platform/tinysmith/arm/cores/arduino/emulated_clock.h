// Virtual time: a SysTick of 1 ms drives all virtual hardware; the emulator derives it from executed instructions.
// What the virtual hardware itself executes in the tick takes no time on the board.
#pragma once
#include <stdint.h>

namespace emulated {

// Starts the tick; time is 0 here.
void clock_start();
uint32_t clock_ms();
// What millis() returns: the same, unless a stimulus has set when it rolls over.
uint32_t clock_millis();
void clock_roll_over_in(uint32_t ms);
// SysTick counts (EMULATED_CLOCK_HZ) since clock_start(); usable everywhere.
uint64_t clock_counts();
// Sleeps until the tick `until_ms`, or the next one at which something may reach the firmware. Costs the host next to
// nothing, since the ticks between are made up for in one go.
void clock_sleep(uint32_t until_ms);
// Counts slept: the rest is work of the firmware.
uint64_t clock_slept_counts();

// A part of the virtual hardware that wants every millisecond. `next_ms` says when it will raise an interrupt of its own
// (UINT32_MAX: never), so that the firmware does not sleep beyond it.
using TickListener = void (*)(uint32_t now_ms);
using NextEvent = uint32_t (*)();
void clock_add_listener(TickListener listener, NextEvent next_ms = nullptr);

}  // namespace emulated
