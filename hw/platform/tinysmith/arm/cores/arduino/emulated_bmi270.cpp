#include "emulated_bmi270.h"

#include <string.h>

#include "emulated_stimuli.h"

namespace emulated {
namespace {

enum Register : uint8_t {
  CHIP_ID = 0x00, STATUS = 0x03, ACC_X = 0x0C, ACC_Z_H = 0x11, GYR_X = 0x12, GYR_Z_H = 0x17, INT_STATUS_1 = 0x1D,
  INTERNAL_STATUS = 0x21, FIFO_LENGTH_0 = 0x24, FIFO_LENGTH_1 = 0x25, FIFO_DATA = 0x26, ACC_CONF = 0x40,
  ACC_RANGE = 0x41, GYR_CONF = 0x42, GYR_RANGE = 0x43, FIFO_WTM_0 = 0x46, FIFO_WTM_1 = 0x47, FIFO_CONFIG_1 = 0x49,
  INIT_CTRL = 0x59, INIT_DATA = 0x5E, PWR_CONF = 0x7C, PWR_CTRL = 0x7D, CMD = 0x7E,
};

constexpr uint8_t ID = 0x24;
constexpr uint8_t SOFT_RESET = 0xB6, FIFO_FLUSH = 0xB0;                          // CMD
constexpr uint8_t GYR_EN = 1 << 1, ACC_EN = 1 << 2;                              // PWR_CTRL
constexpr uint8_t DRDY_GYR = 1 << 6, DRDY_ACC = 1 << 7;                          // STATUS and INT_STATUS_1
constexpr uint8_t FIFO_WATERMARK = 1 << 1;                                       // INT_STATUS_1
constexpr uint8_t FIFO_ACC_EN = 1 << 6, FIFO_GYR_EN = 1 << 7;                    // FIFO_CONFIG_1
constexpr uint8_t INIT_OK = 1;                                                   // INTERNAL_STATUS
constexpr uint32_t TICK_US = 1000;
constexpr float COUNTS = 32768.0f;
constexpr float ACCEL_RANGE_G[] = {2, 4, 8, 16};
constexpr float GYRO_RANGE_DPS[] = {2000, 1000, 500, 250, 125};

// The lower bits of ACC_CONF and GYR_CONF: 1 is 25/32 Hz, each next one twice that.
uint32_t period_us(uint8_t configuration) {
  uint8_t rate = configuration & 0x0F;
  return rate == 0 ? 0 : 2560000u >> rate;
}

bool due(uint32_t &elapsed_us, uint32_t period) {
  if (period == 0) return false;
  elapsed_us += TICK_US;
  if (elapsed_us < period) return false;
  elapsed_us -= period;
  return true;
}

}  // namespace

void Bmi270::reset() {
  memset(registers_, 0, sizeof registers_);
  registers_[CHIP_ID] = ID;
  registers_[ACC_CONF] = 0xA8;
  registers_[ACC_RANGE] = 0x02;
  registers_[GYR_CONF] = 0xA9;
  registers_[FIFO_CONFIG_1] = 0x10;
  registers_[PWR_CONF] = 0x03;
  fifo_bytes_ = 0;
}

uint8_t Bmi270::following(uint8_t reg) const {
  bool traps = reg == FIFO_DATA || reg == INIT_DATA;
  return traps ? reg : static_cast<uint8_t>((reg + 1) & 0x7F);
}

uint8_t Bmi270::on_read(uint8_t reg) {
  if (reg == FIFO_DATA) return pop_fifo();
  if (reg == FIFO_LENGTH_0) return static_cast<uint8_t>(fifo_bytes_);
  if (reg == FIFO_LENGTH_1) return static_cast<uint8_t>(fifo_bytes_ >> 8);
  uint8_t value = registers_[reg];
  if (reg >= ACC_X && reg <= ACC_Z_H) registers_[STATUS] &= static_cast<uint8_t>(~DRDY_ACC);
  if (reg >= GYR_X && reg <= GYR_Z_H) registers_[STATUS] &= static_cast<uint8_t>(~DRDY_GYR);
  if (reg == INT_STATUS_1) {
    registers_[INT_STATUS_1] = 0;  // cleared on reading, but for a watermark that is still reached
    update_watermark();
  }
  return value;
}

void Bmi270::on_write(uint8_t reg, uint8_t value) {
  if (reg < 0x2F) return;  // data and status
  if (reg == INIT_DATA) return;  // the firmware of the chip's own processor, which is not emulated
  if (reg == CMD) {
    if (value == SOFT_RESET) reset();
    if (value == FIFO_FLUSH) fifo_bytes_ = 0;
    return;
  }
  if (reg == FIFO_CONFIG_1 && !(value & (FIFO_ACC_EN | FIFO_GYR_EN))) fifo_bytes_ = 0;
  registers_[reg] = value;
  if (reg == INIT_CTRL) registers_[INTERNAL_STATUS] = value & 1 ? INIT_OK : 0;
}

void Bmi270::tick(uint32_t) {
  if (registers_[INTERNAL_STATUS] != INIT_OK) return;
  uint8_t power = registers_[PWR_CTRL];
  bool accel = (power & ACC_EN) && due(accel_us_, period_us(registers_[ACC_CONF]));
  bool gyro = (power & GYR_EN) && due(gyro_us_, period_us(registers_[GYR_CONF]));
  if (accel) sample(ACC_X, world.accel, ACCEL_RANGE_G[registers_[ACC_RANGE] & 3]);
  uint8_t range = registers_[GYR_RANGE] & 7;
  if (gyro) sample(GYR_X, world.gyro, GYRO_RANGE_DPS[range < 5 ? range : 0]);
  uint8_t ready = static_cast<uint8_t>((accel ? DRDY_ACC : 0) | (gyro ? DRDY_GYR : 0));
  registers_[STATUS] |= ready;
  registers_[INT_STATUS_1] |= ready;
  if (accel || gyro) push_fifo(accel, gyro);
}

// The chip lies turned on the Nano 33 BLE Sense Rev2: its x is the board's -y, its y the board's -x.
void Bmi270::sample(uint8_t first_register, const float *world_axes, float range) {
  const float chip_axes[] = {-world_axes[1], -world_axes[0], world_axes[2]};
  for (uint8_t axis = 0; axis < 3; axis++)
    set_int16(static_cast<uint8_t>(first_register + 2 * axis), chip_axes[axis] * COUNTS / range);
}

// Frames without header: gyroscope first. When it is full the oldest bytes go.
void Bmi270::push_fifo(bool accel, bool gyro) {
  uint8_t frame[2 * AXES_BYTES];
  uint8_t size = 0;
  if (gyro && (registers_[FIFO_CONFIG_1] & FIFO_GYR_EN)) {
    memcpy(frame + size, registers_ + GYR_X, AXES_BYTES);
    size += AXES_BYTES;
  }
  if (accel && (registers_[FIFO_CONFIG_1] & FIFO_ACC_EN)) {
    memcpy(frame + size, registers_ + ACC_X, AXES_BYTES);
    size += AXES_BYTES;
  }
  if (fifo_bytes_ + size > FIFO_BYTES) {
    fifo_bytes_ = static_cast<uint16_t>(fifo_bytes_ - size);
    memmove(fifo_, fifo_ + size, fifo_bytes_);
  }
  memcpy(fifo_ + fifo_bytes_, frame, size);
  fifo_bytes_ = static_cast<uint16_t>(fifo_bytes_ + size);
  update_watermark();
}

uint8_t Bmi270::pop_fifo() {
  constexpr uint8_t EMPTY = 0x80;
  if (fifo_bytes_ == 0) return EMPTY;
  uint8_t value = fifo_[0];
  fifo_bytes_--;
  memmove(fifo_, fifo_ + 1, fifo_bytes_);
  update_watermark();
  return value;
}

void Bmi270::update_watermark() {
  uint16_t watermark = static_cast<uint16_t>(registers_[FIFO_WTM_0] | (registers_[FIFO_WTM_1] & 0x1F) << 8);
  bool reached = watermark != 0 && fifo_bytes_ >= watermark;
  uint8_t others = static_cast<uint8_t>(registers_[INT_STATUS_1] & ~FIFO_WATERMARK);
  registers_[INT_STATUS_1] = static_cast<uint8_t>(others | (reached ? FIFO_WATERMARK : 0));
}

}  // namespace emulated
