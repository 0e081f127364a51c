#include "emulated_eeprom.h"

namespace emulated {
namespace {

uint8_t inverted[EEPROM_BYTES];  // so that memory cleared at the start reads as erased

}  // namespace

uint8_t eeprom_byte(uint32_t address) { return static_cast<uint8_t>(~inverted[address]); }

void eeprom_load(uint8_t *bytes) {
  for (uint32_t i = 0; i < EEPROM_BYTES; i++) bytes[i] = eeprom_byte(i);
}

void eeprom_store(const uint8_t *bytes) {
  for (uint32_t i = 0; i < EEPROM_BYTES; i++) inverted[i] = static_cast<uint8_t>(~bytes[i]);
}

}  // namespace emulated
