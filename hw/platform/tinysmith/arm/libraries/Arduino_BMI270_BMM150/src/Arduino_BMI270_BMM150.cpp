#include "Arduino_BMI270_BMM150.h"

namespace {

constexpr uint8_t MOTION = 0x68, MAGNETOMETER = 0x10;  // addresses
constexpr uint8_t MOTION_ID = 0x24, MAGNETOMETER_ID = 0x32;

enum MotionRegister : uint8_t {
  CHIP_ID = 0x00, ACC_X = 0x0C, GYR_X = 0x12, INT_STATUS_1 = 0x1D, INTERNAL_STATUS = 0x21, FIFO_DATA = 0x26,
  ACC_CONF = 0x40, ACC_RANGE = 0x41, GYR_CONF = 0x42, GYR_RANGE = 0x43, FIFO_WTM_0 = 0x46, FIFO_WTM_1 = 0x47,
  FIFO_CONFIG_1 = 0x49, INIT_CTRL = 0x59, PWR_CONF = 0x7C, PWR_CTRL = 0x7D, CMD = 0x7E,
};
constexpr uint8_t SOFT_RESET = 0xB6, RATE_100HZ = 0xA8, RANGE_4G = 0x01, RANGE_2000DPS = 0x00, BOTH_ON = 0x06;
constexpr uint8_t GYRO_NEW = 1 << 6, ACCEL_NEW = 1 << 7, LOT_READY = 1 << 1, FIFO_BOTH = 0xC0;
constexpr uint8_t FRAME_BYTES = 12;
constexpr float COUNTS_PER_G = 8192.0f, COUNTS_PER_DPS = 16.384f;

enum MagneticRegister : uint8_t { M_CHIP_ID = 0x40, M_DATA = 0x42, M_HALL = 0x48, M_POWER = 0x4B, M_OPERATION = 0x4C };
constexpr uint8_t M_ON = 1, M_NORMAL_10HZ = 0, M_READY = 1 << 0;
constexpr float MICROTESLA_PER_COUNT_XY = 0.3125f, MICROTESLA_PER_COUNT_Z = 0.0625f;

}  // namespace

int BoschSensorClass::begin(CfgBoshSensor_t cfg) {
  wire_.begin();
  bool motion = cfg == BOSCH_MAGNETOMETER_ONLY || begin_motion();
  bool magnetometer = cfg == BOSCH_ACCELEROMETER_ONLY || begin_magnetometer();
  return motion && magnetometer;
}

bool BoschSensorClass::begin_motion() {
  if (read8(MOTION, CHIP_ID) != MOTION_ID) return false;
  write8(MOTION, CMD, SOFT_RESET);
  delay(2);
  write8(MOTION, PWR_CONF, 0);
  write8(MOTION, INIT_CTRL, 0);
  write8(MOTION, INIT_CTRL, 1);
  delay(20);
  if ((read8(MOTION, INTERNAL_STATUS) & 0x0F) != 1) return false;
  write8(MOTION, ACC_CONF, RATE_100HZ);
  write8(MOTION, ACC_RANGE, RANGE_4G);
  write8(MOTION, GYR_CONF, RATE_100HZ);
  write8(MOTION, GYR_RANGE, RANGE_2000DPS);
  return write8(MOTION, PWR_CTRL, BOTH_ON);
}

bool BoschSensorClass::begin_magnetometer() {
  write8(MAGNETOMETER, M_POWER, M_ON);
  delay(3);
  if (read8(MAGNETOMETER, M_CHIP_ID) != MAGNETOMETER_ID) return false;
  return write8(MAGNETOMETER, M_OPERATION, M_NORMAL_10HZ);
}

void BoschSensorClass::end() {
  write8(MOTION, PWR_CTRL, 0);
  write8(MAGNETOMETER, M_POWER, 0);
}

void BoschSensorClass::setContinuousMode() {
  write8(MOTION, FIFO_WTM_0, LOT * FRAME_BYTES);
  write8(MOTION, FIFO_WTM_1, 0);
  write8(MOTION, FIFO_CONFIG_1, FIFO_BOTH);
  continuous_ = true;
}

void BoschSensorClass::oneShotMode() {
  write8(MOTION, FIFO_CONFIG_1, 0);
  continuous_ = false;
}

int BoschSensorClass::accelerationAvailable() {
  if (!continuous_) return data_ready(ACCEL_NEW);
  if (accel_left_ == 0) take_lot();
  return accel_left_ > 0;
}

