#include "Print.h"

#include <math.h>

namespace arduino {

size_t Print::write(const uint8_t *buffer, size_t size) {
  size_t written = 0;
  while (written < size && write(buffer[written]) == 1) written++;
  return written;
}

template <class Unsigned>
size_t Print::printDigits(Unsigned n, int base) {
  char text[8 * sizeof(Unsigned)];
  char *start = text + sizeof text;
  if (base < 2) base = 10;
  do {
    int digit = static_cast<int>(n % static_cast<Unsigned>(base));
    n /= static_cast<Unsigned>(base);
    *--start = static_cast<char>(digit < 10 ? '0' + digit : 'A' + digit - 10);
  } while (n != 0);
  return write(start, static_cast<size_t>(text + sizeof text - start));
}

// Only base 10 has a sign; other bases show the bits. Base 0 writes the byte itself.
template <class Signed, class Unsigned>
size_t Print::printSigned(Signed n, int base) {
  if (base == 0) return write(static_cast<uint8_t>(n));
  if (base == 10 && n < 0) return print('-') + printDigits(static_cast<Unsigned>(0) - static_cast<Unsigned>(n), 10);
  return printDigits(static_cast<Unsigned>(n), base);
}

// Rounds half up in binary floating point and stops at 32 bits, as the Arduino API does.
size_t Print::printFloat(double n, int digits) {
  constexpr double LARGEST = 4294967040.0;
  if (digits < 0) digits = 2;
  if (isnan(n)) return print("nan");
  if (isinf(n)) return print("inf");
  if (n > LARGEST || n < -LARGEST) return print("ovf");

  size_t written = 0;
  if (n < 0.0) {
    written += print('-');
    n = -n;
  }
  double half = 0.5;
  for (int i = 0; i < digits; i++) half /= 10.0;
  n += half;

  unsigned long whole = static_cast<unsigned long>(n);
  double rest = n - static_cast<double>(whole);
  written += printDigits(whole, 10);
  if (digits > 0) written += print('.');
  for (; digits > 0; digits--) {
    rest *= 10.0;
    unsigned int digit = static_cast<unsigned int>(rest);
    written += printDigits(digit, 10);
    rest -= digit;
  }
  return written;
}

size_t Print::print(const __FlashStringHelper *text) { return write(reinterpret_cast<const char *>(text)); }
size_t Print::print(const String &text) { return write(text.c_str(), text.length()); }
size_t Print::print(const char text[]) { return write(text); }
size_t Print::print(char c) { return write(static_cast<uint8_t>(c)); }
size_t Print::print(unsigned char n, int base) { return print(static_cast<unsigned long>(n), base); }
size_t Print::print(int n, int base) { return printSigned<long, unsigned long>(n, base); }
size_t Print::print(unsigned int n, int base) { return print(static_cast<unsigned long>(n), base); }
size_t Print::print(long n, int base) { return printSigned<long, unsigned long>(n, base); }
size_t Print::print(unsigned long n, int base) {
  return base == 0 ? write(static_cast<uint8_t>(n)) : printDigits(n, base);
}
size_t Print::print(long long n, int base) { return printSigned<long long, unsigned long long>(n, base); }
size_t Print::print(unsigned long long n, int base) {
  return base == 0 ? write(static_cast<uint8_t>(n)) : printDigits(n, base);
}
size_t Print::print(double n, int digits) { return printFloat(n, digits); }
size_t Print::print(const Printable &object) { return object.printTo(*this); }

size_t Print::println() { return write("\r\n"); }
size_t Print::println(const __FlashStringHelper *text) { return print(text) + println(); }
size_t Print::println(const String &text) { return print(text) + println(); }
size_t Print::println(const char text[]) { return print(text) + println(); }
size_t Print::println(char c) { return print(c) + println(); }
size_t Print::println(unsigned char n, int base) { return print(n, base) + println(); }
size_t Print::println(int n, int base) { return print(n, base) + println(); }
size_t Print::println(unsigned int n, int base) { return print(n, base) + println(); }
size_t Print::println(long n, int base) { return print(n, base) + println(); }
size_t Print::println(unsigned long n, int base) { return print(n, base) + println(); }
size_t Print::println(long long n, int base) { return print(n, base) + println(); }
size_t Print::println(unsigned long long n, int base) { return print(n, base) + println(); }
size_t Print::println(double n, int digits) { return print(n, digits) + println(); }
size_t Print::println(const Printable &object) { return print(object) + println(); }

}  // namespace arduino
