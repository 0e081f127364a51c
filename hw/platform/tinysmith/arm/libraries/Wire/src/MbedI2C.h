// The mbed core's class of I2C buses, with its ways: an absent device is 1 without data and 2 with data, bytes beyond
// the buffer are dropped, and what was not read stays in front of the next answer.
#pragma once
#include "api/HardwareI2C.h"

namespace arduino {

class MbedI2C : public HardwareI2C {
 public:
  MbedI2C(int sda, int scl);

  void begin() override;
  void begin(uint8_t address) override;
  void end() override { begun_ = false; }
  void setClock(uint32_t frequency) override;
  void beginTransmission(uint8_t address) override;
  uint8_t endTransmission(bool stopBit) override;
  uint8_t endTransmission() override { return endTransmission(true); }
  size_t requestFrom(uint8_t address, size_t length, bool stopBit) override;
  size_t requestFrom(uint8_t address, size_t length) override { return requestFrom(address, length, true); }
  void onReceive(void (*)(int)) override {}
  void onRequest(void (*)()) override {}
  size_t write(uint8_t byte) override;
  virtual size_t write(int byte) { return write(static_cast<uint8_t>(byte)); }
  virtual size_t write(const uint8_t *data, int size);
  using Print::write;
  int available() override { return static_cast<int>(received_ - taken_); }
  int read() override;
  int peek() override { return taken_ < received_ ? receive_[taken_ % BUFFER_BYTES] : -1; }
  void flush() override {}

 private:
  static constexpr size_t BUFFER_BYTES = 256;

  void must_have_begun();

  uint8_t bus_;
  uint8_t address_ = 0;
  bool begun_ = false;
  uint32_t clock_hz_ = 100000;
  size_t sending_ = 0;
  size_t received_ = 0;
  size_t taken_ = 0;
  uint8_t send_[BUFFER_BYTES];
  uint8_t receive_[BUFFER_BYTES];
};

}  // namespace arduino

typedef arduino::MbedI2C TwoWire;

extern arduino::MbedI2C Wire;
#if WIRE_HOWMANY > 1
extern arduino::MbedI2C Wire1;
#endif
