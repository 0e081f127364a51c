// SPI of ArduinoCore-API and the mbed core.
#pragma once
#include <Arduino.h>

#define SPI_HAS_TRANSACTION

namespace arduino {

typedef enum { SPI_MODE0 = 0, SPI_MODE1 = 1, SPI_MODE2 = 2, SPI_MODE3 = 3 } SPIMode;
typedef enum { SPI_CONTROLLER = 0, SPI_PERIPHERAL = 1 } SPIBusMode;

class SPISettings {
 public:
  SPISettings(uint32_t clock, BitOrder bitOrder, SPIMode dataMode, SPIBusMode busMode = SPI_CONTROLLER)
      : clock_hz_(clock), order_(bitOrder), mode_(dataMode), bus_mode_(busMode) {}
  SPISettings(uint32_t clock, BitOrder bitOrder, int dataMode, SPIBusMode busMode = SPI_CONTROLLER)
      : SPISettings(clock, bitOrder, static_cast<SPIMode>(dataMode), busMode) {}
  SPISettings() : SPISettings(4000000, MSBFIRST, SPI_MODE0) {}

  bool operator==(const SPISettings &other) const {
    return clock_hz_ == other.clock_hz_ && order_ == other.order_ && mode_ == other.mode_ &&
           bus_mode_ == other.bus_mode_;
  }
  bool operator!=(const SPISettings &other) const { return !(*this == other); }
  uint32_t getClockFreq() const { return clock_hz_; }
  SPIMode getDataMode() const { return mode_; }
  BitOrder getBitOrder() const { return order_; }
  SPIBusMode getBusMode() const { return bus_mode_; }

 private:
  uint32_t clock_hz_;
  BitOrder order_;
  SPIMode mode_;
  SPIBusMode bus_mode_;
};

class HardwareSPI {
 public:
  virtual ~HardwareSPI() {}

  virtual uint8_t transfer(uint8_t data) = 0;
  virtual uint16_t transfer16(uint16_t data) = 0;
  virtual void transfer(void *buffer, size_t count) = 0;
  virtual void usingInterrupt(int interruptNumber) = 0;
  virtual void notUsingInterrupt(int interruptNumber) = 0;
  virtual void beginTransaction(SPISettings settings) = 0;
  virtual void endTransaction() = 0;
  virtual void attachInterrupt() = 0;
  virtual void detachInterrupt() = 0;
  virtual void begin() = 0;
  virtual void end() = 0;
};

typedef HardwareSPI SPIClass;

class MbedSPI : public SPIClass {
 public:
  MbedSPI(int miso, int mosi, int sck) {}

  uint8_t transfer(uint8_t data) override { return data; }
  uint16_t transfer16(uint16_t data) override { return data; }
  void transfer(void *, size_t) override {}
  void usingInterrupt(int) override {}
  void notUsingInterrupt(int) override {}
  void beginTransaction(SPISettings) override {}
  void endTransaction() override {}
  void attachInterrupt() override {}
  void detachInterrupt() override {}
  void begin() override {}
  void end() override {}
};

}  // namespace arduino

extern arduino::MbedSPI SPI;
