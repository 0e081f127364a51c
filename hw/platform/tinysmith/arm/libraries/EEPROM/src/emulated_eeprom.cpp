#include "EEPROM.h"

namespace emulated {
namespace {

uint8_t inverted[EEPROM_BYTES];  // so that memory cleared at the start reads as erased

bool exists(int address) { return address >= 0 && address < EEPROM_BYTES; }

}  // namespace

uint8_t eeprom_read(int address) { return exists(address) ? static_cast<uint8_t>(~inverted[address]) : 0xFF; }

void eeprom_write(int address, uint8_t value) {
  if (exists(address)) inverted[address] = static_cast<uint8_t>(~value);
}

}  // namespace emulated
