#include "emulated_apds9960.h"

#include <string.h>

#include "emulated_pins.h"
#include "emulated_stimuli.h"

namespace emulated {
namespace {

enum Register : uint8_t {
  ENABLE = 0x80, ATIME = 0x81, WTIME = 0x83, PPULSE = 0x8E, CONTROL = 0x8F, CONFIG2 = 0x90, ID = 0x92, STATUS = 0x93,
  CDATAL = 0x94, RDATAL = 0x96, GDATAL = 0x98, BDATAL = 0x9A, BDATAH = 0x9B, PDATA = 0x9C, GPULSE = 0xA6,
  GCONF1 = 0xA2, GCONF4 = 0xAB, GFLVL = 0xAE, GSTATUS = 0xAF, GFIFO_U = 0xFC, GFIFO_R = 0xFF,
};

enum EnableBit : uint8_t { PON = 1 << 0, AEN = 1 << 1, PEN = 1 << 2, WEN = 1 << 3, GEN = 1 << 6 };
enum StatusBit : uint8_t { AVALID = 1 << 0, PVALID = 1 << 1, CPSAT = 1 << 7 };
enum GestureConfigBit : uint8_t { GMODE = 1 << 0, GIEN = 1 << 1, GFIFO_CLR = 1 << 2 };

constexpr uint8_t CHIP_ID = 0xAB;
constexpr uint32_t STEP_US = 2780;        // of ATIME and WTIME
constexpr uint32_t PROXIMITY_US = 2000;   // of 16 pulses; the data sheet gives no exact figure
constexpr uint32_t TICK_US = 1000;
constexpr uint32_t COUNTS_PER_STEP = 1024;  // each 2.78 ms of integration adds so much to the largest count

// A hand that passes: photodiodes of the side where it comes from see it first. Pairs of (first side, last side).
constexpr uint8_t PASSING[][2] = {{0, 0}, {0, 0}, {180, 60}, {180, 100}, {150, 150}, {100, 180}, {60, 180}, {0, 0}};
constexpr uint8_t PASSING_STEPS = sizeof PASSING / sizeof PASSING[0];
constexpr uint32_t GESTURE_PERIOD_MS = 3;

}  // namespace

void Apds9960::reset() {
  memset(registers_, 0, sizeof registers_);
  registers_[ID] = CHIP_ID;
  registers_[ATIME] = 0xFF;
  registers_[WTIME] = 0xFF;
  registers_[PPULSE] = 0x40;
  registers_[GPULSE] = 0x40;
  registers_[CONFIG2] = 0x01;
  gestures_seen_ = world.gestures;
  fifo_level_ = 0;
  update_gesture_status();
}

uint8_t Apds9960::following(uint8_t reg) const {
  return reg == GFIFO_R ? static_cast<uint8_t>(GFIFO_U) : static_cast<uint8_t>(reg + 1);
}

uint8_t Apds9960::on_read(uint8_t reg) {
  if (reg >= GFIFO_U) return pop_gesture(reg - GFIFO_U);
  uint8_t value = registers_[reg];
  if (reg >= CDATAL && reg <= BDATAH) registers_[STATUS] &= static_cast<uint8_t>(~(AVALID | CPSAT));
  if (reg == PDATA) registers_[STATUS] &= static_cast<uint8_t>(~PVALID);
  return value;
}

void Apds9960::on_write(uint8_t reg, uint8_t value) {
  if (reg == ID || (reg >= STATUS && reg <= PDATA) || reg == GFLVL || reg == GSTATUS) return;  // read only
  uint8_t before = registers_[reg];
  registers_[reg] = value;
  if (reg == ENABLE) {
    uint8_t switched_on = static_cast<uint8_t>(value & ~before);
    if (switched_on & AEN) {
      registers_[STATUS] &= static_cast<uint8_t>(~AVALID);
      color_us_ = 0;
    }
    if (switched_on & PEN) {
      registers_[STATUS] &= static_cast<uint8_t>(~PVALID);
      proximity_us_ = 0;
    }
  } else if (reg == GCONF4 && (value & GFIFO_CLR)) {
    registers_[reg] &= static_cast<uint8_t>(~GFIFO_CLR);
    fifo_level_ = 0;
    update_gesture_status();
  }
}

void Apds9960::tick(uint32_t now_ms) {
  uint8_t enable = registers_[ENABLE];
  if (!(enable & PON)) return;
  if (enable & AEN) tick_color();
  if (enable & PEN) tick_proximity();
  tick_gesture(now_ms);
}

void Apds9960::tick_color() {
  uint32_t steps = 256u - registers_[ATIME];
  uint32_t wait_us = registers_[ENABLE] & WEN ? (256u - registers_[WTIME]) * STEP_US : 0;
  uint32_t cycle_us = wait_us + steps * STEP_US;
  color_us_ += TICK_US;
  if (color_us_ < cycle_us) return;
  color_us_ -= cycle_us;
  uint32_t largest = steps * COUNTS_PER_STEP + 1;
  if (largest > 0xFFFF) largest = 0xFFFF;
  const float order[] = {world.color[3], world.color[0], world.color[1], world.color[2]};
  for (uint8_t i = 0; i < 4; i++) {
    set_uint16(static_cast<uint8_t>(CDATAL + 2 * i), order[i], static_cast<uint16_t>(largest));
    if (order[i] > largest) registers_[STATUS] |= CPSAT;
  }
  registers_[STATUS] |= AVALID;
}

void Apds9960::tick_proximity() {
  uint32_t wait_us = registers_[ENABLE] & WEN ? (256u - registers_[WTIME]) * STEP_US : 0;
  proximity_us_ += TICK_US;
  if (proximity_us_ < wait_us + PROXIMITY_US) return;
  proximity_us_ -= wait_us + PROXIMITY_US;
  float distance = world.proximity < 0 ? 0 : world.proximity > 255 ? 255 : world.proximity;
  registers_[PDATA] = static_cast<uint8_t>(255 - static_cast<int>(distance + 0.5f));
  registers_[STATUS] |= PVALID;
}

void Apds9960::tick_gesture(uint32_t now_ms) {
  if (!(registers_[ENABLE] & GEN)) {
    gestures_seen_ = world.gestures;  // a gesture before the engine runs is lost
    gesture_step_ = 0;
    return;
  }
  if (gestures_seen_ != world.gestures) {
    gestures_seen_ = world.gestures;
    gesture_step_ = 1;
  }
  if (gesture_step_ == 0 || now_ms - gesture_ms_ < GESTURE_PERIOD_MS) return;
  gesture_ms_ = now_ms;
  uint8_t first = PASSING[gesture_step_ - 1][0];
  uint8_t last = PASSING[gesture_step_ - 1][1];
  uint8_t middle = static_cast<uint8_t>((first + last) / 2);
  switch (world.gesture) {
    case 0: push_gesture(first, last, middle, middle); break;  // up
    case 1: push_gesture(last, first, middle, middle); break;  // down
    case 2: push_gesture(middle, middle, first, last); break;  // left
    default: push_gesture(middle, middle, last, first); break;
  }
  gesture_step_ = gesture_step_ < PASSING_STEPS ? static_cast<uint8_t>(gesture_step_ + 1) : 0;
}

void Apds9960::push_gesture(uint8_t up, uint8_t down, uint8_t left, uint8_t right) {
  if (fifo_level_ < FIFO_SETS) {
    const uint8_t set[FIFO_SET_BYTES] = {up, down, left, right};
    memcpy(fifo_[fifo_level_++], set, FIFO_SET_BYTES);
  }
  update_gesture_status();
}

uint8_t Apds9960::pop_gesture(uint8_t direction) {
  if (fifo_level_ == 0) return 0;
  uint8_t value = fifo_[0][direction];
  if (direction == FIFO_SET_BYTES - 1) {
    fifo_level_--;
    memmove(fifo_[0], fifo_[1], fifo_level_ * FIFO_SET_BYTES);
    update_gesture_status();
  }
  return value;
}

void Apds9960::update_gesture_status() {
  static constexpr uint8_t THRESHOLDS[] = {1, 4, 8, 16};
  uint8_t threshold = THRESHOLDS[registers_[GCONF1] >> 6];
  bool valid = fifo_level_ >= threshold;
  registers_[GFLVL] = fifo_level_;
  registers_[GSTATUS] = valid;
  pin_input(interrupt_pin_, !(valid && (registers_[GCONF4] & GIEN)));
}

}  // namespace emulated