int BoschSensorClass::gyroscopeAvailable() {
  if (!continuous_) return data_ready(GYRO_NEW);
  if (gyro_left_ == 0) take_lot();
  return gyro_left_ > 0;
}

// Reading the status clears both bits; the one that was not asked for is kept.
bool BoschSensorClass::data_ready(uint8_t bit) {
  uint8_t status = static_cast<uint8_t>(seen_ | read8(MOTION, INT_STATUS_1));
  seen_ = static_cast<uint8_t>(status & (ACCEL_NEW | GYRO_NEW) & ~bit);
  return status & bit;
}

void BoschSensorClass::take_lot() {
  if (!(read8(MOTION, INT_STATUS_1) & LOT_READY)) return;
  uint8_t frames[LOT * FRAME_BYTES];
  if (!read(MOTION, FIFO_DATA, frames, sizeof frames)) return;
  for (uint8_t i = 0; i < LOT; i++) {
    gyro_lot_[i] = axes_of(frames + i * FRAME_BYTES);
    accel_lot_[i] = axes_of(frames + i * FRAME_BYTES + FRAME_BYTES / 2);
  }
  accel_left_ = gyro_left_ = LOT;
}

int BoschSensorClass::readAcceleration(float &x, float &y, float &z) {
  if (accel_left_ > 0) {
    deliver(accel_lot_[LOT - accel_left_--], COUNTS_PER_G, x, y, z);
    return 1;
  }
  uint8_t data[6];
  if (!read(MOTION, ACC_X, data, sizeof data)) return 0;
  deliver(axes_of(data), COUNTS_PER_G, x, y, z);
  return 1;
}

int BoschSensorClass::readGyroscope(float &x, float &y, float &z) {
  if (gyro_left_ > 0) {
    deliver(gyro_lot_[LOT - gyro_left_--], COUNTS_PER_DPS, x, y, z);
    return 1;
  }
  uint8_t data[6];
  if (!read(MOTION, GYR_X, data, sizeof data)) return 0;
  deliver(axes_of(data), COUNTS_PER_DPS, x, y, z);
  return 1;
}

// The chip lies turned on the board.
void BoschSensorClass::deliver(const Axes &axes, float per_unit, float &x, float &y, float &z) {
  x = -axes.y / per_unit;
  y = -axes.x / per_unit;
  z = axes.z / per_unit;
}

int BoschSensorClass::magneticFieldAvailable() { return read8(MAGNETOMETER, M_HALL) & M_READY; }

int BoschSensorClass::readMagneticField(float &x, float &y, float &z) {
  uint8_t data[8];
  if (!read(MAGNETOMETER, M_DATA, data, sizeof data)) return 0;
  Axes axes = axes_of(data);
  // 13, 13 and 15 bits, left aligned; the vendor's driver gives whole microtesla.
  x = truncf((axes.x >> 3) * MICROTESLA_PER_COUNT_XY);
  y = truncf((axes.y >> 3) * MICROTESLA_PER_COUNT_XY);
  z = truncf((axes.z >> 1) * MICROTESLA_PER_COUNT_Z);
  return 1;
}

BoschSensorClass::Axes BoschSensorClass::axes_of(const uint8_t *data) {
  auto axis = [data](int i) { return static_cast<int16_t>(data[2 * i] | data[2 * i + 1] << 8); };
  return Axes{axis(0), axis(1), axis(2)};
}

bool BoschSensorClass::write8(uint8_t address, uint8_t reg, uint8_t value) {
  wire_.beginTransmission(address);
  wire_.write(reg);
  wire_.write(value);
  return wire_.endTransmission() == 0;
}

bool BoschSensorClass::read(uint8_t address, uint8_t reg, uint8_t *data, size_t size) {
  wire_.beginTransmission(address);
  wire_.write(reg);
  if (wire_.endTransmission() != 0 || wire_.requestFrom(address, size) != size) return false;
  for (size_t i = 0; i < size; i++) data[i] = static_cast<uint8_t>(wire_.read());
  return true;
}

uint8_t BoschSensorClass::read8(uint8_t address, uint8_t reg) {
  uint8_t value = 0;
  read(address, reg, &value, 1);
  return value;
}

#if defined(ARDUINO_ARDUINO_NANO33BLE)
BoschSensorClass IMU_BMI270_BMM150(Wire1);
#else
BoschSensorClass IMU_BMI270_BMM150(Wire);
#endif
