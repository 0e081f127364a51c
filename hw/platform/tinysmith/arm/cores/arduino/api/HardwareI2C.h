// Interface of I2C buses.
#pragma once
#include "Stream.h"

namespace arduino {

class HardwareI2C : public Stream {
 public:
  virtual void begin() = 0;
  virtual void begin(uint8_t address) = 0;
  virtual void end() = 0;
  virtual void setClock(uint32_t frequency) = 0;
  virtual void beginTransmission(uint8_t address) = 0;
  virtual uint8_t endTransmission(bool stopBit) = 0;
  virtual uint8_t endTransmission() = 0;
  virtual size_t requestFrom(uint8_t address, size_t length, bool stopBit) = 0;
  virtual size_t requestFrom(uint8_t address, size_t length) = 0;
  virtual void onReceive(void (*)(int)) = 0;
  virtual void onRequest(void (*)()) = 0;
};

}  // namespace arduino
