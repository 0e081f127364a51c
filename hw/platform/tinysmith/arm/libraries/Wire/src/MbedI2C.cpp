#include "Wire.h"

#ifndef ARDUINO_ARCH_STM32

#include "emulated_i2c.h"
#include "emulated_supervisor.h"
#include "transfers.h"

namespace arduino {
namespace {

constexpr uint32_t DEFAULT_HZ = 100000;

}  // namespace

MbedI2C::MbedI2C(int sda, int) : bus_(sda == PIN_WIRE_SDA ? 0 : sda == PIN_WIRE_SDA1 ? 1 : emulated::I2C_BUSES) {}

void MbedI2C::begin() {
  emulated::i2c_start();
  begun_ = true;
  clock_hz_ = DEFAULT_HZ;
}

void MbedI2C::begin(uint8_t) { begin(); }

// The vendor's core goes through a null pointer then.
void MbedI2C::must_have_begun() {
  if (!begun_) emulated::crash("Wire used before its begin()", 0);
}

void MbedI2C::setClock(uint32_t frequency) {
  if (begun_ && frequency > 0) clock_hz_ = frequency;
}

void MbedI2C::beginTransmission(uint8_t address) {
  address_ = address;
  sending_ = 0;
}

size_t MbedI2C::write(uint8_t byte) { return write(&byte, static_cast<int>(sizeof byte)); }

size_t MbedI2C::write(const uint8_t *data, int size) {
  size_t taken = static_cast<size_t>(size) < BUFFER_BYTES - sending_ ? size : BUFFER_BYTES - sending_;
  memcpy(send_ + sending_, data, taken);
  sending_ += taken;
  return taken;
}

uint8_t MbedI2C::endTransmission(bool) {
  constexpr uint8_t NOT_READ = 1;
  constexpr uint8_t NOT_WRITTEN = 2;
  must_have_begun();
  uint8_t probed;  // without data, the core reads a byte to see who is there
  if (sending_ == 0) return emulated::i2c_read(bus_, address_, &probed, 1, clock_hz_) ? 0 : NOT_READ;
  return emulated::i2c_write(bus_, address_, send_, sending_, clock_hz_) ? 0 : NOT_WRITTEN;
}

size_t MbedI2C::requestFrom(uint8_t address, size_t length, bool) {
  must_have_begun();
  uint8_t answer[BUFFER_BYTES];
  if (length > BUFFER_BYTES) length = BUFFER_BYTES;
  if (!emulated::i2c_read(bus_, address, answer, length, clock_hz_)) return 0;
  for (size_t i = 0; i < length && received_ - taken_ < BUFFER_BYTES; i++)
    receive_[received_++ % BUFFER_BYTES] = answer[i];
  return length;
}

int MbedI2C::read() { return taken_ < received_ ? receive_[taken_++ % BUFFER_BYTES] : -1; }

}  // namespace arduino

arduino::MbedI2C Wire(PIN_WIRE_SDA, PIN_WIRE_SCL);
#if WIRE_HOWMANY > 1
arduino::MbedI2C Wire1(PIN_WIRE_SDA1, PIN_WIRE_SCL1);
#endif

#endif
