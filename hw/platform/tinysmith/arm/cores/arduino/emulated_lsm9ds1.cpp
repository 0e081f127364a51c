#include "emulated_lsm9ds1.h"

#include <string.h>

#include "emulated_stimuli.h"

namespace emulated {
namespace {

constexpr uint32_t TICK_US = 1000;
// The scale of a count is the nominal one that drivers assume (full scale / 32768); the chip's typical sensitivity
// differs a little (2000 deg/s: 70 mdps per count), and so a driver would read a stimulus back scaled.
constexpr float COUNTS = 32768.0f;

enum MotionRegister : uint8_t {
  WHO_AM_I = 0x0F, CTRL_REG1_G = 0x10, STATUS_REG = 0x17, OUT_X_G = 0x18, OUT_Z_H_G = 0x1D, CTRL_REG6_XL = 0x20,
  CTRL_REG8 = 0x22, CTRL_REG9 = 0x23, STATUS_REG_2 = 0x27, OUT_X_XL = 0x28, OUT_Z_H_XL = 0x2D, FIFO_CTRL = 0x2E,
  FIFO_SRC = 0x2F,
};
constexpr uint8_t MOTION_ID = 0x68;
constexpr uint8_t XLDA = 1 << 0;       // new acceleration
constexpr uint8_t GDA = 1 << 1;        // new rotation
constexpr uint8_t SW_RESET = 1 << 0;   // CTRL_REG8
constexpr uint8_t IF_ADD_INC = 1 << 2;  // CTRL_REG8
constexpr uint8_t FIFO_EN = 1 << 1;    // CTRL_REG9
constexpr uint8_t FIFO_OVERRUN = 1 << 6;

// Sample periods by the ODR bits, microseconds; 0: off. Accelerometer alone has 10 and 50 Hz where the pair has
// 14.9 and 59.5 Hz.
constexpr uint32_t PAIR_PERIOD_US[] = {0, 67114, 16807, 8403, 4202, 2101, 1050, 0};
constexpr uint32_t ACCEL_PERIOD_US[] = {0, 100000, 20000, 8403, 4202, 2101, 1050, 0};
constexpr float ACCEL_RANGE_G[] = {2, 16, 4, 8};
constexpr float GYRO_RANGE_DPS[] = {245, 500, 500, 2000};

enum MagneticRegister : uint8_t {
  CTRL_REG1_M = 0x20, CTRL_REG2_M = 0x21, CTRL_REG3_M = 0x22, STATUS_REG_M = 0x27, OUT_X_M = 0x28, OUT_Z_H_M = 0x2D,
};
constexpr uint8_t MAGNETOMETER_ID = 0x3D;
constexpr uint8_t ZYXDA = 1 << 3;
constexpr uint8_t ALL_AXES_NEW = ZYXDA | 7;
constexpr uint8_t SOFT_RST = 1 << 2;  // CTRL_REG2_M
constexpr float MICROTESLA_PER_GAUSS = 100.0f;
constexpr float MAG_RANGE_GAUSS[] = {4, 8, 12, 16};
constexpr uint32_t MAG_PERIOD_US[] = {1600000, 800000, 400000, 200000, 100000, 50000, 25000, 12500};

bool due(uint32_t &elapsed_us, uint32_t period_us) {
  if (period_us == 0) return false;
  elapsed_us += TICK_US;
  if (elapsed_us < period_us) return false;
  elapsed_us -= period_us;
  return true;
}

}  // namespace

void Lsm9ds1Motion::reset() {
  memset(registers_, 0, sizeof registers_);
  registers_[WHO_AM_I] = MOTION_ID;
  registers_[CTRL_REG8] = IF_ADD_INC;
  fifo_level_ = 0;
  fifo_overrun_ = false;
}

uint8_t Lsm9ds1Motion::following(uint8_t reg) const {
  if (!(registers_[CTRL_REG8] & IF_ADD_INC)) return reg;
  return static_cast<uint8_t>((reg + 1) & 0x7F);
}

uint8_t Lsm9ds1Motion::on_read(uint8_t reg) {
  if (reg == FIFO_SRC) return static_cast<uint8_t>(fifo_level_ | (fifo_overrun_ ? FIFO_OVERRUN : 0));
  if (reg == STATUS_REG_2) reg = STATUS_REG;
  uint8_t value = registers_[reg];
  if (reg >= OUT_X_G && reg <= OUT_Z_H_G) registers_[STATUS_REG] &= static_cast<uint8_t>(~GDA);
  if (reg >= OUT_X_XL && reg <= OUT_Z_H_XL) registers_[STATUS_REG] &= static_cast<uint8_t>(~XLDA);
  if (reg == OUT_Z_H_XL && fifo_on()) pop_slot();
  return value;
}

void Lsm9ds1Motion::on_write(uint8_t reg, uint8_t value) {
  if (reg == WHO_AM_I || reg == STATUS_REG || (reg >= STATUS_REG_2 && reg <= OUT_Z_H_XL)) return;
  if (reg == CTRL_REG8 && (value & SW_RESET)) return reset();
  registers_[reg] = value;
  if ((reg == CTRL_REG9 || reg == FIFO_CTRL) && !fifo_on()) {
    fifo_level_ = 0;
    fifo_overrun_ = false;
  }
}

// In all modes but bypass; what they do when it is full is not told apart: the oldest is lost.
bool Lsm9ds1Motion::fifo_on() const { return (registers_[CTRL_REG9] & FIFO_EN) && (registers_[FIFO_CTRL] >> 5) != 0; }

void Lsm9ds1Motion::tick(uint32_t) {
  uint8_t gyro_rate = registers_[CTRL_REG1_G] >> 5;
  uint8_t accel_rate = registers_[CTRL_REG6_XL] >> 5;
  bool accel_on = accel_rate != 0;
  if (due(gyro_us_, PAIR_PERIOD_US[gyro_rate])) {
    sample_gyro();
    if (accel_on) sample_accel();  // with the gyroscope on, both run at its rate
    if (fifo_on()) push_slot();
  } else if (gyro_rate == 0 && due(accel_us_, ACCEL_PERIOD_US[accel_rate])) {
    sample_accel();
    if (fifo_on()) push_slot();
  }
}

void Lsm9ds1Motion::sample_accel() {
  float range = ACCEL_RANGE_G[(registers_[CTRL_REG6_XL] >> 3) & 3];
  for (uint8_t axis = 0; axis < 3; axis++)
    set_int16(static_cast<uint8_t>(OUT_X_XL + 2 * axis), world.accel[axis] * COUNTS / range);
  registers_[STATUS_REG] |= XLDA;
}

void Lsm9ds1Motion::sample_gyro() {
  float range = GYRO_RANGE_DPS[(registers_[CTRL_REG1_G] >> 3) & 3];
  for (uint8_t axis = 0; axis < 3; axis++)
    set_int16(static_cast<uint8_t>(OUT_X_G + 2 * axis), world.gyro[axis] * COUNTS / range);
  registers_[STATUS_REG] |= GDA;
}

void Lsm9ds1Motion::push_slot() {
  if (fifo_level_ == FIFO_SLOTS) {
    fifo_overrun_ = true;
    pop_slot();
  }
  Slot &slot = fifo_[fifo_level_++];
  memcpy(slot.gyro, registers_ + OUT_X_G, AXES_BYTES);
  memcpy(slot.accel, registers_ + OUT_X_XL, AXES_BYTES);
  show_oldest_slot();
}

void Lsm9ds1Motion::show_oldest_slot() {
  memcpy(registers_ + OUT_X_G, fifo_[0].gyro, AXES_BYTES);
  memcpy(registers_ + OUT_X_XL, fifo_[0].accel, AXES_BYTES);
}

void Lsm9ds1Motion::pop_slot() {
  if (fifo_level_ == 0) return;
  fifo_level_--;
  memmove(fifo_, fifo_ + 1, fifo_level_ * sizeof(Slot));
  if (fifo_level_ > 0) show_oldest_slot();
}

void Lsm9ds1Magnetometer::reset() {
  memset(registers_, 0, sizeof registers_);
  registers_[WHO_AM_I] = MAGNETOMETER_ID;
  registers_[CTRL_REG1_M] = 0x10;
  registers_[CTRL_REG3_M] = 0x03;  // powered down
}

uint8_t Lsm9ds1Magnetometer::select(uint8_t byte) {
  increments_ = byte & 0x80;
  return byte & 0x7F;
}

uint8_t Lsm9ds1Magnetometer::on_read(uint8_t reg) {
  uint8_t value = registers_[reg];
  if (reg >= OUT_X_M && reg <= OUT_Z_H_M) registers_[STATUS_REG_M] = 0;
  return value;
}

void Lsm9ds1Magnetometer::on_write(uint8_t reg, uint8_t value) {
  if (reg == WHO_AM_I || (reg >= STATUS_REG_M && reg <= OUT_Z_H_M)) return;
  if (reg == CTRL_REG2_M && (value & SOFT_RST)) return reset();
  registers_[reg] = value;
}

void Lsm9ds1Magnetometer::tick(uint32_t) {
  bool continuous = (registers_[CTRL_REG3_M] & 3) == 0;
  if (!continuous || !due(elapsed_us_, MAG_PERIOD_US[(registers_[CTRL_REG1_M] >> 2) & 7])) return;
  float range = MAG_RANGE_GAUSS[(registers_[CTRL_REG2_M] >> 5) & 3] * MICROTESLA_PER_GAUSS;
  for (uint8_t axis = 0; axis < 3; axis++)
    set_int16(static_cast<uint8_t>(OUT_X_M + 2 * axis), world.mag[axis] * COUNTS / range);
  registers_[STATUS_REG_M] = ALL_AXES_NEW;
}

}  // namespace emulated
