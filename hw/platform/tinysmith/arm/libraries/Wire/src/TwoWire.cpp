#include "Wire.h"

#ifdef ARDUINO_ARCH_STM32

#include "emulated_i2c.h"
#include "transfers.h"

TwoWire::TwoWire(uint32_t sda, uint32_t) : bus_(sda == SDA ? 0 : emulated::I2C_BUSES) {}

void TwoWire::begin(bool) {
  emulated::i2c_start();
  begun_ = true;
}

void TwoWire::begin(uint32_t sda, uint32_t) {
  bus_ = sda == SDA ? 0 : emulated::I2C_BUSES;
  begin();
}

void TwoWire::setClock(uint32_t frequency) {
  if (frequency > 0) clock_hz_ = frequency;
}

void TwoWire::beginTransmission(uint8_t address) {
  address_ = address;
  sending_ = 0;
  overflowed_ = false;
}

size_t TwoWire::write(uint8_t byte) { return write(&byte, 1); }

size_t TwoWire::write(const uint8_t *data, size_t size) {
  overflowed_ = overflowed_ || size > SEND_BYTES - sending_;
  if (size > SEND_BYTES - sending_) return 0;
  memcpy(send_ + sending_, data, size);
  sending_ += size;
  return size;
}

uint8_t TwoWire::endTransmission(uint8_t) {
  constexpr uint8_t TOO_LONG = 1;
  constexpr uint8_t NOT_ACKNOWLEDGED = 2;
  constexpr uint8_t NOT_BEGUN = 4;
  if (!begun_) return NOT_BEGUN;
  if (overflowed_) return TOO_LONG;
  return emulated::i2c_write(bus_, address_, send_, sending_, clock_hz_) ? 0 : NOT_ACKNOWLEDGED;
}

uint8_t TwoWire::requestFrom(uint8_t address, uint8_t length) {
  taken_ = 0;
  received_ = begun_ && emulated::i2c_read(bus_, address, receive_, length, clock_hz_) ? length : 0;
  return static_cast<uint8_t>(received_);
}

TwoWire Wire;

#endif
