// Broadcom APDS-9960: colour, proximity and gestures. Source: data sheet AV02-4191EN.
#pragma once
#include "emulated_i2c.h"

namespace emulated {

class Apds9960 : public I2cChip {
 public:
  // `interrupt_pin`: the board's pin on its INT output, active low.
  constexpr explicit Apds9960(uint8_t interrupt_pin)
      : I2cChip(0x39), interrupt_pin_(interrupt_pin), color_us_(0), proximity_us_(0), gesture_ms_(0),
        gestures_seen_(0), gesture_step_(0), fifo_level_(0), fifo_{} {}

  void reset() override;
  void tick(uint32_t now_ms) override;

 protected:
  uint8_t following(uint8_t reg) const override;
  uint8_t on_read(uint8_t reg) override;
  void on_write(uint8_t reg, uint8_t value) override;

 private:
  static constexpr uint8_t FIFO_SETS = 32;
  static constexpr uint8_t FIFO_SET_BYTES = 4;  // up, down, left, right

  void tick_color();
  void tick_proximity();
  void tick_gesture(uint32_t now_ms);
  void push_gesture(uint8_t up, uint8_t down, uint8_t left, uint8_t right);
  uint8_t pop_gesture(uint8_t direction);
  void update_gesture_status();

  uint8_t interrupt_pin_;
  uint32_t color_us_;      // since the cycle that is running began
  uint32_t proximity_us_;
  uint32_t gesture_ms_;    // of the last data set
  uint32_t gestures_seen_;
  uint8_t gesture_step_;   // of the gesture being played, 0: none
  uint8_t fifo_level_;
  uint8_t fifo_[FIFO_SETS][FIFO_SET_BYTES];
};

}  // namespace emulated
