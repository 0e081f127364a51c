#include "emulated_clock.h"

#include "emulated_board.h"
#include "emulated_machine.h"
#include "emulated_pins.h"
#include "emulated_serial.h"
#include "emulated_stimuli.h"
#include "emulated_supervisor.h"
#include "emulated_trace.h"

namespace emulated {
namespace {

constexpr uint32_t COUNTS_PER_MS = EMULATED_CLOCK_HZ / 1000;
constexpr uint32_t MAX_LISTENERS = 4;

volatile uint32_t now_ms;
uint32_t ahead_ms;  // by which millis() is ahead of the time since reset
// The SysTick counts down without a stop, a period a millisecond of work: to set it anew costs the emulator a hundred
// times as much as to read it. Virtual time is what it has counted plus `skew`: what was slept, less what the virtual
// hardware itself took. So a tick may come up to a period late in code that never sleeps.
volatile uint32_t periods;
uint64_t skew;  // modulo 2^64
uint64_t tick_counts;  // virtual time while a tick is under way
uint32_t sleep_until_ms;
uint64_t slept_counts;  // without the sleep that lasts
uint64_t sleep_began;
bool sleeping;
bool ticking;
struct Listener {
  TickListener tick;
  NextEvent next_ms;
};
Listener listeners[MAX_LISTENERS];
uint32_t listener_count;

void tick() {
  stimuli_apply(now_ms);  // first, so that a chip which samples now sees the new world
  for (uint32_t i = 0; i < listener_count; i++) listeners[i].tick(now_ms);
  serial_deliver();
  pins_tick(now_ms);
  trace_tick(now_ms);
  supervisor_tick(now_ms);
}

uint32_t earlier(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Ticks until one at which the firmware may notice something: at least 1.
uint32_t quiet_ms(uint32_t until_ms) {
  // A chip may raise an interrupt line at any tick.
  if (listener_count > 0 && pins_have_interrupts()) return 1;
  uint32_t next = earlier(earlier(until_ms, stimuli_next_ms()), earlier(serial_next_ms(), pins_next_ms()));
  next = earlier(next, supervisor_next_ms());
  for (uint32_t i = 0; i < listener_count; i++)
    if (listeners[i].next_ms != nullptr) next = earlier(next, listeners[i].next_ms());
  return next <= now_ms + 1 ? 1 : next - now_ms;
}

// Whether the SysTick has come round and its handler not yet run.
bool period_is_over() { return (reg(ICSR) & ICSR_PENDSTSET) != 0; }

// Where ticks are held off. The counter is read before and after: it may come round in between.
uint64_t counted() {
  uint32_t left = reg(SYST_CVR);
  uint32_t over = period_is_over() ? 1 : 0;
  if (over) left = reg(SYST_CVR);
  return static_cast<uint64_t>(periods + over) * COUNTS_PER_MS + COUNTS_PER_MS - 1 - left;
}

// All ticks up to the virtual time `counts`, at which they all happen for whoever asks.
void ticks_to(uint64_t counts) {
  uint32_t due_ms = static_cast<uint32_t>(counts / COUNTS_PER_MS);
  if (now_ms == due_ms) return;
  tick_counts = counts;
  ticking = true;
  while (now_ms != due_ms) {
    now_ms = now_ms + 1;
    tick();
  }
  ticking = false;
  skew = counts - counted();
}

}  // namespace

void clock_start() {
  reg(SHPR3) = SKETCH_INTERRUPT_PRIORITY << 16;  // PendSV; SysTick keeps 0, the highest
  reg(SYST_RVR) = COUNTS_PER_MS - 1;
  reg(SYST_CVR) = 0;
  reg(SYST_CSR) = 7;  // processor clock, interrupt, on
}

uint32_t clock_ms() { return now_ms; }
uint32_t clock_millis() { return now_ms + ahead_ms; }
void clock_roll_over_in(uint32_t ms) { ahead_ms = 0u - (now_ms + ms); }

uint64_t clock_counts() {
  if (ticking) return tick_counts;
  if (in_interrupt() || ticks_are_masked()) return counted() + skew;
  for (;;) {
    uint32_t before = periods;
    uint64_t counts = counted() + skew;
    if (before == periods) return counts;
  }
}

void clock_sleep(uint32_t until_ms) {
  sleep_began = clock_counts();
  sleeping = true;
  sleep_until_ms = until_ms;
  if (serial_is_live() || ticks_are_masked()) {
    // Time keeps to the clock on the wall; and a pending tick wakes although it is masked.
    asm volatile("wfi\n isb");
  } else {
    // Not slept but skipped: the emulator's sleep hands over from the processor's thread to the timers' and back.
    asm volatile("svc 0" ::: "memory");
  }
  sleeping = false;
  slept_counts += clock_counts() - sleep_began;
}

uint64_t clock_slept_counts() { return sleeping ? slept_counts + clock_counts() - sleep_began : slept_counts; }

void clock_add_listener(TickListener listener, NextEvent next_ms) {
  TickLock lock;
  for (uint32_t i = 0; i < listener_count; i++)
    if (listeners[i].tick == listener) return;
  if (listener_count < MAX_LISTENERS) listeners[listener_count++] = {listener, next_ms};
}

extern "C" void SysTick_Handler() {
  periods = periods + 1;
  ticks_to(counted() + skew);
}

// Goes on to the tick at which clock_sleep() ends; a tick that is late comes first.
extern "C" void SVC_Handler() {
  uint64_t counts = counted() + skew;
  ticks_to(counts);
  if (static_cast<int32_t>(sleep_until_ms - now_ms) <= 0) return;
  uint64_t wakes = static_cast<uint64_t>(now_ms + quiet_ms(sleep_until_ms)) * COUNTS_PER_MS;
  ticks_to(wakes);
}

}  // namespace emulated
