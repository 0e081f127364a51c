#include "Arduino_LSM9DS1.h"

namespace {

constexpr uint8_t MOTION = 0x6B;  // addresses
constexpr uint8_t MAGNETOMETER = 0x1E;
constexpr uint8_t AUTO_INCREMENT = 0x80;

constexpr uint8_t WHO_AM_I = 0x0F, MOTION_ID = 0x68, MAGNETOMETER_ID = 0x3D;
constexpr uint8_t CTRL_REG1_G = 0x10, STATUS_REG = 0x17, OUT_X_G = 0x18, CTRL_REG6_XL = 0x20, CTRL_REG8 = 0x22;
constexpr uint8_t CTRL_REG9 = 0x23, OUT_X_XL = 0x28, FIFO_CTRL = 0x2E, FIFO_SRC = 0x2F;
constexpr uint8_t CTRL_REG1_M = 0x20, CTRL_REG2_M = 0x21, CTRL_REG3_M = 0x22, STATUS_REG_M = 0x27, OUT_X_M = 0x28;

constexpr uint8_t RESET_MOTION = 0x05, RESET_MAGNETOMETER = 0x0C;
constexpr uint8_t GYRO_119HZ_2000DPS = 0x78, ACCEL_119HZ_4G = 0x70;
constexpr uint8_t MAG_20HZ = 0xB4, MAG_4GAUSS = 0x00, MAG_CONTINUOUS = 0x00, MAG_OFF = 0x03;
constexpr uint8_t FIFO_ENABLE = 0x02, FIFO_CONTINUOUS = 0xC0, FIFO_LEVEL = 0x3F;
constexpr uint8_t ACCEL_NEW = 1 << 0, GYRO_NEW = 1 << 1, MAG_NEW = 1 << 3;

constexpr float ACCEL_FULL_SCALE_G = 4.0f, GYRO_FULL_SCALE_DPS = 2000.0f, MAG_FULL_SCALE_UT = 400.0f;

}  // namespace

int LSM9DS1Class::begin() {
  wire_.begin();
  write_register(MOTION, CTRL_REG8, RESET_MOTION);
  write_register(MAGNETOMETER, CTRL_REG2_M, RESET_MAGNETOMETER);
  delay(10);
  uint8_t motion_id = 0, magnetometer_id = 0;
  read_registers(MOTION, WHO_AM_I, &motion_id, 1);
  read_registers(MAGNETOMETER, WHO_AM_I, &magnetometer_id, 1);
  if (motion_id != MOTION_ID || magnetometer_id != MAGNETOMETER_ID) {
    end();
    return 0;
  }
  write_register(MOTION, CTRL_REG1_G, GYRO_119HZ_2000DPS);
  write_register(MOTION, CTRL_REG6_XL, ACCEL_119HZ_4G);
  write_register(MAGNETOMETER, CTRL_REG1_M, MAG_20HZ);
  write_register(MAGNETOMETER, CTRL_REG2_M, MAG_4GAUSS);
  write_register(MAGNETOMETER, CTRL_REG3_M, MAG_CONTINUOUS);
  return 1;
}

void LSM9DS1Class::end() {
  write_register(MAGNETOMETER, CTRL_REG3_M, MAG_OFF);
  write_register(MOTION, CTRL_REG1_G, 0);
  write_register(MOTION, CTRL_REG6_XL, 0);
  wire_.end();
}

void LSM9DS1Class::setContinuousMode() {
  write_register(MOTION, CTRL_REG9, FIFO_ENABLE);
  write_register(MOTION, FIFO_CTRL, FIFO_CONTINUOUS);
  continuous_ = true;
}

void LSM9DS1Class::setOneShotMode() {
  write_register(MOTION, CTRL_REG9, 0);
  write_register(MOTION, FIFO_CTRL, 0);
  continuous_ = false;
}

int LSM9DS1Class::readAcceleration(float &x, float &y, float &z) {
  return read_axes(MOTION, OUT_X_XL, ACCEL_FULL_SCALE_G, x, y, z);
}

int LSM9DS1Class::accelerationAvailable() {
  return continuous_ ? register_has(MOTION, FIFO_SRC, FIFO_LEVEL) : register_has(MOTION, STATUS_REG, ACCEL_NEW);
}

int LSM9DS1Class::readGyroscope(float &x, float &y, float &z) {
  return read_axes(MOTION, OUT_X_G, GYRO_FULL_SCALE_DPS, x, y, z);
}

int LSM9DS1Class::gyroscopeAvailable() { return register_has(MOTION, STATUS_REG, GYRO_NEW); }

int LSM9DS1Class::readMagneticField(float &x, float &y, float &z) {
  return read_axes(MAGNETOMETER, OUT_X_M, MAG_FULL_SCALE_UT, x, y, z);
}

int LSM9DS1Class::magneticFieldAvailable() { return register_has(MAGNETOMETER, STATUS_REG_M, MAG_NEW); }

bool LSM9DS1Class::write_register(uint8_t address, uint8_t reg, uint8_t value) {
  wire_.beginTransmission(address);
  wire_.write(reg);
  wire_.write(value);
  return wire_.endTransmission() == 0;
}

bool LSM9DS1Class::read_registers(uint8_t address, uint8_t reg, uint8_t *data, size_t size) {
  wire_.beginTransmission(address);
  wire_.write(static_cast<uint8_t>(reg | AUTO_INCREMENT));
  if (wire_.endTransmission(false) != 0) return false;
  if (wire_.requestFrom(address, size) != size) return false;
  for (size_t i = 0; i < size; i++) data[i] = static_cast<uint8_t>(wire_.read());
  return true;
}

int LSM9DS1Class::read_axes(uint8_t address, uint8_t reg, float full_scale, float &x, float &y, float &z) {
  uint8_t data[6];
  if (!read_registers(address, reg, data, sizeof data)) {
    x = y = z = NAN;
    return 0;
  }
  auto axis = [&](int i) {
    return static_cast<int16_t>(data[2 * i] | data[2 * i + 1] << 8) * full_scale / 32768.0f;
  };
  x = axis(0);
  y = axis(1);
  z = axis(2);
  return 1;
}

bool LSM9DS1Class::register_has(uint8_t address, uint8_t reg, uint8_t bits) {
  uint8_t value = 0;
  return read_registers(address, reg, &value, 1) && (value & bits);
}

#if defined(ARDUINO_ARDUINO_NANO33BLE)
LSM9DS1Class IMU_LSM9DS1(Wire1);
#else
LSM9DS1Class IMU_LSM9DS1(Wire);
#endif
