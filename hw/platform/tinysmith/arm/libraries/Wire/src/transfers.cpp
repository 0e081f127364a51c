#include "transfers.h"

#include <Arduino.h>

#include "emulated_i2c.h"

namespace emulated {
namespace {

constexpr uint32_t BITS_PER_BYTE = 9;  // with the acknowledgement

void spend_time(size_t bytes, uint32_t clock_hz) {
  delayMicroseconds((bytes + 1) * BITS_PER_BYTE * 1000000ull / clock_hz);  // address included
}

}  // namespace

bool i2c_write(uint8_t bus, uint8_t address, const uint8_t *data, size_t size, uint32_t clock_hz) {
  I2cChip *chip = i2c_find(bus, address);
  spend_time(chip != nullptr ? size : 0, clock_hz);
  if (chip != nullptr) chip->write(data, size);
  return chip != nullptr;
}

bool i2c_read(uint8_t bus, uint8_t address, uint8_t *data, size_t size, uint32_t clock_hz) {
  I2cChip *chip = i2c_find(bus, address);
  spend_time(chip != nullptr ? size : 0, clock_hz);
  if (chip != nullptr) chip->read(data, size);
  return chip != nullptr;
}

}  // namespace emulated
