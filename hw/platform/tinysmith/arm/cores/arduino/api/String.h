// Text of any length on the heap.
#pragma once
#ifdef __cplusplus
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "deprecated-avr-comp/avr/pgmspace.h"

namespace arduino {

class __FlashStringHelper;
#define F(string_literal) (reinterpret_cast<const __FlashStringHelper *>(PSTR(string_literal)))

class StringSumHelper;

// A String without buffer (out of memory, or made from a null pointer) is invalid: it tests false and acts as empty.
class String {
  typedef void (String::*StringIfHelperType)() const;  // allows if (s), but not the arithmetic that bool would allow
  void StringIfHelper() const {}

 public:
  String(const char *text = "");
#ifndef ARDUINO_ARCH_STM32
  String(const char *text, unsigned int length);
  String(const uint8_t *text, unsigned int length) : String(reinterpret_cast<const char *>(text), length) {}
#endif
  String(const __FlashStringHelper *text) : String(reinterpret_cast<const char *>(text)) {}
  String(const String &other);
  String(String &&other);
  explicit String(char c);
  explicit String(unsigned char n, unsigned char base = 10);
  explicit String(int n, unsigned char base = 10);
  explicit String(unsigned int n, unsigned char base = 10);
  explicit String(long n, unsigned char base = 10);
  explicit String(unsigned long n, unsigned char base = 10);
  explicit String(float n, unsigned char decimalPlaces = 2);
  explicit String(double n, unsigned char decimalPlaces = 2);
  ~String();

  bool reserve(unsigned int size);
  unsigned int length() const { return len; }
#ifndef ARDUINO_ARCH_STM32
  bool isEmpty() const { return len == 0; }
#endif

  String &operator=(const String &other);
  String &operator=(const char *text);
  String &operator=(const __FlashStringHelper *text) { return *this = reinterpret_cast<const char *>(text); }
  String &operator=(String &&other);

  // False, and no change, when memory is short or the argument is null or invalid.
  bool concat(const String &other);
  bool concat(const char *text);
#ifndef ARDUINO_ARCH_STM32
  bool concat(const char *text, unsigned int length) { return append(text, length); }
  bool concat(const uint8_t *text, unsigned int length) { return append(reinterpret_cast<const char *>(text), length); }
#endif
  bool concat(const __FlashStringHelper *text) { return concat(reinterpret_cast<const char *>(text)); }
  bool concat(char c) { return append(&c, 1); }
  bool concat(unsigned char n) { return concat(String(n)); }
  bool concat(int n) { return concat(String(n)); }
  bool concat(unsigned int n) { return concat(String(n)); }
  bool concat(long n) { return concat(String(n)); }
  bool concat(unsigned long n) { return concat(String(n)); }
  bool concat(float n) { return concat(String(n)); }
  bool concat(double n) { return concat(String(n)); }

  String &operator+=(const String &value) {
    concat(value);
    return *this;
  }
  String &operator+=(const char *value) {
    concat(value);
    return *this;
  }
  String &operator+=(char value) {
    concat(value);
    return *this;
  }
  String &operator+=(unsigned char value) {
    concat(value);
    return *this;
  }
  String &operator+=(int value) {
    concat(value);
    return *this;
  }
  String &operator+=(unsigned int value) {
    concat(value);
    return *this;
  }
  String &operator+=(long value) {
    concat(value);
    return *this;
  }
  String &operator+=(unsigned long value) {
    concat(value);
    return *this;
  }
  String &operator+=(float value) {
    concat(value);
    return *this;
  }
  String &operator+=(double value) {
    concat(value);
    return *this;
  }
  String &operator+=(const __FlashStringHelper *value) {
    concat(value);
    return *this;
  }

  operator StringIfHelperType() const { return buffer ? &String::StringIfHelper : nullptr; }

