// The STM32 core's class of I2C buses.
#pragma once
#include <Arduino.h>

class TwoWire : public Stream {
 public:
  TwoWire(uint32_t sda = SDA, uint32_t scl = SCL);

  void begin(bool generalCall = false);
  void begin(uint32_t sda, uint32_t scl);
  void end() { begun_ = false; }
  void setClock(uint32_t frequency);
  void beginTransmission(uint8_t address);
  void beginTransmission(int address) { beginTransmission(static_cast<uint8_t>(address)); }
  // 0: acknowledged; 1: too much data; 2: nobody has this address; 4: begin() was not called.
  uint8_t endTransmission() { return endTransmission(static_cast<uint8_t>(true)); }
  uint8_t endTransmission(uint8_t stopBit);
  // Bytes received: 0 when nobody has this address.
  uint8_t requestFrom(uint8_t address, uint8_t length);
  uint8_t requestFrom(uint8_t address, uint8_t length, uint8_t) { return requestFrom(address, length); }
  uint8_t requestFrom(uint8_t address, size_t length, bool) { return requestFrom(address, static_cast<uint8_t>(length)); }
  uint8_t requestFrom(int address, int length) {
    return requestFrom(static_cast<uint8_t>(address), static_cast<uint8_t>(length));
  }
  uint8_t requestFrom(int address, int length, int) { return requestFrom(address, length); }
  size_t write(uint8_t byte) override;
  size_t write(const uint8_t *data, size_t size) override;
  size_t write(unsigned long n) { return write(static_cast<uint8_t>(n)); }
  size_t write(long n) { return write(static_cast<uint8_t>(n)); }
  size_t write(unsigned int n) { return write(static_cast<uint8_t>(n)); }
  size_t write(int n) { return write(static_cast<uint8_t>(n)); }
  using Print::write;
  int available() override { return static_cast<int>(received_ - taken_); }
  int read() override { return taken_ < received_ ? receive_[taken_++] : -1; }
  int peek() override { return taken_ < received_ ? receive_[taken_] : -1; }
  void flush() override {}

 private:
  static constexpr size_t SEND_BYTES = 1024;
  static constexpr size_t RECEIVE_BYTES = 255;

  uint8_t bus_;
  uint8_t address_ = 0;
  bool begun_ = false;
  bool overflowed_ = false;
  uint32_t clock_hz_ = 100000;
  size_t sending_ = 0;
  size_t received_ = 0;
  size_t taken_ = 0;
  uint8_t send_[SEND_BYTES];
  uint8_t receive_[RECEIVE_BYTES];
};

extern TwoWire Wire;
