// ST LPS22HB: air pressure and temperature. Source: data sheet DocID027083.
#pragma once
#include "emulated_i2c.h"

namespace emulated {

class Lps22hb : public I2cChip {
 public:
  constexpr Lps22hb() : I2cChip(0x5C), elapsed_us_(0) {}

  void reset() override;
  void tick(uint32_t now_ms) override;

 protected:
  uint8_t on_read(uint8_t reg) override;
  void on_write(uint8_t reg, uint8_t value) override;

 private:
  void convert();

  uint32_t elapsed_us_;
};

}  // namespace emulated
