// Temperature and humidity from the HTS221, with the public API of Arduino_HTS221 1.0.0.
#pragma once
#include <Arduino.h>
#include <Wire.h>

enum { FAHRENHEIT, CELSIUS };

class HTS221Class {
 public:
  explicit HTS221Class(TwoWire &wire) : wire_(wire) {}

  int begin();
  void end();

  float readTemperature(int units = CELSIUS);
  float readHumidity();  // %

 private:
  int read8(uint8_t reg);
  int16_t read16(uint8_t reg) { return static_cast<int16_t>(read8(reg) | read8(static_cast<uint8_t>(reg + 1)) << 8); }
  int write8(uint8_t reg, uint8_t value);
  void convert(uint8_t ready);

  TwoWire &wire_;
  float humidity_slope_ = 0, humidity_zero_ = 0;
  float temperature_slope_ = 0, temperature_zero_ = 0;
};

extern HTS221Class HTS;
