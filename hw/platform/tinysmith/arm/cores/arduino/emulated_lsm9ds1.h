// ST LSM9DS1: accelerometer and gyroscope on one address, magnetometer on another. Source: data sheet DocID025715.
#pragma once
#include "emulated_i2c.h"

namespace emulated {

class Lsm9ds1Motion : public I2cChip {
 public:
  constexpr Lsm9ds1Motion()
      : I2cChip(0x6B), accel_us_(0), gyro_us_(0), fifo_level_(0), fifo_overrun_(false), fifo_{} {}

  void reset() override;
  void tick(uint32_t now_ms) override;

 protected:
  uint8_t select(uint8_t byte) override { return byte & 0x7F; }
  uint8_t following(uint8_t reg) const override;
  uint8_t on_read(uint8_t reg) override;
  void on_write(uint8_t reg, uint8_t value) override;

 private:
  static constexpr uint8_t FIFO_SLOTS = 32;
  static constexpr uint8_t AXES_BYTES = 6;
  struct Slot {
    uint8_t gyro[AXES_BYTES];
    uint8_t accel[AXES_BYTES];
  };

  bool fifo_on() const;
  void sample_accel();
  void sample_gyro();
  void push_slot();
  void show_oldest_slot();
  void pop_slot();

  uint32_t accel_us_;
  uint32_t gyro_us_;
  uint8_t fifo_level_;
  bool fifo_overrun_;
  Slot fifo_[FIFO_SLOTS];
};

class Lsm9ds1Magnetometer : public I2cChip {
 public:
  constexpr Lsm9ds1Magnetometer() : I2cChip(0x1E), elapsed_us_(0), increments_(false) {}

  void reset() override;
  void tick(uint32_t now_ms) override;

 protected:
  uint8_t select(uint8_t byte) override;
  uint8_t following(uint8_t reg) const override { return static_cast<uint8_t>(increments_ ? reg + 1 : reg); }
  uint8_t on_read(uint8_t reg) override;
  void on_write(uint8_t reg, uint8_t value) override;

 private:
  uint32_t elapsed_us_;
  bool increments_;  // the top bit of the selecting byte asks for it
};

}  // namespace emulated
