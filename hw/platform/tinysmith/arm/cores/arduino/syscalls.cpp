// What the C and C++ libraries expect of an operating system: a heap, and ends that are reported.
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "emulated_supervisor.h"

extern "C" {

extern char __heap_start;
extern char __guard_start;

void *_sbrk(ptrdiff_t increment) {
  static char *heap_end = &__heap_start;
  char *before = heap_end;
  if (increment > &__guard_start - heap_end) {
    errno = ENOMEM;
    return reinterpret_cast<void *>(-1);
  }
  heap_end += increment;
  emulated::supervisor_heap(static_cast<uint32_t>(heap_end - &__heap_start));
  return before;
}

// printf() goes nowhere, as on the real board, where it is not connected to Serial.
int _write(int, const char *, int size) { return size; }
int _read(int, char *, int) { return 0; }
int _close(int) { return -1; }
int _lseek(int, int, int) { return 0; }
int _fstat(int, struct stat *status) {
  status->st_mode = S_IFCHR;
  return 0;
}
int _isatty(int) { return 1; }
int _getpid() { return 1; }
int _kill(int, int) { emulated::crash("abort() called", 0); }
void _exit(int) { emulated::crash("exit() called", 0); }

void *__dso_handle;
int __aeabi_atexit(void *, void (*)(void *), void *) { return 0; }  // nothing is ever torn down
void __cxa_pure_virtual() { emulated::crash("pure virtual function called", 0); }

}  // extern "C"

namespace {

void *allocate(size_t size) {
  void *memory = malloc(size);
  if (memory == nullptr) emulated::crash("out of memory in operator new", 0);
  return memory;
}

}  // namespace

void *operator new(size_t size) { return allocate(size); }
void *operator new[](size_t size) { return allocate(size); }
void operator delete(void *memory) noexcept { free(memory); }
void operator delete[](void *memory) noexcept { free(memory); }
void operator delete(void *memory, size_t) noexcept { free(memory); }
void operator delete[](void *memory, size_t) noexcept { free(memory); }
