// Base of everything that text can be printed to.
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "Printable.h"
#include "String.h"

#define DEC 10
#define HEX 16
#define OCT 8
#define BIN 2

namespace arduino {

class Print {
 public:
  Print() : write_error_(0) {}

  int getWriteError() { return write_error_; }
  void clearWriteError() { setWriteError(0); }

  virtual size_t write(uint8_t byte) = 0;
  virtual size_t write(const uint8_t *buffer, size_t size);
  size_t write(const char *text) {
    return text == nullptr ? 0 : write(reinterpret_cast<const uint8_t *>(text), strlen(text));
  }
  size_t write(const char *buffer, size_t size) { return write(reinterpret_cast<const uint8_t *>(buffer), size); }

  // 0: a single write may block.
  virtual int availableForWrite() { return 0; }
  virtual void flush() {}

  size_t print(const __FlashStringHelper *text);
  size_t print(const String &text);
  size_t print(const char text[]);
  size_t print(char c);
  size_t print(unsigned char n, int base = DEC);
  size_t print(int n, int base = DEC);
  size_t print(unsigned int n, int base = DEC);
  size_t print(long n, int base = DEC);
  size_t print(unsigned long n, int base = DEC);
  size_t print(long long n, int base = DEC);
  size_t print(unsigned long long n, int base = DEC);
  size_t print(double n, int digits = 2);
  size_t print(const Printable &object);

  size_t println(const __FlashStringHelper *text);
  size_t println(const String &text);
  size_t println(const char text[]);
  size_t println(char c);
  size_t println(unsigned char n, int base = DEC);
  size_t println(int n, int base = DEC);
  size_t println(unsigned int n, int base = DEC);
  size_t println(long n, int base = DEC);
  size_t println(unsigned long n, int base = DEC);
  size_t println(long long n, int base = DEC);
  size_t println(unsigned long long n, int base = DEC);
  size_t println(double n, int digits = 2);
  size_t println(const Printable &object);
  size_t println();

#ifdef ARDUINO_ARCH_STM32
  int printf(const char *format, ...) __attribute__((format(printf, 2, 3)));
  int printf(const __FlashStringHelper *format, ...);
  int vprintf(const char *format, va_list arguments);
  int vprintf(const __FlashStringHelper *format, va_list arguments);
#endif

 protected:
  void setWriteError(int error = 1) { write_error_ = error; }

 private:
  int write_error_;

  template <class Unsigned>
  size_t printDigits(Unsigned n, int base);
  template <class Signed, class Unsigned>
  size_t printSigned(Signed n, int base);
  size_t printFloat(double n, int digits);
};

}  // namespace arduino

using arduino::Print;
