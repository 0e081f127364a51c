#include "emulated_i2c.h"

#include <math.h>

#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_stimuli.h"

namespace emulated {
namespace {

bool started;

template <class Action>
void for_each_chip(Action action) {
  for (auto &bus : i2c_chips)
    for (I2cChip *const *chip = bus; *chip != nullptr; chip++) action(**chip);
}

void tick_chips(uint32_t now_ms) {
  if (world.silent) return;
  for_each_chip([now_ms](I2cChip &chip) { chip.tick(now_ms); });
}

float clamp(float value, float low, float high) { return value < low ? low : value > high ? high : value; }

}  // namespace

void i2c_start() {
  if (started) return;
  started = true;
  for_each_chip([](I2cChip &chip) { chip.reset(); });
  clock_add_listener(tick_chips);
}

I2cChip *i2c_find(uint8_t bus, uint8_t address) {
  if (bus >= I2C_BUSES) return nullptr;
  for (I2cChip *const *chip = i2c_chips[bus]; *chip != nullptr; chip++)
    if ((*chip)->address() == address) return *chip;
  return nullptr;
}

void I2cChip::write(const uint8_t *data, size_t size) {
  TickLock lock;
  if (size == 0) return;
  pointer_ = select(data[0]);
  for (size_t i = 1; i < size; i++) {
    on_write(pointer_, data[i]);
    pointer_ = following(pointer_);
  }
}

void I2cChip::read(uint8_t *data, size_t size) {
  TickLock lock;
  for (size_t i = 0; i < size; i++) {
    data[i] = on_read(pointer_);
    pointer_ = following(pointer_);
  }
}

void I2cChip::set_int16(uint8_t reg, float value) {
  int16_t count = static_cast<int16_t>(lroundf(clamp(value, -32768, 32767)));
  registers_[reg] = static_cast<uint8_t>(count);
  registers_[reg + 1] = static_cast<uint8_t>(count >> 8);
}

void I2cChip::set_uint16(uint8_t reg, float value, uint16_t largest) {
  uint16_t count = static_cast<uint16_t>(lroundf(clamp(value, 0, largest)));
  registers_[reg] = static_cast<uint8_t>(count);
  registers_[reg + 1] = static_cast<uint8_t>(count >> 8);
}

}  // namespace emulated
