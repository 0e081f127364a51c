#include "emulated_shadow.h"

#include "emulated_supervisor.h"

extern "C" {
extern uint8_t __shadow_start, __shadow_end, __flash_shadow_start, __flash_shadow_end;
extern uint32_t __ram_start, __flash_start, __heap_start, __guard_start, __stack_top;
}

namespace emulated {
namespace {

constexpr uint32_t MAX_MODULES = 64;

struct Module {
  const GlobalVariable *variables;
  uint32_t count;
};

Module modules[MAX_MODULES];
uint32_t module_count;

template <typename T>
uint32_t address_of(const T &symbol) { return reinterpret_cast<uint32_t>(&symbol); }

void fill(uint32_t start, uint32_t bytes, uint8_t value) {
  uint8_t *shadow = shadow_of(start);
  if (shadow == nullptr) return;
  for (uint32_t i = 0; i < bytes / GRANULE; i++) shadow[i] = value;
}

inline bool may_touch(uint32_t address, const uint8_t *shadow) {
  return *shadow == 0 || (*shadow < GRANULE && address % GRANULE < *shadow);
}

// Before the constructors of the sketch; after it the compiler's own tell of the variables.
__attribute__((constructor(101))) void shadow_open() {
  uint32_t heap = (address_of(__heap_start) + GRANULE - 1) / GRANULE * GRANULE;
  fill(heap, address_of(__guard_start) - heap, HeapEdge);
}

}  // namespace

uint8_t *shadow_of(uint32_t address) {
  uint32_t at = (address - address_of(__ram_start)) / GRANULE;
  if (at < address_of(__shadow_end) - address_of(__shadow_start)) return &__shadow_start + at;
  at = (address - address_of(__flash_start)) / GRANULE;
  if (at < address_of(__flash_shadow_end) - address_of(__flash_shadow_start)) return &__flash_shadow_start + at;
  return nullptr;
}

void shadow_poison(uint32_t start, uint32_t bytes, uint8_t value) { fill(start, bytes + GRANULE - 1, value); }

void shadow_unpoison(uint32_t start, uint32_t bytes) {
  fill(start, bytes, 0);
  if (bytes % GRANULE == 0) return;
  uint8_t *last = shadow_of(start + bytes);
  if (last != nullptr) *last = bytes % GRANULE;
}

void shadow_check(uint32_t address, uint32_t bytes, bool write, uint32_t pc) {
  if (bytes == 0) return;
  const uint8_t *shadow = shadow_of(address);
  if (shadow == nullptr || shadow_of(address + bytes - 1) == nullptr) return;  // the chip's memory protection sees to it
  uint32_t last = address + bytes - 1;
  if (*shadow == 0 && (address ^ last) < GRANULE) return;
  for (uint32_t at = address; at <= last; at = (at / GRANULE + 1) * GRANULE, shadow++) {
    uint32_t end = (at / GRANULE + 1) * GRANULE - 1 < last ? (at / GRANULE + 1) * GRANULE - 1 : last;
    if (may_touch(end, shadow)) continue;
    while (may_touch(at, shadow)) at++;
    shadow_report(address, bytes, write, at, pc);
  }
}

const GlobalVariable *shadow_global_near(uint32_t address) {
  const GlobalVariable *nearest = nullptr;
  uint32_t least = UINT32_MAX;
  for (uint32_t m = 0; m < module_count; m++)
    for (uint32_t i = 0; i < modules[m].count; i++) {
      const GlobalVariable &variable = modules[m].variables[i];
      uint32_t end = variable.start + variable.bytes;
      uint32_t distance = address < variable.start ? variable.start - address : address < end ? 0 : address - end;
      if (distance < least) least = distance, nearest = &variable;
    }
  return nearest;
}

extern "C" {

#define CHECKS_OF(size)                                                                                        \
  void __asan_load##size##_noabort(uint32_t address) { shadow_check(address, size, false, CALLER); }           \
  void __asan_store##size##_noabort(uint32_t address) { shadow_check(address, size, true, CALLER); }
CHECKS_OF(1)
CHECKS_OF(2)
CHECKS_OF(4)
CHECKS_OF(8)
CHECKS_OF(16)

void __asan_loadN_noabort(uint32_t address, uint32_t bytes) { shadow_check(address, bytes, false, CALLER); }
void __asan_storeN_noabort(uint32_t address, uint32_t bytes) { shadow_check(address, bytes, true, CALLER); }

void __asan_register_globals(const GlobalVariable *variables, uint32_t count) {
  if (module_count < MAX_MODULES) modules[module_count++] = {variables, count};
  for (const GlobalVariable *v = variables; v < variables + count; v++) {
    shadow_unpoison(v->start, v->bytes);
    uint32_t edge = (v->start + v->bytes + GRANULE - 1) / GRANULE * GRANULE;
    shadow_poison(edge, v->start + v->bytes_with_edge - edge, GlobalEdge);
  }
}

void __asan_unregister_globals(const GlobalVariable *, uint32_t) {}  // nothing is ever torn down
void __asan_before_dynamic_init(const char *) {}
void __asan_after_dynamic_init() {}

void __asan_poison_stack_memory(uint32_t start, uint32_t bytes) { shadow_poison(start, bytes, OutOfScope); }
void __asan_unpoison_stack_memory(uint32_t start, uint32_t bytes) { shadow_unpoison(start, bytes); }

// The frames that will not be left by a return.
void __asan_handle_no_return() {
  uint32_t here = reinterpret_cast<uint32_t>(__builtin_frame_address(0)) / GRANULE * GRANULE;
  uint32_t top = address_of(__stack_top);
  if (here >= address_of(__guard_start) && here < top) shadow_unpoison(here, top - here);
}

// An array of a length that only the run knows: `bytes` at `start`, with 32 bytes around it.
void __asan_alloca_poison(uint32_t start, uint32_t bytes) {
  constexpr uint32_t EDGE = 32;
  uint32_t end = (start + bytes + GRANULE - 1) / GRANULE * GRANULE;
  shadow_poison(start - EDGE, EDGE, AllocaLeft);
  shadow_unpoison(start, bytes);
  shadow_poison(end, (start + bytes + EDGE - 1) / EDGE * EDGE + EDGE - end, AllocaRight);
}

void __asan_allocas_unpoison(uint32_t top, uint32_t bottom) {
  if (top != 0 && top <= bottom) shadow_unpoison(top, bottom - top);
}

}  // extern "C"

}  // namespace emulated
