#include "Wire.h"

#include "emulated_i2c.h"

namespace arduino {
namespace {

constexpr uint32_t BITS_PER_BYTE = 9;  // with the acknowledgement

}  // namespace

void TwoWire::begin() { emulated::i2c_start(); }
void TwoWire::begin(uint8_t) { begin(); }

// A transfer blocks for as long as the bus takes, address included.
void TwoWire::spend_time(size_t bytes) { delayMicroseconds((bytes + 1) * BITS_PER_BYTE * 1000000ull / clock_hz_); }

void TwoWire::beginTransmission(uint8_t address) {
  address_ = address;
  sending_ = 0;
  overflowed_ = false;
}

size_t TwoWire::write(uint8_t byte) { return write(&byte, 1); }

size_t TwoWire::write(const uint8_t *data, size_t size) {
  size_t taken = size < BUFFER_BYTES - sending_ ? size : BUFFER_BYTES - sending_;
  memcpy(send_ + sending_, data, taken);
  sending_ += taken;
  if (taken < size) overflowed_ = true;
  return taken;
}

uint8_t TwoWire::endTransmission(bool) {
  constexpr uint8_t TOO_LONG = 1;
  constexpr uint8_t NOT_ACKNOWLEDGED = 2;
  if (overflowed_) return TOO_LONG;
  emulated::I2cChip *chip = emulated::i2c_find(bus_, address_);
  spend_time(chip != nullptr ? sending_ : 0);
  if (chip == nullptr) return NOT_ACKNOWLEDGED;
  chip->write(send_, sending_);
  return 0;
}

size_t TwoWire::requestFrom(uint8_t address, size_t length, bool) {
  received_ = 0;
  taken_ = 0;
  emulated::I2cChip *chip = emulated::i2c_find(bus_, address);
  if (length > BUFFER_BYTES) length = BUFFER_BYTES;
  spend_time(chip != nullptr ? length : 0);
  if (chip == nullptr) return 0;
  chip->read(receive_, length);
  received_ = length;
  return length;
}

}  // namespace arduino

arduino::TwoWire Wire(0);
#if WIRE_HOWMANY > 1
arduino::TwoWire Wire1(1);
#endif
