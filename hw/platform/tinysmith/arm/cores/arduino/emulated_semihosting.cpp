#include "emulated_semihosting.h"

#include <string.h>

namespace emulated {
namespace {

enum Operation : uint32_t { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_SEEK = 0x0A, SYS_EXIT_EXTENDED = 0x20 };
constexpr uint32_t APPLICATION_EXIT = 0x20026;  // ADP_Stopped_ApplicationExit

uint32_t call(uint32_t operation, const void *arguments) {
  register uint32_t r0 asm("r0") = operation;
  register const void *r1 asm("r1") = arguments;
  asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

}  // namespace

int host_open(const char *name, FileMode mode) {
  const uint32_t arguments[] = {reinterpret_cast<uint32_t>(name), static_cast<uint32_t>(mode), strlen(name)};
  return static_cast<int>(call(SYS_OPEN, arguments));
}

size_t host_read(int handle, void *data, size_t size) {
  const uint32_t arguments[] = {static_cast<uint32_t>(handle), reinterpret_cast<uint32_t>(data), size};
  return size - call(SYS_READ, arguments);  // the call returns what it did not read
}

void host_seek(int handle, uint32_t position) {
  const uint32_t arguments[] = {static_cast<uint32_t>(handle), position};
  call(SYS_SEEK, arguments);
}

void host_write(int handle, const void *data, size_t size) {
  const uint32_t arguments[] = {static_cast<uint32_t>(handle), reinterpret_cast<uint32_t>(data), size};
  call(SYS_WRITE, arguments);
}

void host_exit(int code) {
  const uint32_t arguments[] = {APPLICATION_EXIT, static_cast<uint32_t>(code)};
  call(SYS_EXIT_EXTENDED, arguments);
  for (;;) {
  }
}

}  // namespace emulated
