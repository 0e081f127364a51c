// Of the checked build: what was touched that must not be, in words.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulated_shadow.h"
#include "emulated_supervisor.h"

namespace emulated {
namespace {

constexpr uint32_t FRAME_MAGIC = 0x41B58AB3;  // ASAN_STACK_FRAME_MAGIC of GCC: before the frame's first variable
constexpr uint32_t FRAME_SEARCH_BYTES = 64 * 1024;

// Begins where the variables of a function lie in its frame.
struct Frame {
  uint32_t magic;
  const char *variables;  // their number, then of each: offset, bytes, length of the name, name[:line]
};

struct Found {
  uint32_t start;
  uint32_t bytes;
  const char *name;
  int name_length;
};

bool is_stack(uint8_t poison) { return poison >= StackLeft && poison <= StackRight; }

// Of the byte `bad`: where a granule can be used in part, what the next one is.
uint8_t poison_at(uint32_t bad) {
  const uint8_t *shadow = shadow_of(bad);
  return *shadow < GRANULE ? shadow[1] : *shadow;
}

const Frame *frame_of(uint32_t address) {
  uint32_t at = address / GRANULE * GRANULE;
  for (uint32_t end = at - FRAME_SEARCH_BYTES; at > end; at -= GRANULE) {
    const uint8_t *shadow = shadow_of(at);
    if (shadow == nullptr) return nullptr;
    const Frame *frame = reinterpret_cast<const Frame *>(at);
    // At the lower end: further up a function that has returned may have left its own.
    if (shadow[0] == StackLeft && shadow[-1] != StackLeft && frame->magic == FRAME_MAGIC) return frame;
  }
  return nullptr;
}

// The variable of a frame that is nearest to an address.
bool find_in_frame(const Frame *frame, uint32_t address, Found *found) {
  char *text = const_cast<char *>(frame->variables);
  uint32_t least = UINT32_MAX;
  for (uint32_t count = strtoul(text, &text, 10); count > 0; count--) {
    uint32_t start = reinterpret_cast<uint32_t>(frame) + strtoul(text, &text, 10);
    uint32_t bytes = strtoul(text, &text, 10);
    uint32_t length = strtoul(text, &text, 10);
    const char *name = text + 1;
    text += 1 + length;
    uint32_t end = start + bytes;
    uint32_t distance = address < start ? start - address : address < end ? 0 : address - end;
    if (distance >= least) continue;
    least = distance;
    const void *colon = memchr(name, ':', length);
    *found = {start, bytes, name, static_cast<int>(colon ? static_cast<const char *>(colon) - name : length)};
  }
  return least != UINT32_MAX;
}

bool find_variable(uint8_t poison, uint32_t bad, Found *found) {
  if (is_stack(poison) || poison == OutOfScope) {
    const Frame *frame = frame_of(bad);
    return frame != nullptr && find_in_frame(frame, bad, found);
  }
  const GlobalVariable *global = poison == GlobalEdge ? shadow_global_near(bad) : nullptr;
  if (global == nullptr) return false;
  *found = {global->start, global->bytes, global->name, static_cast<int>(strlen(global->name))};
  return true;
}

const char *place(uint8_t poison) {
  switch (poison) {
    case HeapFreed:
      return "memory that was freed";
    case HeapEdge:
      return "the heap outside of what malloc() gave";
    case OutOfScope:
      return "a variable whose block has ended";
    case GlobalEdge:
      return "memory between variables";
    default:
      return "the stack outside of the variables";
  }
}

}  // namespace

void shadow_report(uint32_t address, uint32_t bytes, bool write, uint32_t bad, uint32_t pc) {
  static char text[200];
  const char *verb = write ? "writes" : "reads";
  const char *plural = bytes == 1 ? "" : "s";
  uint8_t poison = poison_at(bad);
  Found found;
  if (!find_variable(poison, bad, &found))
    snprintf(text, sizeof text, "memory fault: %s %lu byte%s of %s", verb, bytes, plural, place(poison));
  else if (poison == OutOfScope)
    snprintf(text, sizeof text, "memory fault: %s '%.*s', whose block has ended", verb, found.name_length, found.name);
  else
    snprintf(text, sizeof text, "memory fault: %s %lu byte%s %s '%.*s' (%lu bytes)", verb, bytes, plural,
             bad < found.start ? "before" : "past the end of", found.name_length, found.name, found.bytes);
  crash(text, pc);
}

// The compiler's own word on an index of an array whose length it knows (libsanitizer/ubsan/ubsan_handlers.h).
struct OutOfBounds {
  const char *file;
  uint32_t line, column;
  const struct { uint16_t kind, info; char name[1]; } *array, *index;
};

extern "C" void __ubsan_handle_out_of_bounds(const OutOfBounds *data, int32_t index) {
  static char text[200];
  snprintf(text, sizeof text, "memory fault: index %ld of an array %s", index, data->array->name);
  crash(text, CALLER);
}

}  // namespace emulated
