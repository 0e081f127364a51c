// From reset to main(): vectors, FPU, memory protection, initialised data, the two stacks, and the virtual hardware.
#include <stdint.h>

#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_pins.h"
#include "emulated_serial.h"
#include "emulated_stimuli.h"
#include "emulated_supervisor.h"
#include "emulated_trace.h"

extern "C" {
extern uint32_t __data_start, __data_end, __data_load, __bss_start, __bss_end;
extern uint32_t __emulated_data_start, __emulated_data_end, __emulated_data_load;
extern uint32_t __emulated_bss_start, __emulated_bss_end;
extern uint32_t __handler_stack_top, __stack_top, __guard_start, __guard_size;
extern uint32_t __ram_start, __ram_size, __flash_start, __emulated_ram_start, __emulated_ram_size;
extern void (*__init_array_start[])();
extern void (*__init_array_end[])();

int main();
void Reset_Handler();
void HardFault_Handler();
void PendSV_Handler();
void SVC_Handler();
void SysTick_Handler();
}

namespace emulated {
namespace {

constexpr uint32_t READ_ONLY = 6u << 24;
constexpr uint32_t READ_WRITE = 3u << 24;
constexpr uint32_t NO_ACCESS = 0;
constexpr uint32_t NO_EXECUTE = 1u << 28;
constexpr uint32_t NORMAL_MEMORY = 1u << 19 | 3u << 16;  // TEX, C, B: cached, unaligned access allowed
constexpr uint32_t PERIPHERALS = 0x40000000;
constexpr uint32_t PERIPHERAL_BYTES = 512u << 20;

uint32_t address_of(const uint32_t &symbol) { return reinterpret_cast<uint32_t>(&symbol); }

// Rounds up to a power of two and switches off the eighths beyond `size`.
void protect(uint32_t region, uint32_t start, uint32_t size, uint32_t access) {
  uint32_t log2 = 32 - __builtin_clz(size - 1);
  uint32_t eighth = (1u << log2) / 8;
  uint32_t used = (size + eighth - 1) / eighth;
  uint32_t disabled = (0xFFu << used) & 0xFF;
  reg(MPU_RNR) = region;
  reg(MPU_RBAR) = start;
  reg(MPU_RASR) = access | disabled << 8 | (log2 - 1) << 1 | 1;
}

// Like on the chip, code cannot be written and an address outside the memories faults. The guard under the stack is
// more than the chip has: there an overflow would go unnoticed.
void protect_memory() {
  constexpr uint32_t CODE_BYTES = 4u << 20;
  constexpr uint32_t DATA = READ_WRITE | NO_EXECUTE | NORMAL_MEMORY;
  protect(0, address_of(__flash_start), CODE_BYTES, READ_ONLY | NORMAL_MEMORY);
  protect(1, address_of(__ram_start), address_of(__ram_size), DATA);
  protect(2, address_of(__emulated_ram_start), address_of(__emulated_ram_size), DATA);
  protect(3, address_of(__guard_start), address_of(__guard_size), NO_ACCESS | NO_EXECUTE);
  protect(4, PERIPHERALS, PERIPHERAL_BYTES, READ_WRITE | NO_EXECUTE);
  reg(MPU_CTRL) = 1;
  asm volatile("dsb\n isb");
}

void copy(uint32_t *to, const uint32_t *end, const uint32_t *from) {
  while (to < end) *to++ = *from++;
}

void clear(uint32_t *from, const uint32_t *end) {
  while (from < end) *from++ = 0;
}

}  // namespace

// Runs on the handlers' stack, so that the firmware's own can be painted.
extern "C" __attribute__((used)) void prepare_board() {
  constexpr uint32_t TICKING = 1;  // off after a real reset, which the emulator does not survive either
  if (reg(SYST_CSR) & TICKING) crash("the board restarted", 0);
  reg(CPACR) |= 0xF << 20;  // FPU on
  asm volatile("dsb\n isb");
  copy(&__emulated_data_start, &__emulated_data_end, &__emulated_data_load);
  clear(&__emulated_bss_start, &__emulated_bss_end);
  copy(&__data_start, &__data_end, &__data_load);
  clear(&__bss_start, &__bss_end);
  supervisor_paint_stack();
  protect_memory();
  pins_reset();
  trace_open();
  stimuli_open();
  serial_open();
}

extern "C" __attribute__((used)) void run_firmware() {
  clock_start();
  for (auto constructor = __init_array_start; constructor < __init_array_end; constructor++) (*constructor)();
  main();
  crash("main() returned", 0);
}

// Handlers keep the main stack; the firmware gets the process stack at the end of its RAM.
extern "C" __attribute__((naked, noreturn)) void Reset_Handler() {
  asm volatile(
      "bl prepare_board\n"
      "ldr r0, =__stack_top\n"
      "msr psp, r0\n"
      "movs r0, #2\n"
      "msr control, r0\n"
      "isb\n"
      "bl run_firmware\n");
}

#define TEXT_OF(name) #name
#define TEXT_OF_VALUE(name) TEXT_OF(name)
extern "C" __attribute__((section(".tinysmith_board"), used)) const char emulated_board[] =
    TEXT_OF_VALUE(TINYSMITH_EMULATED);

extern "C" __attribute__((section(".vectors"), used)) void (*const vectors[16])() = {
    reinterpret_cast<void (*)()>(&__handler_stack_top),
    Reset_Handler,
    HardFault_Handler,  // NMI
    HardFault_Handler,
    HardFault_Handler,  // MemManage
    HardFault_Handler,  // BusFault
    HardFault_Handler,  // UsageFault
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    SVC_Handler,
    HardFault_Handler,  // DebugMonitor
    nullptr,
    PendSV_Handler,
    SysTick_Handler,
};

}  // namespace emulated
