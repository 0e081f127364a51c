// The page of flash that holds the storage.
#pragma once
#include <stdint.h>

namespace emulated {

constexpr uint32_t EEPROM_BYTES = 8192;
void eeprom_load(uint8_t *bytes);
void eeprom_store(const uint8_t *bytes);
uint8_t eeprom_byte(uint32_t address);

}  // namespace emulated
