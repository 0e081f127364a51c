// printf() of the STM32 core, apart from the rest of Print, so that only firmware which formats carries the code for it.
#include "Print.h"

#ifdef ARDUINO_ARCH_STM32

namespace arduino {

int Print::vprintf(const char *format, va_list arguments) {
  va_list measured;
  va_copy(measured, arguments);
  int length = vsnprintf(nullptr, 0, format, measured);
  va_end(measured);
  if (length < 0) return length;
  char *text = new char[length + 1];
  vsnprintf(text, length + 1, format, arguments);
  write(text, length);
  delete[] text;
  return length;
}

int Print::vprintf(const __FlashStringHelper *format, va_list arguments) {
  return vprintf(reinterpret_cast<const char *>(format), arguments);
}

int Print::printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vprintf(format, arguments);
  va_end(arguments);
  return length;
}

int Print::printf(const __FlashStringHelper *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vprintf(format, arguments);
  va_end(arguments);
  return length;
}

}  // namespace arduino

#endif
