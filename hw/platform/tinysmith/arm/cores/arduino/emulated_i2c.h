// Virtual I2C buses and the chips on them. Which chips there are says emulated_devices.cpp of the variant.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulated {

// A chip with 8-bit registers: the first byte written selects one, the following are written, reads continue there.
class I2cChip {
 public:
  constexpr explicit I2cChip(uint8_t address) : address_(address), pointer_(0), registers_{} {}

  uint8_t address() const { return address_; }
  void write(const uint8_t *data, size_t size);
  void read(uint8_t *data, size_t size);
  // State after power-on.
  virtual void reset() = 0;
  // Called every millisecond once the bus is in use.
  virtual void tick(uint32_t now_ms) = 0;

 protected:
  // Register that the selecting byte means (some chips keep a flag in its top bit), and the one that follows another.
  virtual uint8_t select(uint8_t byte) { return byte; }
  virtual uint8_t following(uint8_t reg) const { return static_cast<uint8_t>(reg + 1); }
  virtual uint8_t on_read(uint8_t reg) { return registers_[reg]; }
  virtual void on_write(uint8_t reg, uint8_t value) { registers_[reg] = value; }

  // A value as two bytes, low first, rounded and saturated as an ADC does.
  void set_int16(uint8_t reg, float value);
  void set_uint16(uint8_t reg, float value, uint16_t largest);

  uint8_t address_;
  uint8_t pointer_;
  uint8_t registers_[256];
};

constexpr uint8_t I2C_BUSES = 2;
constexpr uint8_t I2C_MAX_CHIPS = 8;

// The chips on each bus, up to a null pointer; defined by the variant.
extern I2cChip *const i2c_chips[I2C_BUSES][I2C_MAX_CHIPS + 1];

// Powers the chips up, once.
void i2c_start();
// The chip that acknowledges `address`, or nullptr.
I2cChip *i2c_find(uint8_t bus, uint8_t address);

}  // namespace emulated
