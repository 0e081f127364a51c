// Of the checked build: the C library's functions that write to memory or read it whole, checked before they do. The
// linker puts them (-Wl,--wrap) in the place of the library's, for the sketch, the core and the library itself.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emulated_shadow.h"

namespace emulated {
namespace {

inline void check_read(const void *from, size_t bytes, uint32_t pc) {
  shadow_check(reinterpret_cast<uint32_t>(from), bytes, false, pc);
}

inline void check_write(const void *to, size_t bytes, uint32_t pc) {
  shadow_check(reinterpret_cast<uint32_t>(to), bytes, true, pc);
}

}  // namespace

extern "C" {

void *__real_memcpy(void *, const void *, size_t);
void *__real_memmove(void *, const void *, size_t);
void *__real_memset(void *, int, size_t);
int __real_memcmp(const void *, const void *, size_t);
size_t __real_strlen(const char *);
char *__real_strcpy(char *, const char *);
char *__real_strncpy(char *, const char *, size_t);
char *__real_strcat(char *, const char *);
int __real_vsnprintf(char *, size_t, const char *, va_list);

void *__wrap_memcpy(void *to, const void *from, size_t bytes) {
  check_read(from, bytes, CALLER);
  check_write(to, bytes, CALLER);
  return __real_memcpy(to, from, bytes);
}

void *__wrap_memmove(void *to, const void *from, size_t bytes) {
  check_read(from, bytes, CALLER);
  check_write(to, bytes, CALLER);
  return __real_memmove(to, from, bytes);
}

void *__wrap_memset(void *to, int value, size_t bytes) {
  check_write(to, bytes, CALLER);
  return __real_memset(to, value, bytes);
}

int __wrap_memcmp(const void *a, const void *b, size_t bytes) {
  check_read(a, bytes, CALLER);
  check_read(b, bytes, CALLER);
  return __real_memcmp(a, b, bytes);
}

size_t __wrap_strlen(const char *text) {
  size_t length = __real_strlen(text);
  check_read(text, length + 1, CALLER);
  return length;
}

char *__wrap_strcpy(char *to, const char *from) {
  size_t bytes = __real_strlen(from) + 1;
  check_read(from, bytes, CALLER);
  check_write(to, bytes, CALLER);
  return __real_strcpy(to, from);
}

char *__wrap_strncpy(char *to, const char *from, size_t bytes) {
  check_write(to, bytes, CALLER);
  return __real_strncpy(to, from, bytes);
}

char *__wrap_strcat(char *to, const char *from) {
  check_write(to + __real_strlen(to), __real_strlen(from) + 1, CALLER);
  return __real_strcat(to, from);
}

// Here, so that the place is told where the sketch calls it, and not one within the library.
static int print(char *to, size_t size, const char *format, va_list arguments, uint32_t pc) {
  va_list again;
  va_copy(again, arguments);
  int length = __real_vsnprintf(nullptr, 0, format, again);
  va_end(again);
  size_t bytes = length < 0 ? 0 : static_cast<size_t>(length) + 1;
  check_write(to, bytes < size ? bytes : size, pc);
  return __real_vsnprintf(to, size, format, arguments);
}

int __wrap_vsnprintf(char *to, size_t size, const char *format, va_list arguments) {
  return print(to, size, format, arguments, CALLER);
}

int __wrap_vsprintf(char *to, const char *format, va_list arguments) {
  return print(to, INT32_MAX, format, arguments, CALLER);
}

int __wrap_snprintf(char *to, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = print(to, size, format, arguments, CALLER);
  va_end(arguments);
  return length;
}

int __wrap_sprintf(char *to, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = print(to, INT32_MAX, format, arguments, CALLER);
  va_end(arguments);
  return length;
}

}  // extern "C"

}  // namespace emulated
