// Transfers over a virtual bus. They block for as long as the bus takes.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulated {

// False: nobody has this address.
bool i2c_write(uint8_t bus, uint8_t address, const uint8_t *data, size_t size, uint32_t clock_hz);
bool i2c_read(uint8_t bus, uint8_t address, uint8_t *data, size_t size, uint32_t clock_hz);

}  // namespace emulated
