// Storage by byte addresses, with the public API of the EEPROM library of the STM32 core 2, which keeps it in flash.
// Here it is erased (0xFF) at the start of each run, so that runs are repeatable.
#pragma once
#include <Arduino.h>

#if defined(ARDUINO_ARCH_MBED)
#error "EEPROM.h: the vendor's core for this board has no EEPROM"
#endif

#define E2END (8192u - 1)  // the last address

// Of the whole storage in one go: changes stay in the buffer until it is flushed.
extern "C" {
uint8_t eeprom_read_byte(uint32_t address);
void eeprom_write_byte(uint32_t address, uint8_t value);
void eeprom_buffer_fill(void);
void eeprom_buffer_flush(void);
uint8_t eeprom_buffered_read_byte(uint32_t address);
void eeprom_buffered_write_byte(uint32_t address, uint8_t value);
}

// A byte of the storage as an object, for EEPROM[i] = value and EEPROM[i] += value.
struct EERef {
  EERef(const int at) : index(at) {}
  uint8_t operator*() const { return eeprom_read_byte(static_cast<uint32_t>(index)); }
  operator uint8_t() const { return **this; }
  EERef &operator=(uint8_t value) {
    eeprom_write_byte(static_cast<uint32_t>(index), value);
    return *this;
  }
  EERef &operator=(const EERef &other) { return *this = *other; }
  EERef &operator+=(uint8_t value) { return *this = static_cast<uint8_t>(**this + value); }
  EERef &operator-=(uint8_t value) { return *this = static_cast<uint8_t>(**this - value); }
  EERef &operator*=(uint8_t value) { return *this = static_cast<uint8_t>(**this * value); }
  EERef &operator/=(uint8_t value) { return *this = static_cast<uint8_t>(**this / value); }
  EERef &operator%=(uint8_t value) { return *this = static_cast<uint8_t>(**this % value); }
  EERef &operator^=(uint8_t value) { return *this = static_cast<uint8_t>(**this ^ value); }
  EERef &operator&=(uint8_t value) { return *this = static_cast<uint8_t>(**this & value); }
  EERef &operator|=(uint8_t value) { return *this = static_cast<uint8_t>(**this | value); }
  EERef &operator<<=(uint8_t value) { return *this = static_cast<uint8_t>(**this << value); }
  EERef &operator>>=(uint8_t value) { return *this = static_cast<uint8_t>(**this >> value); }
  EERef &operator++() { return *this += 1; }
  EERef &operator--() { return *this -= 1; }
  uint8_t operator++(int) {
    uint8_t before = **this;
    ++*this;
    return before;
  }
  uint8_t operator--(int) {
    uint8_t before = **this;
    --*this;
    return before;
  }
  EERef &update(uint8_t value) { return **this != value ? *this = value : *this; }

  int index;
};

// Moves over the bytes: for (EEPtr at = EEPROM.begin(); at != EEPROM.end(); at++) *at = 0;
struct EEPtr {
  EEPtr(const int at) : index(at) {}
  operator int() const { return index; }
  EEPtr &operator=(int at) {
    index = at;
    return *this;
  }
  bool operator!=(const EEPtr &other) { return index != other.index; }
  EERef operator*() { return index; }
  EEPtr &operator++() {
    ++index;
    return *this;
  }
  EEPtr &operator--() {
    --index;
    return *this;
  }
  EEPtr operator++(int) { return index++; }
  EEPtr operator--(int) { return index--; }

  int index;
};

struct EEPROMClass {
  EERef operator[](const int address) { return address; }
  uint8_t read(int address) { return (*this)[address]; }
  void write(int address, uint8_t value) { (*this)[address] = value; }
  void update(int address, uint8_t value) { (*this)[address].update(value); }
  EEPtr begin() { return 0; }
  EEPtr end() { return length(); }
  uint16_t length() { return E2END + 1; }

  template <typename T>
  T &get(int address, T &value) {
    uint8_t *bytes = reinterpret_cast<uint8_t *>(&value);
    for (size_t i = 0; i < sizeof(T); i++) bytes[i] = read(address + static_cast<int>(i));
    return value;
  }

  template <typename T>
  const T &put(int address, const T &value) {
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(&value);
    for (size_t i = 0; i < sizeof(T); i++) update(address + static_cast<int>(i), bytes[i]);
    return value;
  }
};

static EEPROMClass EEPROM __attribute__((unused));
