// %f in sscanf(): see float_formats.c.
#include <reent.h>
#include <stdarg.h>
#include <stdio.h>

int __real___ssvfscanf_r(struct _reent *reent, FILE *file, const char *format, va_list arguments);

int __wrap___ssvfscanf_r(struct _reent *reent, FILE *file, const char *format, va_list arguments) {
  __asm__(".global _scanf_float");
  return __real___ssvfscanf_r(reent, file, format, arguments);
}