  int compareTo(const String &other) const { return compare(other.buffer); }
#ifndef ARDUINO_ARCH_STM32
  int compareTo(const char *text) const { return compare(text); }
#endif
  bool equals(const String &other) const { return len == other.len && compare(other.buffer) == 0; }
  bool equals(const char *text) const { return compare(text) == 0; }
  bool equalsIgnoreCase(const String &other) const;
  bool startsWith(const String &prefix) const { return startsWith(prefix, 0); }
  bool startsWith(const String &prefix, unsigned int offset) const;
  bool endsWith(const String &suffix) const;

#ifdef ARDUINO_ARCH_STM32
  bool operator==(const String &other) const { return equals(other); }
  bool operator==(const char *text) const { return equals(text); }
  bool operator!=(const String &other) const { return !equals(other); }
  bool operator!=(const char *text) const { return !equals(text); }
  bool operator<(const String &other) const { return compareTo(other) < 0; }
  bool operator>(const String &other) const { return compareTo(other) > 0; }
  bool operator<=(const String &other) const { return compareTo(other) <= 0; }
  bool operator>=(const String &other) const { return compareTo(other) >= 0; }
#else
  friend bool operator==(const String &a, const String &b) { return a.equals(b); }
  friend bool operator==(const String &a, const char *b) { return a.equals(b); }
  friend bool operator==(const char *a, const String &b) { return b.equals(a); }
  friend bool operator!=(const String &a, const String &b) { return !(a == b); }
  friend bool operator!=(const String &a, const char *b) { return !(a == b); }
  friend bool operator!=(const char *a, const String &b) { return !(a == b); }
  friend bool operator<(const String &a, const String &b) { return a.compareTo(b) < 0; }
  friend bool operator<(const String &a, const char *b) { return a.compareTo(b) < 0; }
  friend bool operator<(const char *a, const String &b) { return b.compareTo(a) > 0; }
  friend bool operator>(const String &a, const String &b) { return b < a; }
  friend bool operator>(const String &a, const char *b) { return b < a; }
  friend bool operator>(const char *a, const String &b) { return b < a; }
  friend bool operator<=(const String &a, const String &b) { return !(b < a); }
  friend bool operator<=(const String &a, const char *b) { return !(b < a); }
  friend bool operator<=(const char *a, const String &b) { return !(b < a); }
  friend bool operator>=(const String &a, const String &b) { return !(a < b); }
  friend bool operator>=(const String &a, const char *b) { return !(a < b); }
  friend bool operator>=(const char *a, const String &b) { return !(a < b); }
#endif

  char charAt(unsigned int index) const { return (*this)[index]; }
  void setCharAt(unsigned int index, char c);
  char operator[](unsigned int index) const;
  char &operator[](unsigned int index);
  void getBytes(unsigned char *bytes, unsigned int size, unsigned int index = 0) const;
  void toCharArray(char *text, unsigned int size, unsigned int index = 0) const {
    getBytes(reinterpret_cast<unsigned char *>(text), size, index);
  }
  const char *c_str() const { return buffer; }
  char *begin() { return buffer; }
  char *end() { return buffer + len; }
  const char *begin() const { return buffer; }
  const char *end() const { return buffer + len; }

  // Position, or -1.
  int indexOf(char c) const { return indexOf(c, 0); }
  int indexOf(char c, unsigned int from) const;
  int indexOf(const String &text) const { return indexOf(text, 0); }
  int indexOf(const String &text, unsigned int from) const;
  int lastIndexOf(char c) const { return lastIndexOf(c, len - 1); }
  int lastIndexOf(char c, unsigned int from) const;
  int lastIndexOf(const String &text) const { return lastIndexOf(text, len - text.len); }
  int lastIndexOf(const String &text, unsigned int from) const;
  String substring(unsigned int begin) const { return substring(begin, len); }
  String substring(unsigned int begin, unsigned int end) const;

  void replace(char find, char replacement);
  void replace(const String &find, const String &replacement);
  void remove(unsigned int index) { remove(index, ~0u); }
  void remove(unsigned int index, unsigned int count);
  void toLowerCase();
  void toUpperCase();
  void trim();

  long toInt() const { return buffer ? atol(buffer) : 0; }
  float toFloat() const { return static_cast<float>(toDouble()); }
  double toDouble() const { return buffer ? atof(buffer) : 0; }

 protected:
  char *buffer;
  unsigned int capacity;  // without the terminating zero
  unsigned int len;

  void init();
  void invalidate();
  bool changeBuffer(unsigned int maxLength);
  bool append(const char *text, unsigned int length);
  int compare(const char *text) const;
  String &copy(const char *text, unsigned int length);
  void move(String &other);
};

// The result of +: a temporary that further + may extend in place.
class StringSumHelper : public String {
 public:
  StringSumHelper(const String &s) : String(s) {}
  StringSumHelper(const char *text) : String(text) {}
  StringSumHelper(char c) : String(c) {}
  StringSumHelper(unsigned char n) : String(n) {}
  StringSumHelper(int n) : String(n) {}
  StringSumHelper(unsigned int n) : String(n) {}
  StringSumHelper(long n) : String(n) {}
  StringSumHelper(unsigned long n) : String(n) {}
  StringSumHelper(float n) : String(n) {}
  StringSumHelper(double n) : String(n) {}
};

StringSumHelper &operator+(const StringSumHelper &left, const String &right);
StringSumHelper &operator+(const StringSumHelper &left, const char *right);
StringSumHelper &operator+(const StringSumHelper &left, const __FlashStringHelper *right);
StringSumHelper &operator+(const StringSumHelper &left, char right);
StringSumHelper &operator+(const StringSumHelper &left, unsigned char right);
StringSumHelper &operator+(const StringSumHelper &left, int right);
StringSumHelper &operator+(const StringSumHelper &left, unsigned int right);
StringSumHelper &operator+(const StringSumHelper &left, long right);
StringSumHelper &operator+(const StringSumHelper &left, unsigned long right);
StringSumHelper &operator+(const StringSumHelper &left, float right);
StringSumHelper &operator+(const StringSumHelper &left, double right);

}  // namespace arduino

using arduino::__FlashStringHelper;
using arduino::String;
#ifdef ARDUINO_ARCH_STM32
using arduino::StringSumHelper;
#endif
#endif
