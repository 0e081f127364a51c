// I2C as the Arduino API has it, on the emulated board's virtual buses.
#pragma once
#include <Arduino.h>

#include "api/HardwareI2C.h"

namespace arduino {

class TwoWire : public HardwareI2C {
 public:
  explicit TwoWire(uint8_t bus) : bus_(bus) {}

  void begin() override;
  void begin(uint8_t address) override;
  void end() override {}
  void setClock(uint32_t frequency) override { clock_hz_ = frequency; }
  void beginTransmission(uint8_t address) override;
  // 0: acknowledged; 1: too much data; 2: nobody has this address.
  uint8_t endTransmission(bool stopBit) override;
  uint8_t endTransmission() override { return endTransmission(true); }
  // Bytes received: 0 when nobody has this address.
  size_t requestFrom(uint8_t address, size_t length, bool stopBit) override;
  size_t requestFrom(uint8_t address, size_t length) override { return requestFrom(address, length, true); }
  void onReceive(void (*)(int)) override {}
  void onRequest(void (*)()) override {}
  size_t write(uint8_t byte) override;
  size_t write(const uint8_t *data, size_t size) override;
  using Print::write;
  int available() override { return static_cast<int>(received_ - taken_); }
  int read() override { return taken_ < received_ ? receive_[taken_++] : -1; }
  int peek() override { return taken_ < received_ ? receive_[taken_] : -1; }
  void flush() override {}

 private:
  static constexpr size_t BUFFER_BYTES = 256;

  void spend_time(size_t bytes);

  uint8_t bus_;
  uint8_t address_ = 0;
  bool overflowed_ = false;
  uint32_t clock_hz_ = 100000;
  size_t sending_ = 0;
  size_t received_ = 0;
  size_t taken_ = 0;
  uint8_t send_[BUFFER_BYTES];
  uint8_t receive_[BUFFER_BYTES];
};

}  // namespace arduino

using arduino::TwoWire;

extern arduino::TwoWire Wire;
#if WIRE_HOWMANY > 1
extern arduino::TwoWire Wire1;
#endif
