#include <Arduino.h>

#include "emulated_serial.h"

namespace arduino {

#ifdef ARDUINO_ARCH_STM32
using Port = HardwareSerial;
using Config = uint8_t;
#else
using Port = UART;
using Config = uint16_t;
#endif

void Port::begin(unsigned long baudrate) {
  if (connected_) emulated::serial_set_baud(baudrate);
}
void Port::begin(unsigned long baudrate, Config) { begin(baudrate); }
void Port::end() { begin(0); }
int Port::available() { return connected_ ? emulated::serial_available() : 0; }
int Port::peek() { return connected_ ? emulated::serial_peek() : -1; }
int Port::read() { return connected_ ? emulated::serial_receive() : -1; }
size_t Port::write(uint8_t byte) { return write(&byte, 1); }
size_t Port::write(const uint8_t *buffer, size_t size) {
  if (connected_) emulated::serial_send(buffer, size);
  return size;
}
Port::operator bool() { return connected_ ? emulated::serial_is_open() : true; }

#ifdef ARDUINO_ARCH_STM32
int Port::availableForWrite() { return 63; }  // its buffer, which this line empties at once
#endif

}  // namespace arduino

#ifdef ARDUINO_ARCH_STM32
arduino::HardwareSerial Serial{emulated::HostLine()};

void serialEventRun() {
  if (serialEvent && Serial.available() > 0) serialEvent();
}
#else
arduino::UART _UART_USB_;
arduino::UART _UART1_(PIN_SERIAL_TX, PIN_SERIAL_RX);
#endif
