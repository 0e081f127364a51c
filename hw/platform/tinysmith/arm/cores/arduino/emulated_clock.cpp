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
constexpr uint32_t MAX_COUNT = 0xFFFFFF;  // SysTick has 24 bits
constexpr uint32_t MAX_SLEEP_MS = MAX_COUNT / COUNTS_PER_MS - 1;
constexpr uint32_t MAX_LISTENERS = 4;

volatile uint32_t now_ms;
uint32_t ahead_ms;  // by which millis() is ahead of the time since reset
// Time is `base_counts` plus what has passed of the period that the SysTick counts down, a tick or several.
uint64_t base_counts;
uint32_t period_counts = COUNTS_PER_MS;
uint32_t period_ms = 1;
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
  return next <= now_ms + 1 ? 1 : earlier(next - now_ms, MAX_SLEEP_MS);
}

void restart_period() {
  reg(SYST_CVR) = 0;
  // The counter takes the reload value with its next count.
  while (reg(SYST_CVR) == 0) {
  }
}

// Lets the SysTick count down several ticks at once; after that its period is a tick again.
void lengthen_period(uint32_t ms) {
  constexpr uint32_t TOO_LATE = 256;  // the tick comes while this is done
  uint32_t left = reg(SYST_CVR);
  if (left < TOO_LATE) return;
  uint32_t reload = left + (ms - 1) * COUNTS_PER_MS;
  reg(SYST_RVR) = reload;
  restart_period();
  reg(SYST_RVR) = COUNTS_PER_MS - 1;
  period_counts = COUNTS_PER_MS - 1 - left + reload + 1;
  period_ms = ms;
}

// Ends the period here and now, and `ms` - 1 more with it. The emulator's own sleep takes a hundred times as long: it
// hands over from the processor's thread to the timers' and back.
void skip_period(uint32_t ms) {
  period_counts += (ms - 1) * COUNTS_PER_MS;
  period_ms = ms;
  reg(ICSR) = ICSR_PENDSTSET;
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
  if (ticking) return base_counts;
  for (;;) {
    uint64_t base = base_counts;
    uint32_t period = period_counts;
    uint32_t left = reg(SYST_CVR);
    // Where the tick is held off (in a handler or under a lock) the period is over but not counted yet.
    if (reg(ICSR) & ICSR_PENDSTSET) {
      left = reg(SYST_CVR);
      base += period;
      period = COUNTS_PER_MS;
    }
    if (base == base_counts || in_interrupt() || ticks_are_masked()) return base + period - 1 - left;
  }
}

void clock_sleep(uint32_t until_ms) {
  sleep_began = clock_counts();
  sleeping = true;
  {
    TickLock lock;
    if (!(reg(ICSR) & ICSR_PENDSTSET)) {
      uint32_t ms = quiet_ms(until_ms);
      if (serial_is_live()) {  // time keeps to the clock on the wall
        if (ms > 1) lengthen_period(ms);
        asm volatile("wfi");  // wakes for the pending tick although it is masked
      } else {
        skip_period(ms);
      }
    }
  }
  asm volatile("isb");
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
  uint32_t ticks = period_ms;
  base_counts += period_counts;
  period_counts = COUNTS_PER_MS;
  period_ms = 1;
  ticking = true;
  for (; ticks > 0; ticks--) {
    now_ms = now_ms + 1;
    tick();
  }
  ticking = false;
  restart_period();
  reg(ICSR) = ICSR_PENDSTCLR;  // the virtual hardware may have taken longer than a tick
}

}  // namespace emulated
