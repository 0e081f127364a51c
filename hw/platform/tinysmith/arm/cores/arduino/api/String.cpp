#include "String.h"

#include "itoa.h"

namespace arduino {
namespace {

constexpr size_t INTEGER_TEXT = 8 * sizeof(long) + 2;  // base 2 with sign and zero

}  // namespace

String::String(const char *text) {
  init();
  if (text) copy(text, strlen(text));
}

#ifndef ARDUINO_ARCH_STM32
String::String(const char *text, unsigned int length) {
  init();
  if (text) copy(text, length);
}
#endif

String::String(const String &other) {
  init();
  *this = other;
}

String::String(String &&other) {
  init();
  move(other);
}

String::String(char c) {
  init();
  copy(&c, 1);
}

String::String(unsigned char n, unsigned char base) : String(static_cast<unsigned long>(n), base) {}
String::String(int n, unsigned char base) : String(static_cast<long>(n), base) {}
String::String(unsigned int n, unsigned char base) : String(static_cast<unsigned long>(n), base) {}

String::String(long n, unsigned char base) {
  char text[INTEGER_TEXT];
  init();
  *this = ltoa(n, text, base);
}

String::String(unsigned long n, unsigned char base) {
  char text[INTEGER_TEXT];
  init();
  *this = ultoa(n, text, base);
}

String::~String() { free(buffer); }

void String::init() {
  buffer = nullptr;
  capacity = 0;
  len = 0;
}

void String::invalidate() {
  free(buffer);
  init();
}

bool String::changeBuffer(unsigned int maxLength) {
  char *grown = static_cast<char *>(realloc(buffer, maxLength + 1));
  if (!grown) return false;
  buffer = grown;
  capacity = maxLength;
  return true;
}

bool String::reserve(unsigned int size) {
  if (buffer && capacity >= size) return true;
  if (!changeBuffer(size)) return false;
  if (len == 0) buffer[0] = '\0';
  return true;
}

String &String::copy(const char *text, unsigned int length) {
  if (!reserve(length)) {
    invalidate();
    return *this;
  }
  memmove(buffer, text, length);
  len = length;
  buffer[len] = '\0';
  return *this;
}

void String::move(String &other) {
  if (this == &other) return;
  free(buffer);
  buffer = other.buffer;
  capacity = other.capacity;
  len = other.len;
  other.init();
}

String &String::operator=(const String &other) {
  if (this == &other) return *this;
  if (other.buffer)
    copy(other.buffer, other.len);
  else
    invalidate();
  return *this;
}

String &String::operator=(const char *text) {
  if (text)
    copy(text, strlen(text));
  else
    invalidate();
  return *this;
}

String &String::operator=(String &&other) {
  move(other);
  return *this;
}

bool String::append(const char *text, unsigned int length) {
  if (!text) return false;
  if (length == 0) return true;
  // The text may lie in this very buffer, which moves when it grows.
  bool own = buffer && text >= buffer && text <= buffer + len;
  size_t offset = own ? static_cast<size_t>(text - buffer) : 0;
  unsigned int total = len + length;
  if (!reserve(total)) return false;
  memmove(buffer + len, own ? buffer + offset : text, length);
  len = total;
  buffer[len] = '\0';
  return true;
}

bool String::concat(const String &other) { return append(other.buffer, other.len); }
bool String::concat(const char *text) { return text && append(text, strlen(text)); }

int String::compare(const char *text) const {
  bool empty = !text || !*text;
  if (!buffer || len == 0) return empty ? 0 : -static_cast<unsigned char>(*text);
  if (empty) return static_cast<unsigned char>(buffer[0]);
  return strcmp(buffer, text);
}

bool String::equalsIgnoreCase(const String &other) const {
  if (len != other.len) return false;
  for (unsigned int i = 0; i < len; i++)
    if (tolower(buffer[i]) != tolower(other.buffer[i])) return false;
  return true;
}

bool String::startsWith(const String &prefix, unsigned int offset) const {
  if (!buffer || !prefix.buffer || prefix.len > len || offset > len - prefix.len) return false;
  return memcmp(buffer + offset, prefix.buffer, prefix.len) == 0;
}

bool String::endsWith(const String &suffix) const {
  if (!buffer || !suffix.buffer || len < suffix.len) return false;
  return memcmp(buffer + len - suffix.len, suffix.buffer, suffix.len) == 0;
}

void String::setCharAt(unsigned int index, char c) {
  if (index < len) buffer[index] = c;
}

char String::operator[](unsigned int index) const { return index < len ? buffer[index] : '\0'; }

char &String::operator[](unsigned int index) {
  static char nowhere;
  if (index < len) return buffer[index];
  nowhere = '\0';
  return nowhere;
}

void String::getBytes(unsigned char *bytes, unsigned int size, unsigned int index) const {
  if (!size || !bytes) return;
  unsigned int count = index < len ? len - index : 0;
  if (count > size - 1) count = size - 1;
  if (count > 0) memcpy(bytes, buffer + index, count);
  bytes[count] = '\0';
}

int String::indexOf(char c, unsigned int from) const {
  if (from >= len) return -1;
  const void *found = memchr(buffer + from, c, len - from);
  return found ? static_cast<int>(static_cast<const char *>(found) - buffer) : -1;
}

int String::indexOf(const String &text, unsigned int from) const {
  if (from >= len || !text.buffer) return -1;
  const char *found = strstr(buffer + from, text.buffer);
  return found ? static_cast<int>(found - buffer) : -1;
}

int String::lastIndexOf(char c, unsigned int from) const {
  if (from >= len) return -1;
  for (int i = static_cast<int>(from); i >= 0; i--)
    if (buffer[i] == c) return i;
  return -1;
}

int String::lastIndexOf(const String &text, unsigned int from) const {
  if (text.len == 0 || len == 0 || text.len > len) return -1;
  if (from > len - text.len) from = len - text.len;
  for (int i = static_cast<int>(from); i >= 0; i--)
    if (memcmp(buffer + i, text.buffer, text.len) == 0) return i;
  return -1;
}

String String::substring(unsigned int begin, unsigned int end) const {
  if (begin > end) {
    unsigned int swapped = end;
    end = begin;
    begin = swapped;
  }
  if (begin >= len) return String();
  if (end > len) end = len;
  String part;
  part.copy(buffer + begin, end - begin);
  return part;
}

void String::replace(char find, char replacement) {
  for (unsigned int i = 0; i < len; i++)
    if (buffer[i] == find) buffer[i] = replacement;
}

void String::replace(const String &find, const String &replacement) {
  if (len == 0 || find.len == 0) return;
  String result;
  unsigned int position = 0;
  for (int found = indexOf(find, 0); found >= 0; found = indexOf(find, position)) {
    result.append(buffer + position, static_cast<unsigned int>(found) - position);
    result.concat(replacement);
    position = static_cast<unsigned int>(found) + find.len;
  }
  if (position == 0) return;
  result.append(buffer + position, len - position);
  move(result);
}

void String::remove(unsigned int index, unsigned int count) {
  if (index >= len || count == 0) return;
  if (count > len - index) count = len - index;
  len -= count;
  memmove(buffer + index, buffer + index + count, len - index);
  buffer[len] = '\0';
}

void String::toLowerCase() {
  for (unsigned int i = 0; i < len; i++) buffer[i] = static_cast<char>(tolower(buffer[i]));
}

void String::toUpperCase() {
  for (unsigned int i = 0; i < len; i++) buffer[i] = static_cast<char>(toupper(buffer[i]));
}

void String::trim() {
  if (!buffer || len == 0) return;
  unsigned int begin = 0;
  unsigned int end = len;
  while (begin < end && isspace(buffer[begin])) begin++;
  while (end > begin && isspace(buffer[end - 1])) end--;
  len = end - begin;
  memmove(buffer, buffer + begin, len);
  buffer[len] = '\0';
}

namespace {

template <class T>
StringSumHelper &append(const StringSumHelper &left, const T &right) {
  StringSumHelper &sum = const_cast<StringSumHelper &>(left);  // a temporary by design of the API
  sum.concat(right);
  return sum;
}

}  // namespace

StringSumHelper &operator+(const StringSumHelper &left, const String &right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, const char *right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, const __FlashStringHelper *right) {
  return append(left, right);
}
StringSumHelper &operator+(const StringSumHelper &left, char right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, unsigned char right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, int right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, unsigned int right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, long right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, unsigned long right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, float right) { return append(left, right); }
StringSumHelper &operator+(const StringSumHelper &left, double right) { return append(left, right); }

}  // namespace arduino
