// Serial (to the host) and Serial1 (on pins, nothing is connected).
#pragma once
#include "api/HardwareSerial.h"

namespace arduino {

class SerialPort : public HardwareSerial {
 public:
  explicit SerialPort(bool connected) : connected_(connected) {}

  void begin(unsigned long baudrate) override;
  void begin(unsigned long baudrate, uint16_t config) override;
  void end() override;
  int available() override;
  int peek() override;
  int read() override;
  void flush() override {}
  int availableForWrite() override;
  size_t write(uint8_t byte) override;
  size_t write(const uint8_t *buffer, size_t size) override;
  using Print::write;
  operator bool() override;

 private:
  bool connected_;
};

}  // namespace arduino

extern arduino::SerialPort Serial;
extern arduino::SerialPort Serial1;
