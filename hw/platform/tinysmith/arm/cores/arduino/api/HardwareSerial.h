// Interface of serial ports.
#pragma once
#include "Stream.h"

#define SERIAL_PARITY_EVEN (0x1ul)
#define SERIAL_PARITY_ODD (0x2ul)
#define SERIAL_PARITY_NONE (0x3ul)
#define SERIAL_STOP_BIT_1 (0x10ul)
#define SERIAL_STOP_BIT_2 (0x30ul)
#define SERIAL_DATA_7 (0x300ul)
#define SERIAL_DATA_8 (0x400ul)
#define SERIAL_7N1 (SERIAL_STOP_BIT_1 | SERIAL_PARITY_NONE | SERIAL_DATA_7)
#define SERIAL_8N1 (SERIAL_STOP_BIT_1 | SERIAL_PARITY_NONE | SERIAL_DATA_8)
#define SERIAL_8N2 (SERIAL_STOP_BIT_2 | SERIAL_PARITY_NONE | SERIAL_DATA_8)
#define SERIAL_8E1 (SERIAL_STOP_BIT_1 | SERIAL_PARITY_EVEN | SERIAL_DATA_8)
#define SERIAL_8O1 (SERIAL_STOP_BIT_1 | SERIAL_PARITY_ODD | SERIAL_DATA_8)

namespace arduino {

class HardwareSerial : public Stream {
 public:
  virtual void begin(unsigned long baudrate) = 0;
  virtual void begin(unsigned long baudrate, uint16_t config) = 0;
  virtual void end() = 0;
  virtual int available() = 0;
  virtual int peek() = 0;
  virtual int read() = 0;
  virtual void flush() = 0;
  virtual size_t write(uint8_t byte) = 0;
  using Print::write;
  virtual operator bool() = 0;
};

extern void serialEventRun() __attribute__((weak));

}  // namespace arduino
