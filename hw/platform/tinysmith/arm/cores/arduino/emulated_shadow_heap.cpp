// Of the checked build: a heap whose blocks have edges and stay away for a while after free(). The linker puts these
// functions (-Wl,--wrap) in the place of the C library's, which operator new and String stand on, too.
#include <stdlib.h>
#include <string.h>

#include "emulated_shadow.h"
#include "emulated_supervisor.h"

namespace emulated {
namespace {

constexpr uint32_t IN_USE = 0xA110CA7E, FREED = 0xF4EEDF4E;
constexpr size_t EDGE = 16;  // at least, before and after a block
constexpr size_t WAITING = 32;  // blocks that were freed and are not given out yet

// In the edge before what the firmware gets.
struct Block {
  uint32_t mark;
  uint32_t bytes;
  void *base;
  uint32_t reserved;
};
static_assert(sizeof(Block) == EDGE, "the edge holds the block's description");

Block *waiting[WAITING];
size_t next_waiting;

Block *block_of(void *memory) { return static_cast<Block *>(memory) - 1; }

}  // namespace

extern "C" {

void *__real__malloc_r(struct _reent *, size_t);
void __real__free_r(struct _reent *, void *);

void *__wrap__memalign_r(struct _reent *reent, size_t alignment, size_t bytes) {
  if (alignment < GRANULE) alignment = GRANULE;
  if (bytes > SIZE_MAX - 3 * EDGE - alignment) return nullptr;
  size_t all = bytes + 2 * EDGE + alignment;
  char *base = static_cast<char *>(__real__malloc_r(reent, all));
  if (base == nullptr) return nullptr;
  uint32_t start = (reinterpret_cast<uint32_t>(base) + EDGE + alignment - 1) / alignment * alignment;
  uint32_t edge = (start + bytes + GRANULE - 1) / GRANULE * GRANULE;
  shadow_poison(start - EDGE, EDGE, HeapEdge);
  shadow_unpoison(start, bytes);
  shadow_poison(edge, EDGE, HeapEdge);
  void *memory = reinterpret_cast<void *>(start);
  *block_of(memory) = {IN_USE, bytes, base, 0};
  return memory;
}

void *__wrap__malloc_r(struct _reent *reent, size_t bytes) { return __wrap__memalign_r(reent, GRANULE, bytes); }

void __wrap__free_r(struct _reent *reent, void *memory) {
  if (memory == nullptr) return;
  Block *block = block_of(memory);
  if (block->mark != IN_USE)
    crash(block->mark == FREED ? "memory fault: frees memory that was freed" : "memory fault: frees what malloc() did not give", CALLER);
  block->mark = FREED;
  shadow_poison(reinterpret_cast<uint32_t>(memory), block->bytes, HeapFreed);
  Block *&place = waiting[next_waiting++ % WAITING];
  Block *oldest = place;
  place = block;
  if (oldest == nullptr) return;
  oldest->mark = 0;
  __real__free_r(reent, oldest->base);
}

void *__wrap__realloc_r(struct _reent *reent, void *memory, size_t bytes) {
  if (memory == nullptr) return __wrap__malloc_r(reent, bytes);
  if (bytes == 0) {
    __wrap__free_r(reent, memory);
    return nullptr;
  }
  void *larger = __wrap__malloc_r(reent, bytes);
  if (larger == nullptr) return nullptr;
  size_t before = block_of(memory)->bytes;
  memcpy(larger, memory, before < bytes ? before : bytes);
  __wrap__free_r(reent, memory);
  return larger;
}

}  // extern "C"

}  // namespace emulated
