// SPI of the STM32 core.
#pragma once
#include <Arduino.h>

#define SPI_HAS_TRANSACTION 1
#define SPI_TRANSMITRECEIVE false
#define SPI_TRANSMITONLY true
#define SPI_CLOCK_DIV2 2
#define SPI_CLOCK_DIV4 4
#define SPI_CLOCK_DIV8 8
#define SPI_CLOCK_DIV16 16
#define SPI_CLOCK_DIV32 32
#define SPI_CLOCK_DIV64 64
#define SPI_CLOCK_DIV128 128

typedef enum { SPI_MODE0, SPI_MODE1, SPI_MODE2, SPI_MODE3 } SPIMode;
typedef enum { SPI_MASTER, SPI_SLAVE } SPIDeviceMode;

class SPISettings {
 public:
  constexpr SPISettings(uint32_t clock, BitOrder order, SPIMode mode, SPIDeviceMode device = SPI_MASTER)
      : clock_hz_(clock), order_(order), mode_(mode), device_(device) {}
  constexpr SPISettings(uint32_t clock, BitOrder order, uint8_t mode, SPIDeviceMode device = SPI_MASTER)
      : SPISettings(clock, order, static_cast<SPIMode>(mode), device) {}
  constexpr SPISettings() : SPISettings(4000000, MSBFIRST, SPI_MODE0) {}

  bool operator==(const SPISettings &other) const {
    return clock_hz_ == other.clock_hz_ && order_ == other.order_ && mode_ == other.mode_ && device_ == other.device_;
  }
  bool operator!=(const SPISettings &other) const { return !(*this == other); }

 private:
  uint32_t clock_hz_;
  BitOrder order_;
  SPIMode mode_;
  SPIDeviceMode device_;
};

class SPIClass {
 public:
  SPIClass(uint32_t mosi = MOSI, uint32_t miso = MISO, uint32_t sclk = SCK, uint32_t ssel = PNUM_NOT_DEFINED) {}

  void begin(SPIDeviceMode device = SPI_MASTER) {}
  void end() {}
  void beginTransaction(SPISettings) {}
  void endTransaction() {}
  // What comes in is left out where only sending was asked for.
  uint8_t transfer(uint8_t data, bool skipReceive = SPI_TRANSMITRECEIVE) { return skipReceive ? 0 : data; }
  uint16_t transfer16(uint16_t data, bool skipReceive = SPI_TRANSMITRECEIVE) { return skipReceive ? 0 : data; }
  void transfer(void *buffer, size_t count, bool skipReceive = SPI_TRANSMITRECEIVE) {}
  void transfer(const void *sent, void *received, size_t count) {
    if (sent != nullptr && received != nullptr) memmove(received, sent, count);
  }
  void setBitOrder(BitOrder) {}
  void setDataMode(uint8_t) {}
  void setDataMode(SPIMode) {}
  void setClockDivider(uint8_t) {}
  void usingInterrupt(int) {}
  void notUsingInterrupt(int) {}
  void attachInterrupt() {}
  void detachInterrupt() {}
};

extern SPIClass SPI;
