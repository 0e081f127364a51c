// Base of everything that text can be read from, with the parsing functions of the Arduino API.
#pragma once
#include "Print.h"

namespace arduino {

// What parseInt() and parseFloat() do with characters before the number.
enum LookaheadMode {
  SKIP_ALL,         // ignore all that cannot begin a number
  SKIP_NONE,        // nothing is skipped; the stream is untouched unless a number begins at once
  SKIP_WHITESPACE,  // only tabs, spaces, line feeds and carriage returns
};

class Stream : public Print {
 public:
  Stream() : _timeout(1000) {}

  virtual int available() = 0;
  virtual int read() = 0;
  virtual int peek() = 0;

  // Longest wait for the next character, in milliseconds.
  void setTimeout(unsigned long timeout) { _timeout = timeout; }
  unsigned long getTimeout() { return _timeout; }

  // Read until the target was found (true), or the time is over or the terminator was found (false).
  bool find(const char *target) { return find(target, strlen(target)); }
  bool find(const uint8_t *target) { return find(reinterpret_cast<const char *>(target)); }
  bool find(const char *target, size_t length) { return findUntil(target, length, nullptr, 0); }
  bool find(const uint8_t *target, size_t length) { return find(reinterpret_cast<const char *>(target), length); }
  bool find(char target) { return find(&target, 1); }
  bool findUntil(const char *target, const char *terminator);
  bool findUntil(const uint8_t *target, const char *terminator) {
    return findUntil(reinterpret_cast<const char *>(target), terminator);
  }
  bool findUntil(const char *target, size_t targetLength, const char *terminator, size_t terminatorLength);
  bool findUntil(const uint8_t *target, size_t targetLength, const char *terminator, size_t terminatorLength) {
    return findUntil(reinterpret_cast<const char *>(target), targetLength, terminator, terminatorLength);
  }

  // The next number; 0 when the time is over. Characters equal to `ignore` within it are skipped.
  long parseInt(LookaheadMode lookahead = SKIP_ALL, char ignore = NO_IGNORE_CHAR);
  float parseFloat(LookaheadMode lookahead = SKIP_ALL, char ignore = NO_IGNORE_CHAR);

  // Number of characters read: fewer than `length` when the time is over.
  size_t readBytes(char *buffer, size_t length);
  size_t readBytes(uint8_t *buffer, size_t length) { return readBytes(reinterpret_cast<char *>(buffer), length); }
  size_t readBytesUntil(char terminator, char *buffer, size_t length);
  size_t readBytesUntil(char terminator, uint8_t *buffer, size_t length) {
    return readBytesUntil(terminator, reinterpret_cast<char *>(buffer), length);
  }

  String readString();
  String readStringUntil(char terminator);

 protected:
  static constexpr char NO_IGNORE_CHAR = '\x01';  // never part of a number

  unsigned long _timeout;

  // The next character, or -1 when the time is over.
  int timedRead();
  int timedPeek();
  int peekNextDigit(LookaheadMode lookahead, bool detectDecimal);
  long parseInt(char ignore) { return parseInt(SKIP_ALL, ignore); }
  float parseFloat(char ignore) { return parseFloat(SKIP_ALL, ignore); }
};

}  // namespace arduino

using arduino::Stream;
