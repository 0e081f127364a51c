// millis(), micros(), delay() and friends on the virtual clock.
#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_supervisor.h"
#include "wiring_arguments.h"

namespace {

#ifdef ARDUINO_ARCH_STM32
// This core counts milliseconds in an interrupt: with interrupts off its clock stands still, and what it missed beyond
// one tick is lost. The mbed core reads a timer.
bool masked;
uint32_t masked_since;
uint32_t lost_ms;

uint32_t core_ms() { return (masked ? masked_since : emulated::clock_millis()) - lost_ms; }
#else
constexpr bool masked = false;

uint32_t core_ms() { return emulated::clock_millis(); }
#endif

}  // namespace

extern "C" {

#ifdef ARDUINO_ARCH_STM32
void emulated_yield() {}
void yield() __attribute__((weak, alias("emulated_yield")));  // a sketch may have its own
#else
void yield() {}
#endif

unsigned long millis() { return core_ms(); }
unsigned long micros() {
  unsigned long behind_us = (emulated::clock_ms() - core_ms()) * 1000;
  return static_cast<unsigned long>(emulated::clock_counts() / (EMULATED_CLOCK_HZ / 1000000)) - behind_us;
}

void delay(unsigned long ms) {
  if (emulated::in_interrupt()) emulated::crash("delay() called in an interrupt", 0);
  emulated::supervisor_delay(ms);
  unsigned long start = emulated::clock_ms();
  while (emulated::clock_ms() - start < ms || masked) {
#ifdef ARDUINO_ARCH_STM32
    // The mbed core sleeps without it. A sketch's own gets its turn every tick.
    yield();
    emulated::clock_sleep(yield == emulated_yield ? start + ms : emulated::clock_ms() + 1);
#else
    emulated::clock_sleep(start + ms);
#endif
  }
}

void delayMicroseconds(emulated::Microseconds us) {
  uint64_t end = emulated::clock_counts() + static_cast<uint64_t>(us) * (EMULATED_CLOCK_HZ / 1000000);
  // Reading the clock costs the host much: most of the wait is counted down, at most four instructions of 32 ns a round.
  constexpr uint32_t ROUNDS_PER_US = 7;
  for (uint32_t rounds = us < 1000000 ? us * ROUNDS_PER_US : 0; rounds > 0; rounds--) asm volatile("");
  while (emulated::clock_counts() < end) {
  }
}

void __disable_irq() {
#ifdef ARDUINO_ARCH_STM32
  if (!masked) masked_since = emulated::clock_millis();
  masked = true;
#endif
  asm volatile("msr basepri, %0" ::"r"(emulated::SKETCH_INTERRUPT_PRIORITY) : "memory");
}

void __enable_irq() {
#ifdef ARDUINO_ARCH_STM32
  uint32_t missed_ms = masked ? emulated::clock_millis() - masked_since : 0;
  if (missed_ms > 1) lost_ms += missed_ms - 1;
  masked = false;
#endif
  asm volatile("msr basepri, %0" ::"r"(0) : "memory");
}

}  // extern "C"
