// Of the checked build: a byte for every eight of memory that says which of them the firmware may touch. The compiler
// (-fsanitize=kernel-address) asks before each access of the sketch and of the network. In no other build.
// Source of the encoding: "AddressSanitizer: A Fast Address Sanity Checker" (USENIX ATC 2012), section 3.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Where the call came from, without the bit that marks Thumb code.
#define CALLER (reinterpret_cast<uint32_t>(__builtin_return_address(0)) - 2)

namespace emulated {

constexpr uint32_t GRANULE = 8;  // bytes of memory per byte of shadow: 0 all, 1..7 so many, else none of them

// As GCC's asan.h has them; from HeapEdge on our own.
enum Poison : uint8_t {
  StackLeft = 0xF1,
  StackBetween = 0xF2,
  StackRight = 0xF3,
  OutOfScope = 0xF8,
  GlobalEdge = 0xF9,
  HeapEdge = 0xFA,
  HeapFreed = 0xFD,
  AllocaLeft = 0xCA,
  AllocaRight = 0xCB,
};

// A variable, as GCC describes it to __asan_register_globals (gcc/asan.cc, asan_global_struct).
struct GlobalVariable {
  uint32_t start;
  uint32_t bytes;
  uint32_t bytes_with_edge;
  const char *name;
  const char *module;
  uint32_t has_dynamic_init;
  const void *location;
  uint32_t odr_indicator;
};

// The shadow of an address; nullptr where memory has none: peripherals, and flash of some boards.
uint8_t *shadow_of(uint32_t address);
// `start` must be at the beginning of a granule; a part of one at the end stays usable.
void shadow_poison(uint32_t start, uint32_t bytes, uint8_t value);
void shadow_unpoison(uint32_t start, uint32_t bytes);
// Ends the run when the firmware may not touch all of it. `pc`: where the access is.
void shadow_check(uint32_t address, uint32_t bytes, bool write, uint32_t pc);
// The variable nearest to an address; nullptr: none is known.
const GlobalVariable *shadow_global_near(uint32_t address);
// Ends the run and says whose bounds were not kept. `bad` is the first byte of the access that is out of them.
[[noreturn]] void shadow_report(uint32_t address, uint32_t bytes, bool write, uint32_t bad, uint32_t pc);

}  // namespace emulated
