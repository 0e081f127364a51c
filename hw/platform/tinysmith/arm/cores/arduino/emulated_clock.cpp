#include "emulated_clock.h"

#include "emulated_machine.h"
#include "emulated_pins.h"
#include "emulated_serial.h"
#include "emulated_stimuli.h"
#include "emulated_supervisor.h"
#include "emulated_trace.h"
#include "pins_arduino.h"

namespace emulated {
namespace {

constexpr uint32_t COUNTS_PER_MS = EMULATED_CLOCK_HZ / 1000;
constexpr uint32_t MAX_LISTENERS = 4;

volatile uint32_t now_ms;
uint64_t slept_counts;
uint64_t tick_counts;
TickListener listeners[MAX_LISTENERS];
uint32_t listener_count;

void tick() {
  stimuli_apply(now_ms);  // first, so that a chip which samples now sees the new world
  for (uint32_t i = 0; i < listener_count; i++) listeners[i](now_ms);
  serial_deliver();
  pins_tick(now_ms);
  trace_tick(now_ms);
  supervisor_tick(now_ms);
}

}  // namespace

void clock_start() {
  reg(SHPR3) = SKETCH_INTERRUPT_PRIORITY << 16;  // PendSV; SysTick keeps 0, the highest
  reg(SYST_RVR) = COUNTS_PER_MS - 1;
  reg(SYST_CVR) = 0;
  reg(SYST_CSR) = 7;  // processor clock, interrupt, on
}

uint32_t clock_ms() { return now_ms; }

uint64_t clock_counts() {
  for (;;) {
    uint32_t ms = now_ms;
    uint32_t left = reg(SYST_CVR);
    // Where the tick is held off (in a handler or under a lock) the wrap has happened but is not counted yet.
    uint32_t wraps = 0;
    if (reg(ICSR) & ICSR_PENDSTSET) {
      left = reg(SYST_CVR);
      wraps = 1;
    }
    if (ms == now_ms) return static_cast<uint64_t>(ms + wraps) * COUNTS_PER_MS + (COUNTS_PER_MS - 1 - left);
  }
}

void clock_sleep() {
  uint64_t began = clock_counts();
  uint64_t ticks_before = tick_counts;
  asm volatile("wfi");
  uint64_t in_tick = tick_counts - ticks_before;
  slept_counts += clock_counts() - began - in_tick;
}

uint64_t clock_slept_counts() { return slept_counts; }
uint64_t clock_tick_counts() { return tick_counts; }

void clock_add_listener(TickListener listener) {
  TickLock lock;
  for (uint32_t i = 0; i < listener_count; i++)
    if (listeners[i] == listener) return;
  if (listener_count < MAX_LISTENERS) listeners[listener_count++] = listener;
}

extern "C" void SysTick_Handler() {
  now_ms = now_ms + 1;
  uint64_t began = clock_counts();
  tick();
  tick_counts += clock_counts() - began;
}

}  // namespace emulated
