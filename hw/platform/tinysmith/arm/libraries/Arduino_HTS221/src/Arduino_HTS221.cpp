#include "Arduino_HTS221.h"

namespace {

constexpr uint8_t ADDRESS = 0x5F, CHIP_ID = 0xBC;
enum Register : uint8_t {
  WHO_AM_I = 0x0F, CTRL_REG1 = 0x20, CTRL_REG2 = 0x21, STATUS = 0x27, HUMIDITY_OUT = 0x28, TEMP_OUT = 0x2A,
  H0_RH_X2 = 0x30, H1_RH_X2 = 0x31, T0_DEGC_X8 = 0x32, T1_DEGC_X8 = 0x33, T1_T0_MSB = 0x35, H0_T0_OUT = 0x36,
  H1_T0_OUT = 0x3A, T0_OUT = 0x3C, T1_OUT = 0x3E,
};
constexpr uint8_t ON_WITH_BLOCK_UPDATE = 0x84, ONE_SHOT = 1 << 0;
constexpr uint8_t TEMPERATURE_NEW = 1 << 0, HUMIDITY_NEW = 1 << 1;

}  // namespace

int HTS221Class::begin() {
  wire_.begin();
  if (read8(WHO_AM_I) != CHIP_ID) {
    end();
    return 0;
  }
  int top_bits = read8(T1_T0_MSB);
  float h0 = read8(H0_RH_X2) / 2.0f, h1 = read8(H1_RH_X2) / 2.0f;
  float t0 = (read8(T0_DEGC_X8) | (top_bits & 0x03) << 8) / 8.0f;
  float t1 = (read8(T1_DEGC_X8) | (top_bits & 0x0C) << 6) / 8.0f;
  int h0_counts = read16(H0_T0_OUT), h1_counts = read16(H1_T0_OUT);
  int t0_counts = read16(T0_OUT), t1_counts = read16(T1_OUT);
  humidity_slope_ = (h1 - h0) / (h1_counts - h0_counts);
  humidity_zero_ = h0 - humidity_slope_ * h0_counts;
  temperature_slope_ = (t1 - t0) / (t1_counts - t0_counts);
  temperature_zero_ = t0 - temperature_slope_ * t0_counts;
  write8(CTRL_REG1, ON_WITH_BLOCK_UPDATE);
  return 1;
}

void HTS221Class::end() {
  write8(CTRL_REG1, 0);
  wire_.end();
}

void HTS221Class::convert(uint8_t ready) {
  while (read8(CTRL_REG2) & ONE_SHOT) yield();
  write8(CTRL_REG2, ONE_SHOT);
  while (!(read8(STATUS) & ready)) yield();
}

float HTS221Class::readTemperature(int units) {
  convert(TEMPERATURE_NEW);
  float celsius = read16(TEMP_OUT) * temperature_slope_ + temperature_zero_;
  return units == FAHRENHEIT ? celsius * 9.0f / 5.0f + 32.0f : celsius;
}

float HTS221Class::readHumidity() {
  convert(HUMIDITY_NEW);
  return read16(HUMIDITY_OUT) * humidity_slope_ + humidity_zero_;
}

int HTS221Class::read8(uint8_t reg) {
  wire_.beginTransmission(ADDRESS);
  wire_.write(reg);
  if (wire_.endTransmission(false) != 0) return -1;
  if (wire_.requestFrom(ADDRESS, 1) != 1) return -1;
  return wire_.read();
}

int HTS221Class::write8(uint8_t reg, uint8_t value) {
  wire_.beginTransmission(ADDRESS);
  wire_.write(reg);
  wire_.write(value);
  return wire_.endTransmission() == 0;
}

#if defined(ARDUINO_ARDUINO_NANO33BLE)
HTS221Class HTS(Wire1);
#else
HTS221Class HTS(Wire);
#endif
