#include "emulated_hts221.h"

#include <string.h>

#include "emulated_stimuli.h"

namespace emulated {
namespace {

enum Register : uint8_t {
  WHO_AM_I = 0x0F, AV_CONF = 0x10, CTRL_REG1 = 0x20, CTRL_REG2 = 0x21, STATUS_REG = 0x27, HUMIDITY_OUT = 0x28,
  HUMIDITY_OUT_H = 0x29, TEMP_OUT = 0x2A, TEMP_OUT_H = 0x2B, CALIBRATION = 0x30,
};

constexpr uint8_t CHIP_ID = 0xBC;
constexpr uint8_t POWER_ON = 1 << 7;  // CTRL_REG1
constexpr uint8_t ONE_SHOT = 1 << 0;  // CTRL_REG2
constexpr uint8_t TEMPERATURE_NEW = 1 << 0;
constexpr uint8_t HUMIDITY_NEW = 1 << 1;
constexpr uint32_t TICK_US = 1000;
constexpr uint32_t CONVERSION_US = 5000;
constexpr uint32_t PERIOD_US[] = {0, 1000000, 142857, 80000};  // by the rate bits of CTRL_REG1

// Two points of each line, as a chip is calibrated in its factory: 20 and 80 % at 0 and 6000 counts, 10 and 40 degrees
// Celsius at 0 and 3000 counts. A count is 0.01 of a unit.
constexpr float LOW_HUMIDITY = 20, LOW_TEMPERATURE = 10, COUNTS_PER_UNIT = 100;
constexpr uint8_t CALIBRATION_BYTES[16] = {
    40, 160,                     // humidities x 2
    80, 320 & 0xFF,              // temperatures x 8
    0, (320 >> 8) << 2,          // and their top bits
    0, 0,                        // counts of the lower humidity
    0, 0, 6000 & 0xFF, 6000 >> 8,  // reserved, and of the higher
    0, 0,                        // counts of the lower temperature
    3000 & 0xFF, 3000 >> 8,      // and of the higher
};

}  // namespace

void Hts221::reset() {
  memset(registers_, 0, sizeof registers_);
  registers_[WHO_AM_I] = CHIP_ID;
  registers_[AV_CONF] = 0x1B;
  memcpy(registers_ + CALIBRATION, CALIBRATION_BYTES, sizeof CALIBRATION_BYTES);
}

uint8_t Hts221::select(uint8_t byte) {
  increments_ = byte & 0x80;
  return byte & 0x7F;
}

uint8_t Hts221::on_read(uint8_t reg) {
  if (reg == HUMIDITY_OUT_H) registers_[STATUS_REG] &= static_cast<uint8_t>(~HUMIDITY_NEW);
  if (reg == TEMP_OUT_H) registers_[STATUS_REG] &= static_cast<uint8_t>(~TEMPERATURE_NEW);
  return registers_[reg];
}

void Hts221::on_write(uint8_t reg, uint8_t value) {
  if (reg == WHO_AM_I || reg >= STATUS_REG) return;
  registers_[reg] = value;
  if (reg == CTRL_REG1 || reg == CTRL_REG2) elapsed_us_ = 0;
}

void Hts221::tick(uint32_t) {
  if (!(registers_[CTRL_REG1] & POWER_ON)) return;
  bool one_shot = registers_[CTRL_REG2] & ONE_SHOT;
  uint32_t period_us = one_shot ? CONVERSION_US : PERIOD_US[registers_[CTRL_REG1] & 3];
  if (period_us == 0) return;
  elapsed_us_ += TICK_US;
  if (elapsed_us_ < period_us) return;
  elapsed_us_ -= period_us;
  registers_[CTRL_REG2] &= static_cast<uint8_t>(~ONE_SHOT);
  convert();
}

void Hts221::convert() {
  set_int16(HUMIDITY_OUT, (world.humidity - LOW_HUMIDITY) * COUNTS_PER_UNIT);
  set_int16(TEMP_OUT, (world.temperature - LOW_TEMPERATURE) * COUNTS_PER_UNIT);
  registers_[STATUS_REG] |= HUMIDITY_NEW | TEMPERATURE_NEW;
}

}  // namespace emulated
