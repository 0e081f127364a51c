// Registers of the processor core that the virtual hardware uses.
// Source: Armv7-M Architecture Reference Manual (DDI 0403), B3.
#pragma once
#include <stdint.h>

namespace emulated {

inline volatile uint32_t &reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t *>(address); }

constexpr uint32_t SYST_CSR = 0xE000E010;  // SysTick control and status
constexpr uint32_t SYST_RVR = 0xE000E014;  // reload value
constexpr uint32_t SYST_CVR = 0xE000E018;  // current value, counts down
constexpr uint32_t ICSR = 0xE000ED04;      // interrupt control and state
constexpr uint32_t CCR = 0xE000ED14;       // configuration: what traps
constexpr uint32_t SHPR3 = 0xE000ED20;     // priorities of PendSV and SysTick
constexpr uint32_t CFSR = 0xE000ED28;      // configurable fault status
constexpr uint32_t HFSR = 0xE000ED2C;      // HardFault status
constexpr uint32_t MMFAR = 0xE000ED34;     // address of a memory management fault
constexpr uint32_t BFAR = 0xE000ED38;      // address of a bus fault
constexpr uint32_t CPACR = 0xE000ED88;     // coprocessor (FPU) access
constexpr uint32_t MPU_CTRL = 0xE000ED94;
constexpr uint32_t MPU_RNR = 0xE000ED98;
constexpr uint32_t MPU_RBAR = 0xE000ED9C;
constexpr uint32_t MPU_RASR = 0xE000EDA0;

constexpr uint32_t ICSR_PENDSVSET = 1u << 28;
constexpr uint32_t ICSR_PENDSTSET = 1u << 26;

// Sketch interrupts run at a lower priority than the virtual hardware's tick, so noInterrupts() (BASEPRI) never
// stops time, as it does not on a chip.
constexpr uint32_t SKETCH_INTERRUPT_PRIORITY = 0x80;

inline bool in_interrupt() {
  uint32_t ipsr;
  asm volatile("mrs %0, ipsr" : "=r"(ipsr));
  return (ipsr & 0x1FF) != 0;
}

inline bool ticks_are_masked() {
  uint32_t primask;
  asm volatile("mrs %0, primask" : "=r"(primask));
  return primask & 1;
}

// Keeps the tick out while the virtual hardware's own data is changed.
class TickLock {
 public:
  TickLock() { asm volatile("mrs %0, primask\n cpsid i" : "=r"(saved_)::"memory"); }
  ~TickLock() { asm volatile("msr primask, %0" ::"r"(saved_) : "memory"); }

 private:
  uint32_t saved_;
};

// Keeps the sketch's interrupts out, as noInterrupts() does, but leaves them as they were.
class InterruptLock {
 public:
  InterruptLock() {
    asm volatile("mrs %0, basepri\n msr basepri, %1" : "=&r"(saved_) : "r"(SKETCH_INTERRUPT_PRIORITY) : "memory");
  }
  ~InterruptLock() { asm volatile("msr basepri, %0" ::"r"(saved_) : "memory"); }

 private:
  uint32_t saved_;
};

}  // namespace emulated
