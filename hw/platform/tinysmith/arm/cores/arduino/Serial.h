// Serial (to the host) and, on the Nano, Serial1 (on pins, nothing is connected).
#pragma once
#include "api/HardwareSerial.h"

#ifdef ARDUINO_ARCH_STM32

// The generic `Serial` is one of the chip's ports; the others do not exist unless the build enables them.
#if SERIAL_UART_INSTANCE == 3
#define Serial Serial3
#define serialEvent serialEvent3
#elif SERIAL_UART_INSTANCE == 4
#define Serial Serial4
#define serialEvent serialEvent4
#endif
extern arduino::HardwareSerial Serial;
extern void serialEvent() __attribute__((weak));

#else

namespace arduino {

class UART : public HardwareSerial {
 public:
  UART() : connected_(true) {}
  UART(int tx, int rx, int rts = -1, int cts = -1) : connected_(false) {}

  void begin(unsigned long baudrate) override;
  void begin(unsigned long baudrate, uint16_t config) override;
  void end() override;
  int available() override;
  int peek() override;
  int read() override;
  void flush() override {}
  size_t write(uint8_t byte) override;
  size_t write(const uint8_t *buffer, size_t size) override;
  using Print::write;
  operator bool() override;

 private:
  bool connected_;
};

}  // namespace arduino

extern arduino::UART _UART_USB_;
extern arduino::UART _UART1_;
#define Serial _UART_USB_
#define SerialUSB _UART_USB_
#define Serial1 _UART1_

#endif
