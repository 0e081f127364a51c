#include "emulated_supervisor.h"

#include "emulated_board.h"
#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_semihosting.h"
#include "emulated_trace.h"

extern "C" {
extern uint32_t __stack_bottom, __stack_top, __guard_start, __guard_size;
}

namespace emulated {
namespace {

constexpr uint32_t STACK_PAINT = 0xC5C5C5C5;
constexpr const char *OWN_MAIN = "the sketch has a main() of its own: setup() and loop() were never called";

// As tools/emulate.py unpacks it.
struct __attribute__((packed)) EndReport {
  uint32_t status;
  uint32_t pc;
  uint32_t lr;
  uint32_t fault_status;  // CFSR
  uint32_t fault_address;
  uint64_t total_ns;
  uint64_t work_ns;  // without sleep
  uint32_t stack_bytes;
  uint32_t heap_bytes;
};

uint32_t until_limit_ms;
uint32_t hang_limit_ms;
bool started;                // by the core's own main()
uint32_t returned_ms;        // when setup() or loop() returned last
uint64_t returned_asleep;    // counts slept until then
uint32_t longest_delay_ms;   // since then
uint32_t heap_high_water;

uint64_t nanoseconds(uint64_t counts) { return counts * 1000 / (EMULATED_CLOCK_HZ / 1000000); }

uint32_t stack_high_water() {
  const uint32_t *word = &__stack_bottom;
  while (word < &__stack_top && *word == STACK_PAINT) word++;
  return (&__stack_top - word) * sizeof(uint32_t);
}

[[noreturn]] void finish(EndStatus status, const char *reason, EndReport report) {
  asm volatile("cpsid i");
  uint64_t total = clock_counts();
  report.status = static_cast<uint32_t>(status);
  report.total_ns = nanoseconds(total);
  report.work_ns = nanoseconds(total - clock_slept_counts());
  report.stack_bytes = stack_high_water();
  report.heap_bytes = heap_high_water;
  trace_end(&report, sizeof report, reason);
  host_exit(static_cast<int>(status));
}

// Busy for too long, or, at the end of the run, not back for too long though one wait on purpose is forgiven.
bool busy_too_long(uint32_t now_ms) {
  uint64_t asleep = (clock_slept_counts() - returned_asleep) / (EMULATED_CLOCK_HZ / 1000);
  return now_ms - returned_ms > hang_limit_ms + asleep;
}

bool away_too_long(uint32_t now_ms) {
  uint32_t forgiven = longest_delay_ms > hang_limit_ms ? longest_delay_ms : 0;
  return now_ms - returned_ms > hang_limit_ms + forgiven;
}

}  // namespace

void supervisor_limits(uint32_t until_ms, uint32_t hang_ms) {
  until_limit_ms = until_ms;
  hang_limit_ms = hang_ms;
}

void supervisor_started() { started = true; }

void supervisor_returned() {
  returned_ms = clock_ms();
  returned_asleep = clock_slept_counts();
  longest_delay_ms = 0;
}

void supervisor_delay(uint32_t ms) {
  if (ms > longest_delay_ms) longest_delay_ms = ms;
}

void supervisor_tick(uint32_t now_ms) {
  bool over = until_limit_ms != 0 && now_ms >= until_limit_ms;
  if (hang_limit_ms != 0 && (busy_too_long(now_ms) || (over && away_too_long(now_ms))))
    finish(EndStatus::Hang, started ? "setup() or loop() did not return" : OWN_MAIN, EndReport{});
  if (over) finish(EndStatus::Done, "", EndReport{});
}

uint32_t supervisor_next_ms() { return until_limit_ms != 0 ? until_limit_ms : UINT32_MAX; }

void supervisor_heap(uint32_t bytes) {
  if (bytes <= heap_high_water) return;
  heap_high_water = bytes;
  trace_pin(TraceKind::Heap, 0, static_cast<int32_t>(bytes));
}

void supervisor_paint_stack() {
  for (uint32_t *word = &__stack_bottom; word < &__stack_top; word++) *word = STACK_PAINT;
}

void crash(const char *reason, uint32_t pc) {
  EndReport report{};
  report.pc = pc;
  finish(EndStatus::Crash, reason, report);
}

namespace {

struct ExceptionFrame {
  uint32_t r0, r1, r2, r3, r12, lr, pc, psr;
};

enum : uint32_t {
  IACCVIOL = 1u << 0,
  DACCVIOL = 1u << 1,
  MSTKERR = 1u << 4,
  MMARVALID = 1u << 7,
  IBUSERR = 1u << 8,
  BUS_FAULTS = 0xFFu << 8,
  BFARVALID = 1u << 15,
  UNDEFINSTR = 1u << 16,
  INVSTATE = 1u << 17,
  NOCP = 1u << 19,
  UNALIGNED = 1u << 24,
  DIVBYZERO = 1u << 25,
};

constexpr uint32_t NULL_PAGE_BYTES = 1024;  // a member of a null object lies this far in

const char *fault_reason(uint32_t status, uint32_t address) {
  uint32_t guard = reinterpret_cast<uint32_t>(&__guard_start);
  uint32_t guard_bytes = reinterpret_cast<uint32_t>(&__guard_size);
  bool in_guard = (status & MMARVALID) && address - guard < guard_bytes;
  if ((status & MSTKERR) || in_guard) return "stack overflow";
  if (status & (IACCVIOL | IBUSERR | INVSTATE)) return "jump to an address that holds no code";
  if ((status & MMARVALID) && address < NULL_PAGE_BYTES) return "access through a null pointer";
  if (status & DACCVIOL) return "access to an address that is not memory";
  if (status & BUS_FAULTS) return "bus fault";
  if (status & UNDEFINSTR) return "undefined instruction";
  if (status & NOCP) return "coprocessor instruction";
  if (status & UNALIGNED) return "unaligned access";
  if (status & DIVBYZERO) return "division by zero";
  return "hard fault";
}

}  // namespace

extern "C" __attribute__((used)) void fault_report(const ExceptionFrame *frame) {
  constexpr uint32_t UNALIGN_TRP = 1u << 3;
  reg(CCR) &= ~UNALIGN_TRP;  // the sketch may have set it: the report is not written word by word
  EndReport report{};
  report.fault_status = reg(CFSR);
  if (report.fault_status & MMARVALID) report.fault_address = reg(MMFAR);
  if (report.fault_status & BFARVALID) report.fault_address = reg(BFAR);
  if (!(report.fault_status & MSTKERR)) {  // else the frame was never written
    report.pc = frame->pc;
    report.lr = frame->lr;
  }
  finish(EndStatus::Crash, fault_reason(report.fault_status, report.fault_address), report);
}

extern "C" __attribute__((naked)) void HardFault_Handler() {
  asm volatile(
      "tst lr, #4\n"
      "ite eq\n"
      "mrseq r0, msp\n"
      "mrsne r0, psp\n"
      "b fault_report\n");
}

}  // namespace emulated
