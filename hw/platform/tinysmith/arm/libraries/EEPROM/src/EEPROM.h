// Storage by byte addresses, with the API of Arduino's EEPROM library, as the STM32 core has it in a page of flash.
// Here it is erased (0xFF) at the start of each run, so that runs are repeatable.
#pragma once
#include <Arduino.h>

#if defined(ARDUINO_ARCH_MBED)
#error "EEPROM.h: the vendor's core for this board has no EEPROM"
#endif

namespace emulated {

constexpr uint16_t EEPROM_BYTES = 4096;
uint8_t eeprom_read(int address);
void eeprom_write(int address, uint8_t value);

}  // namespace emulated

// A byte of the storage as an object, for EEPROM[i] = value and EEPROM[i] += value.
class EERef {
 public:
  explicit EERef(int address) : address_(address) {}
  operator uint8_t() const { return emulated::eeprom_read(address_); }
  EERef &operator=(uint8_t value) {
    emulated::eeprom_write(address_, value);
    return *this;
  }
  EERef &operator=(const EERef &other) { return *this = static_cast<uint8_t>(other); }
  EERef &operator+=(uint8_t value) { return *this = static_cast<uint8_t>(*this + value); }
  EERef &operator-=(uint8_t value) { return *this = static_cast<uint8_t>(*this - value); }
  EERef &operator++() { return *this += 1; }
  EERef &operator--() { return *this -= 1; }
  EERef &update(uint8_t value) { return *this != value ? *this = value : *this; }

 private:
  int address_;
};

struct EEPROMClass {
  EERef operator[](int address) { return EERef(address); }
  uint8_t read(int address) { return emulated::eeprom_read(address); }
  void write(int address, uint8_t value) { emulated::eeprom_write(address, value); }
  void update(int address, uint8_t value) { EERef(address).update(value); }
  void begin() {}
  void end() {}
  uint16_t length() { return emulated::EEPROM_BYTES; }

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
