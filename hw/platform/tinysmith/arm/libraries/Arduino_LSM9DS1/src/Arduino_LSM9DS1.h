// Acceleration, rotation and magnetic field from the LSM9DS1, with the public API of Arduino_LSM9DS1 1.1.1.
#pragma once
#include <Arduino.h>
#include <Wire.h>

class LSM9DS1Class {
 public:
  explicit LSM9DS1Class(TwoWire &wire) : wire_(wire) {}
  virtual ~LSM9DS1Class() {}

  int begin();
  void end();

  // Keep samples in the chip's FIFO until they are read, or only the last one (default).
  void setContinuousMode();
  void setOneShotMode();

  virtual int readAcceleration(float &x, float &y, float &z);  // g
  virtual int accelerationAvailable();
  virtual float accelerationSampleRate() { return 119.0f; }  // Hz

  virtual int readGyroscope(float &x, float &y, float &z);  // deg/s
  virtual int gyroscopeAvailable();
  virtual float gyroscopeSampleRate() { return 119.0f; }

  virtual int readMagneticField(float &x, float &y, float &z);  // uT
  virtual int magneticFieldAvailable();
  virtual float magneticFieldSampleRate() { return 20.0f; }

 private:
  bool write_register(uint8_t address, uint8_t reg, uint8_t value);
  bool read_registers(uint8_t address, uint8_t reg, uint8_t *data, size_t size);
  int read_axes(uint8_t address, uint8_t reg, float full_scale, float &x, float &y, float &z);
  bool register_has(uint8_t address, uint8_t reg, uint8_t bits);

  TwoWire &wire_;
  bool continuous_ = false;
};

extern LSM9DS1Class IMU_LSM9DS1;
#undef IMU
#define IMU IMU_LSM9DS1
