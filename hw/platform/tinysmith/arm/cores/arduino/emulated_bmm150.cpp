#include "emulated_bmm150.h"

#include <math.h>
#include <string.h>

#include "emulated_stimuli.h"

namespace emulated {
namespace {

enum Register : uint8_t {
  CHIP_ID = 0x40, DATA_X = 0x42, DATA_Y = 0x44, DATA_Z = 0x46, R_HALL = 0x48, R_HALL_H = 0x49, INT_STATUS = 0x4A,
  POWER = 0x4B, OPERATION = 0x4C, DIG_Z2 = 0x68, DIG_Z1 = 0x6A, DIG_XYZ1 = 0x6C,
};

constexpr uint8_t ID = 0x32;
constexpr uint8_t POWER_ON = 1 << 0, SOFT_RESET = 0x82;  // POWER
constexpr uint8_t DATA_READY = 1 << 0;                   // in R_HALL
constexpr uint32_t TICK_US = 1000;
constexpr uint32_t PERIOD_US[] = {100000, 500000, 166667, 125000, 66667, 50000, 40000, 33333};  // by bits 3..5

// Factory trimming that makes the driver's compensation a plain factor: x and y by (0 + 160) * 256 / 8192 / 16,
// z by 2048 / (DIG_Z2 + DIG_Z1 * hall / 32768). The Hall resistance stays at its reference.
constexpr uint16_t HALL = 8192;
constexpr uint16_t TRIM_Z1 = 4;
constexpr uint16_t TRIM_Z2 = 32767;
constexpr float MICROTESLA_PER_COUNT_XY = 0.3125f;
constexpr float MICROTESLA_PER_COUNT_Z = 0.0625f;
constexpr int XY_BITS = 13, Z_BITS = 15, HALL_BITS = 14;

void store(uint8_t *registers, int value, int bits) {
  uint16_t left_aligned = static_cast<uint16_t>(value << (16 - bits));
  registers[0] = static_cast<uint8_t>(left_aligned);
  registers[1] = static_cast<uint8_t>(left_aligned >> 8);
}

int counts(float microtesla, float per_count, int bits) {
  int largest = (1 << (bits - 1)) - 1;
  long value = lroundf(microtesla / per_count);
  return static_cast<int>(value > largest ? largest : value < -largest ? -largest : value);
}

}  // namespace

void Bmm150::reset() {
  memset(registers_, 0, sizeof registers_);
  registers_[OPERATION] = 0x06;  // sleep
  memcpy(registers_ + DIG_Z2, &TRIM_Z2, sizeof TRIM_Z2);
  memcpy(registers_ + DIG_Z1, &TRIM_Z1, sizeof TRIM_Z1);
  memcpy(registers_ + DIG_XYZ1, &HALL, sizeof HALL);
}

bool Bmm150::powered() const { return registers_[POWER] & POWER_ON; }

uint8_t Bmm150::on_read(uint8_t reg) {
  if (reg == POWER) return registers_[POWER];
  if (!powered()) return 0;  // suspended: nothing else answers
  if (reg == CHIP_ID) return ID;
  uint8_t value = registers_[reg];
  if (reg == R_HALL_H) registers_[R_HALL] &= static_cast<uint8_t>(~DATA_READY);
  return value;
}

void Bmm150::on_write(uint8_t reg, uint8_t value) {
  if (reg < POWER || reg >= 0x5D) return;  // data and trimming
  if (reg == POWER && (value & SOFT_RESET) == SOFT_RESET) {
    reset();
    registers_[POWER] = POWER_ON;
    return;
  }
  registers_[reg] = value;
}

void Bmm150::tick(uint32_t) {
  uint8_t mode = (registers_[OPERATION] >> 1) & 3;
  constexpr uint8_t NORMAL = 0, FORCED = 1, SLEEP = 3;
  if (!powered() || (mode != NORMAL && mode != FORCED)) return;
  elapsed_us_ += TICK_US;
  uint32_t period = mode == FORCED ? TICK_US : PERIOD_US[(registers_[OPERATION] >> 3) & 7];
  if (elapsed_us_ < period) return;
  elapsed_us_ -= period;
  measure();
  if (mode == FORCED) registers_[OPERATION] |= SLEEP << 1;
}

void Bmm150::measure() {
  store(registers_ + DATA_X, counts(world.mag[0], MICROTESLA_PER_COUNT_XY, XY_BITS), XY_BITS);
  store(registers_ + DATA_Y, counts(world.mag[1], MICROTESLA_PER_COUNT_XY, XY_BITS), XY_BITS);
  store(registers_ + DATA_Z, counts(world.mag[2], MICROTESLA_PER_COUNT_Z, Z_BITS), Z_BITS);
  store(registers_ + R_HALL, HALL, HALL_BITS);
  registers_[R_HALL] |= DATA_READY;
}

}  // namespace emulated
