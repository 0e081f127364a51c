#include "Stream.h"

#include "Common.h"
#include "emulated_clock.h"
#include "emulated_machine.h"

namespace arduino {
namespace {

// Input arrives at a tick, so sleeping up to one changes nothing but the host's time.
void waitForInput(unsigned long until_ms) {
  if (emulated::in_interrupt()) return;
  yield();
  emulated::clock_sleep(until_ms);
}

bool isBlank(int c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

int Stream::timedRead() {
  unsigned long start = millis();
  do {
    int c = read();
    if (c >= 0) return c;
    waitForInput(start + _timeout);
  } while (millis() - start < _timeout);
  return -1;
}

int Stream::timedPeek() {
  unsigned long start = millis();
  do {
    int c = peek();
    if (c >= 0) return c;
    waitForInput(start + _timeout);
  } while (millis() - start < _timeout);
  return -1;
}

int Stream::peekNextDigit(LookaheadMode lookahead, bool detectDecimal) {
  for (;;) {
    int c = timedPeek();
    if (c < 0 || c == '-' || (c >= '0' && c <= '9') || (detectDecimal && c == '.')) return c;
    if (lookahead == SKIP_NONE) return -1;
    if (lookahead == SKIP_WHITESPACE && !isBlank(c)) return -1;
    read();
  }
}

long Stream::parseInt(LookaheadMode lookahead, char ignore) {
  bool negative = false;
  long value = 0;
  int c = peekNextDigit(lookahead, false);
  if (c < 0) return 0;
  do {
    if (c == '-')
      negative = true;
    else if (c >= '0' && c <= '9')
      value = value * 10 + c - '0';
    read();
    c = timedPeek();
  } while ((c >= '0' && c <= '9') || c == ignore);
  return negative ? -value : value;
}

float Stream::parseFloat(LookaheadMode lookahead, char ignore) {
  bool negative = false;
  bool isFraction = false;
  double value = 0.0;
  double fraction = 1.0;
  int c = peekNextDigit(lookahead, true);
  if (c < 0) return 0;
  do {
    if (c == '-') {
      negative = true;
    } else if (c == '.') {
      isFraction = true;
    } else if (c >= '0' && c <= '9') {
      if (isFraction) {
        fraction *= 0.1;
        value += fraction * (c - '0');
      } else {
        value = value * 10 + c - '0';
      }
    }
    read();
    c = timedPeek();
  } while ((c >= '0' && c <= '9') || (c == '.' && !isFraction) || c == ignore);
  return static_cast<float>(negative ? -value : value);
}

size_t Stream::readBytes(char *buffer, size_t length) {
  size_t count = 0;
  while (count < length) {
    int c = timedRead();
    if (c < 0) break;
    buffer[count++] = static_cast<char>(c);
  }
  return count;
}

size_t Stream::readBytesUntil(char terminator, char *buffer, size_t length) {
  size_t count = 0;
  while (count < length) {
    int c = timedRead();
    if (c < 0 || static_cast<char>(c) == terminator) break;
    buffer[count++] = static_cast<char>(c);
  }
  return count;
}

String Stream::readString() {
  String text;
  for (int c = timedRead(); c >= 0; c = timedRead()) text += static_cast<char>(c);
  return text;
}

String Stream::readStringUntil(char terminator) {
  String text;
  for (int c = timedRead(); c >= 0 && static_cast<char>(c) != terminator; c = timedRead())
    text += static_cast<char>(c);
  return text;
}

bool Stream::findUntil(const char *target, const char *terminator) {
  return findUntil(target, strlen(target), terminator, terminator == nullptr ? 0 : strlen(terminator));
}

namespace {

// Length of the longest start of `pattern` that ends what has been read, after one more character.
size_t advance(const char *pattern, size_t matched, char c) {
  if (c == pattern[matched]) return matched + 1;
  while (matched > 0) {
    // The next shorter start which is also an end of what matched so far.
    size_t shorter = matched - 1;
    while (shorter > 0 && memcmp(pattern, pattern + matched - shorter, shorter) != 0) shorter--;
    matched = shorter;
    if (c == pattern[matched]) return matched + 1;
  }
  return 0;
}

}  // namespace

bool Stream::findUntil(const char *target, size_t targetLength, const char *terminator, size_t terminatorLength) {
  if (targetLength == 0) return true;
  size_t found = 0;
  size_t ended = 0;
  for (int c = timedRead(); c >= 0; c = timedRead()) {
    found = advance(target, found, static_cast<char>(c));
    if (found == targetLength) return true;
    if (terminatorLength == 0) continue;
    ended = advance(terminator, ended, static_cast<char>(c));
    if (ended == terminatorLength) return false;
  }
  return false;
}

}  // namespace arduino
