// millis(), micros(), delay() and friends on the virtual clock.
#include <Arduino.h>

#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_supervisor.h"

extern "C" {

unsigned long millis() { return emulated::clock_millis(); }
unsigned long micros() {
  unsigned long ahead_us = (emulated::clock_millis() - emulated::clock_ms()) * 1000;
  return static_cast<unsigned long>(emulated::clock_counts() / (EMULATED_CLOCK_HZ / 1000000)) + ahead_us;
}

void delay(unsigned long ms) {
  if (emulated::in_interrupt()) emulated::crash("delay() called in an interrupt", 0);
  emulated::supervisor_delay(ms);
  unsigned long start = emulated::clock_ms();
  while (emulated::clock_ms() - start < ms) {
    yield();
    emulated::clock_sleep(start + ms);  // ends with a tick, as in the vendors' cores
  }
}

void delayMicroseconds(unsigned int us) {
  uint64_t end = emulated::clock_counts() + static_cast<uint64_t>(us) * (EMULATED_CLOCK_HZ / 1000000);
  while (emulated::clock_counts() < end) {
  }
}

void __attribute__((weak)) yield() {}

void noInterrupts() { asm volatile("msr basepri, %0" ::"r"(emulated::SKETCH_INTERRUPT_PRIORITY) : "memory"); }
void interrupts() { asm volatile("msr basepri, %0" ::"r"(0) : "memory"); }

}  // extern "C"
