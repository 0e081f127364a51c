#include "SerialPort.h"

#include "emulated_serial.h"

namespace arduino {

void SerialPort::begin(unsigned long baudrate) {
  if (connected_) emulated::serial_set_baud(baudrate);
}
void SerialPort::begin(unsigned long baudrate, uint16_t) { begin(baudrate); }
void SerialPort::end() { begin(0); }
int SerialPort::available() { return connected_ ? emulated::serial_available() : 0; }
int SerialPort::peek() { return connected_ ? emulated::serial_peek() : -1; }
int SerialPort::read() { return connected_ ? emulated::serial_receive() : -1; }
int SerialPort::availableForWrite() { return 64; }
size_t SerialPort::write(uint8_t byte) { return write(&byte, 1); }
size_t SerialPort::write(const uint8_t *buffer, size_t size) {
  if (connected_) emulated::serial_send(buffer, size);
  return size;
}
SerialPort::operator bool() { return connected_ ? emulated::serial_is_open() : true; }

}  // namespace arduino

arduino::SerialPort Serial(true);
arduino::SerialPort Serial1(false);
