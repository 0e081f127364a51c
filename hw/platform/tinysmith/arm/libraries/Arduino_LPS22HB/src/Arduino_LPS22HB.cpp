#include "Arduino_LPS22HB.h"

namespace {

constexpr uint8_t ADDRESS = 0x5C, CHIP_ID = 0xB1;
enum Register : uint8_t { WHO_AM_I = 0x0F, CTRL_REG1 = 0x10, CTRL_REG2 = 0x11, PRESS_OUT = 0x28, TEMP_OUT = 0x2B };
constexpr uint8_t ONE_SHOT = 1 << 0;
constexpr float COUNTS_PER_KPA = 40960.0f, COUNTS_PER_DEGREE = 100.0f;
constexpr float MILLIBAR_PER_KPA = 10.0f, PSI_PER_KPA = 0.145038f;
constexpr float SEA_LEVEL_MILLIBAR = 1013.25f;

}  // namespace

int LPS22HBClass::begin() {
  wire_.begin();
  begun_ = read8(WHO_AM_I) == CHIP_ID;
  return begun_;
}

void LPS22HBClass::end() { begun_ = false; }

void LPS22HBClass::setOutputRate(int rate) {
  rate_ = rate;
  write8(CTRL_REG1, static_cast<uint8_t>((rate & 7) << 4));
}

float LPS22HBClass::readPressure(int units) {
  if (!begun_) return 0;
  if (rate_ == RATE_ONE_SHOT) {
    write8(CTRL_REG2, ONE_SHOT);
    while (read8(CTRL_REG2) & ONE_SHOT) yield();
  }
  float kpa = (read8(PRESS_OUT) | read8(PRESS_OUT + 1) << 8 | read8(PRESS_OUT + 2) << 16) / COUNTS_PER_KPA;
  return units == MILLIBAR ? kpa * MILLIBAR_PER_KPA : units == PSI ? kpa * PSI_PER_KPA : kpa;
}

float LPS22HBClass::readTemperature() {
  // Without sign, as the vendor's library has it: below zero it is wrong on the real board too.
  return (read8(TEMP_OUT) | read8(TEMP_OUT + 1) << 8) / COUNTS_PER_DEGREE;
}

float LPS22HBClass::readAltitude() {
  return 44330.0f * (1.0f - powf(readPressure(MILLIBAR) / SEA_LEVEL_MILLIBAR, 1.0f / 5.255f));
}

int LPS22HBClass::read8(uint8_t reg) {
  wire_.beginTransmission(ADDRESS);
  wire_.write(reg);
  if (wire_.endTransmission(false) != 0) return -1;
  if (wire_.requestFrom(ADDRESS, 1) != 1) return -1;
  return wire_.read();
}

int LPS22HBClass::write8(uint8_t reg, uint8_t value) {
  wire_.beginTransmission(ADDRESS);
  wire_.write(reg);
  wire_.write(value);
  return wire_.endTransmission() == 0;
}

#if defined(ARDUINO_ARDUINO_NANO33BLE)
LPS22HBClass BARO(Wire1);
#else
LPS22HBClass BARO(Wire);
#endif
