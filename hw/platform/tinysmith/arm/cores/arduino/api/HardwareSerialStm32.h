// The STM32 core's class of serial ports. One is the host's line; those on other pins have nothing connected.
#pragma once
#include "Stream.h"

#define SERIAL_7N1 0x04
#define SERIAL_7N2 0x0C
#define SERIAL_6E1 0x22
#define SERIAL_6E2 0x2A
#define SERIAL_6O1 0x32
#define SERIAL_6O2 0x3A
#define SERIAL_8N1 0x06
#define SERIAL_8N2 0x0E
#define SERIAL_7E1 0x24
#define SERIAL_8E1 0x26
#define SERIAL_7E2 0x2C
#define SERIAL_8E2 0x2E
#define SERIAL_7O1 0x34
#define SERIAL_8O1 0x36
#define SERIAL_7O2 0x3C
#define SERIAL_8O2 0x3E

namespace emulated {
struct HostLine {};
}  // namespace emulated

namespace arduino {

class HardwareSerial : public Stream {
 public:
  explicit HardwareSerial(emulated::HostLine) : connected_(true) {}
  HardwareSerial(uint32_t rx, uint32_t tx, uint32_t rts = NOT_CONNECTED, uint32_t cts = NOT_CONNECTED)
      : connected_(false) {}

  void begin(unsigned long baud);
  void begin(unsigned long baud, uint8_t config);
  void end();
  int available() override;
  int peek() override;
  int read() override;
  int availableForWrite() override;
  void flush() override {}
  size_t write(uint8_t byte) override;
  size_t write(const uint8_t *buffer, size_t size) override;
  size_t write(unsigned long n) { return write(static_cast<uint8_t>(n)); }
  size_t write(long n) { return write(static_cast<uint8_t>(n)); }
  size_t write(unsigned int n) { return write(static_cast<uint8_t>(n)); }
  size_t write(int n) { return write(static_cast<uint8_t>(n)); }
  using Print::write;
  operator bool();

 private:
  static constexpr uint32_t NOT_CONNECTED = 0xFF;

  bool connected_;
};

}  // namespace arduino

using arduino::HardwareSerial;

// After each loop(): calls the sketch's serialEvent() when something came.
extern void serialEventRun();
