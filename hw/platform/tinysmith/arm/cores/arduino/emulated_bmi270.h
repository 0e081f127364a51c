// Bosch BMI270: accelerometer and gyroscope. Source: data sheet BST-BMI270-DS000.
#pragma once
#include "emulated_i2c.h"

namespace emulated {

class Bmi270 : public I2cChip {
 public:
  constexpr Bmi270() : I2cChip(0x68), accel_us_(0), gyro_us_(0), fifo_bytes_(0), fifo_{} {}

  void reset() override;
  void tick(uint32_t now_ms) override;

 protected:
  uint8_t following(uint8_t reg) const override;
  uint8_t on_read(uint8_t reg) override;
  void on_write(uint8_t reg, uint8_t value) override;

 private:
  static constexpr uint16_t FIFO_BYTES = 2048;
  static constexpr uint8_t AXES_BYTES = 6;

  void sample(uint8_t first_register, const float *world_axes, float range);
  void push_fifo(bool accel, bool gyro);
  uint8_t pop_fifo();
  void update_watermark();

  uint32_t accel_us_;
  uint32_t gyro_us_;
  uint16_t fifo_bytes_;
  uint8_t fifo_[FIFO_BYTES];
};

}  // namespace emulated
