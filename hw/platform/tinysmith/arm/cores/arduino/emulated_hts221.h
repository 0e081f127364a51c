// ST HTS221: temperature and humidity. Source: data sheet DocID026333.
#pragma once
#include "emulated_i2c.h"

namespace emulated {

class Hts221 : public I2cChip {
 public:
  constexpr Hts221() : I2cChip(0x5F), elapsed_us_(0), increments_(false) {}

  void reset() override;
  void tick(uint32_t now_ms) override;

 protected:
  uint8_t select(uint8_t byte) override;
  uint8_t following(uint8_t reg) const override { return static_cast<uint8_t>(increments_ ? reg + 1 : reg); }
  uint8_t on_read(uint8_t reg) override;
  void on_write(uint8_t reg, uint8_t value) override;

 private:
  void convert();

  uint32_t elapsed_us_;  // of the conversion, or since the last one
  bool increments_;      // the top bit of the selecting byte asks for it
};

}  // namespace emulated
