// Bosch BMM150: magnetometer. Source: data sheet BST-BMM150-DS001, compensation formulas of its driver.
#pragma once
#include "emulated_i2c.h"

namespace emulated {

class Bmm150 : public I2cChip {
 public:
  constexpr Bmm150() : I2cChip(0x10), elapsed_us_(0) {}

  void reset() override;
  void tick(uint32_t now_ms) override;

 protected:
  uint8_t on_read(uint8_t reg) override;
  void on_write(uint8_t reg, uint8_t value) override;

 private:
  bool powered() const;
  void measure();

  uint32_t elapsed_us_;
};

}  // namespace emulated
