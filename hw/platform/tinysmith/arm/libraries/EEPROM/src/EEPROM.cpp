#include "EEPROM.h"

#include "emulated_eeprom.h"

namespace {

// In the firmware's RAM, as in the vendor's core: flash is only written page by page.
uint8_t buffer[E2END + 1];
static_assert(sizeof buffer == emulated::EEPROM_BYTES, "the page and its buffer differ");

}  // namespace

extern "C" {

uint8_t eeprom_read_byte(uint32_t address) { return address <= E2END ? emulated::eeprom_byte(address) : 0xFF; }

void eeprom_write_byte(uint32_t address, uint8_t value) {
  eeprom_buffer_fill();
  eeprom_buffered_write_byte(address, value);
  eeprom_buffer_flush();
}

void eeprom_buffer_fill(void) { emulated::eeprom_load(buffer); }
void eeprom_buffer_flush(void) { emulated::eeprom_store(buffer); }
uint8_t eeprom_buffered_read_byte(uint32_t address) { return address <= E2END ? buffer[address] : 0xFF; }

void eeprom_buffered_write_byte(uint32_t address, uint8_t value) {
  if (address <= E2END) buffer[address] = value;
}

}  // extern "C"
