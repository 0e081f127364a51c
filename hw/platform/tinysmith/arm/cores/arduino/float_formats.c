// %f in sprintf(), for boards whose vendor links the full C library (see build.ldflags in boards.txt).
// The small library carries that half only where it is asked for: here, and so only in firmware that formats at all.
#include <reent.h>
#include <stdarg.h>
#include <stdio.h>

int __real__svfprintf_r(struct _reent *reent, FILE *file, const char *format, va_list arguments);

int __wrap__svfprintf_r(struct _reent *reent, FILE *file, const char *format, va_list arguments) {
  __asm__(".global _printf_float");
  return __real__svfprintf_r(reent, file, format, arguments);
}
