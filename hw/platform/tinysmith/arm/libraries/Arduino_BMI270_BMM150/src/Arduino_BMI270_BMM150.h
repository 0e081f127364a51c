// Acceleration, rotation and magnetic field from the BMI270 and the BMM150, with the public API of
// Arduino_BMI270_BMM150 but onInterrupt(). For the emulated board only: the real BMI270 needs 8 KB of firmware from
// its maker, which the vendor's library carries (about 20 KB of flash more than this one).
#pragma once
#include <Arduino.h>
#include <Wire.h>

typedef enum { BOSCH_ACCELEROMETER_ONLY, BOSCH_MAGNETOMETER_ONLY, BOSCH_ACCEL_AND_MAGN } CfgBoshSensor_t;

class BoschSensorClass {
 public:
  explicit BoschSensorClass(TwoWire &wire = Wire) : wire_(wire) {}
  ~BoschSensorClass() {}

  int begin(CfgBoshSensor_t cfg = BOSCH_ACCEL_AND_MAGN);
  void end();
  void debug(Stream &) {}

  // Keep samples in the chip's FIFO and hand them out in lots, or only the last one (default).
  void setContinuousMode();
  void oneShotMode();

  virtual int readAcceleration(float &x, float &y, float &z);  // g
  virtual int accelerationAvailable();
  virtual float accelerationSampleRate() { return 99.84f; }  // Hz

  virtual int readGyroscope(float &x, float &y, float &z);  // deg/s
  virtual int gyroscopeAvailable();
  virtual float gyroscopeSampleRate() { return 99.84f; }

  virtual int readMagneticField(float &x, float &y, float &z);  // uT, whole numbers
  virtual int magneticFieldAvailable();
  virtual float magneticFieldSampleRate() { return 10.0f; }

 private:
  static constexpr uint8_t LOT = 8;  // samples

  struct Axes {
    int16_t x, y, z;
  };

  bool begin_motion();
  bool begin_magnetometer();
  bool write8(uint8_t address, uint8_t reg, uint8_t value);
  bool read(uint8_t address, uint8_t reg, uint8_t *data, size_t size);
  uint8_t read8(uint8_t address, uint8_t reg);
  static Axes axes_of(const uint8_t *data);
  bool data_ready(uint8_t bit);
  void take_lot();
  void deliver(const Axes &axes, float per_unit, float &x, float &y, float &z);

  TwoWire &wire_;
  bool continuous_ = false;
  uint8_t seen_ = 0;  // data-ready bits that were cleared by asking for the other one
  Axes accel_lot_[LOT], gyro_lot_[LOT];
  uint8_t accel_left_ = 0, gyro_left_ = 0;
};

extern BoschSensorClass IMU_BMI270_BMM150;
#undef IMU
#define IMU IMU_BMI270_BMM150
