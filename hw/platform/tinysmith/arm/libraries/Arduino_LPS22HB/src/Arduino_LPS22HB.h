// Air pressure from the LPS22HB, with the public API of Arduino_LPS22HB 1.0.2.
#pragma once
#include <Arduino.h>
#include <Wire.h>

enum { PSI, MILLIBAR, KILOPASCAL };
enum { RATE_ONE_SHOT = 0, RATE_1_HZ = 1, RATE_10_HZ = 2, RATE_25_HZ = 3, RATE_50_HZ = 4, RATE_75_HZ = 5 };

class LPS22HBClass {
 public:
  explicit LPS22HBClass(TwoWire &wire) : wire_(wire) {}

  int begin();
  void end();

  void setOutputRate(int rate);

  float readPressure(int units = KILOPASCAL);
  float readTemperature();  // degrees Celsius, of the last pressure reading
  float readAltitude();     // m, by the standard atmosphere

 private:
  int read8(uint8_t reg);
  int write8(uint8_t reg, uint8_t value);

  TwoWire &wire_;
  bool begun_ = false;
  int rate_ = RATE_ONE_SHOT;
};

extern LPS22HBClass BARO;
