// SPI as the Arduino API has it; nothing is connected, so what comes in is zero.
#pragma once
#include <Arduino.h>

#define SPI_HAS_TRANSACTION 1
#define SPI_MODE0 0x02
#define SPI_MODE1 0x00
#define SPI_MODE2 0x03
#define SPI_MODE3 0x01

namespace arduino {

class SPISettings {
 public:
  SPISettings() {}
  SPISettings(uint32_t, BitOrder, int) {}
};

class SPIClass {
 public:
  void begin() {}
  void end() {}
  void beginTransaction(SPISettings) {}
  void endTransaction() {}
  uint8_t transfer(uint8_t) { return 0; }
  uint16_t transfer16(uint16_t) { return 0; }
  void transfer(void *buffer, size_t count) { memset(buffer, 0, count); }
  void usingInterrupt(int) {}
  void notUsingInterrupt(int) {}
  void attachInterrupt() {}
  void detachInterrupt() {}
};

}  // namespace arduino

using arduino::SPIClass;
using arduino::SPISettings;

static arduino::SPIClass SPI __attribute__((unused));
