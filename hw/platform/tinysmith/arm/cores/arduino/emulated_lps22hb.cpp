#include "emulated_lps22hb.h"

#include <math.h>
#include <string.h>

#include "emulated_stimuli.h"

namespace emulated {
namespace {

enum Register : uint8_t {
  WHO_AM_I = 0x0F, CTRL_REG1 = 0x10, CTRL_REG2 = 0x11, STATUS = 0x27, PRESS_OUT_XL = 0x28, PRESS_OUT_H = 0x2A,
  TEMP_OUT = 0x2B, TEMP_OUT_H = 0x2C,
};

constexpr uint8_t CHIP_ID = 0xB1;
constexpr uint8_t ONE_SHOT = 1 << 0, SOFT_RESET = 1 << 2, IF_ADD_INC = 1 << 4;  // CTRL_REG2
constexpr uint8_t PRESSURE_NEW = 1 << 0, TEMPERATURE_NEW = 1 << 1;
constexpr uint32_t TICK_US = 1000;
constexpr uint32_t CONVERSION_US = 5000;
constexpr uint32_t PERIOD_US[] = {0, 1000000, 100000, 40000, 20000, 13333, 0, 0};  // by the rate bits of CTRL_REG1
constexpr float COUNTS_PER_KPA = 40960;
constexpr float COUNTS_PER_DEGREE = 100;

}  // namespace

void Lps22hb::reset() {
  memset(registers_, 0, sizeof registers_);
  registers_[WHO_AM_I] = CHIP_ID;
  registers_[CTRL_REG2] = IF_ADD_INC;
}

uint8_t Lps22hb::on_read(uint8_t reg) {
  if (reg == PRESS_OUT_H) registers_[STATUS] &= static_cast<uint8_t>(~PRESSURE_NEW);
  if (reg == TEMP_OUT_H) registers_[STATUS] &= static_cast<uint8_t>(~TEMPERATURE_NEW);
  return registers_[reg];
}

void Lps22hb::on_write(uint8_t reg, uint8_t value) {
  if (reg == WHO_AM_I || reg >= STATUS) return;
  if (reg == CTRL_REG2 && (value & SOFT_RESET)) return reset();
  registers_[reg] = value;
  if (reg == CTRL_REG1 || reg == CTRL_REG2) elapsed_us_ = 0;
}

void Lps22hb::tick(uint32_t) {
  bool one_shot = registers_[CTRL_REG2] & ONE_SHOT;
  uint32_t period_us = one_shot ? CONVERSION_US : PERIOD_US[(registers_[CTRL_REG1] >> 4) & 7];
  if (period_us == 0) return;
  elapsed_us_ += TICK_US;
  if (elapsed_us_ < period_us) return;
  elapsed_us_ -= period_us;
  registers_[CTRL_REG2] &= static_cast<uint8_t>(~ONE_SHOT);
  convert();
}

void Lps22hb::convert() {
  int32_t counts = static_cast<int32_t>(lroundf(world.pressure * COUNTS_PER_KPA));
  for (uint8_t i = 0; i < 3; i++) registers_[PRESS_OUT_XL + i] = static_cast<uint8_t>(counts >> (8 * i));
  set_int16(TEMP_OUT, world.temperature * COUNTS_PER_DEGREE);
  registers_[STATUS] |= PRESSURE_NEW | TEMPERATURE_NEW;
}

}  // namespace emulated
