// Colour, proximity and gestures from the APDS-9960, with the public API of Arduino_APDS9960 1.0.4.
#pragma once
#include <Arduino.h>
#include <Wire.h>

enum { GESTURE_NONE = -1, GESTURE_UP = 0, GESTURE_DOWN = 1, GESTURE_LEFT = 2, GESTURE_RIGHT = 3 };

class APDS9960 {
 public:
  // `intPin`: pin of the chip's INT output, or -1.
  APDS9960(TwoWire &wire, int intPin) : wire_(wire), interrupt_pin_(intPin) {}
  virtual ~APDS9960() {}

  bool begin();
  void end();

  int gestureAvailable();
  int readGesture();

  int colorAvailable();
  bool readColor(int &r, int &g, int &b);
  bool readColor(int &r, int &g, int &b, int &c);

  int proximityAvailable();
  // 0 near .. 255 far, -1 on failure.
  int readProximity();

  // 0 .. 100.
  void setGestureSensitivity(uint8_t sensitivity);
  void setInterruptPin(int pin) { interrupt_pin_ = pin; }
  // 0: 100 %, 1: 150 %, 2: 200 %, 3: 300 %.
  bool setLEDBoost(uint8_t boost);

 private:
  bool write_register(uint8_t reg, uint8_t value);
  bool read_registers(uint8_t reg, uint8_t *data, size_t size);
  bool change_bits(uint8_t reg, uint8_t mask, uint8_t bits);
  bool status_has(uint8_t bit);
  void read_gesture_fifo();
  void follow_hand(const uint8_t *set);

  TwoWire &wire_;
  int interrupt_pin_;
  int gesture_threshold_ = 20;  // smallest change of difference that counts as a direction
  int detected_ = GESTURE_NONE;
  bool hand_present_ = false;
  int entered_x_ = 0, entered_y_ = 0;  // right - left and up - down when the hand came in
  int last_x_ = 0, last_y_ = 0;
};

extern APDS9960 APDS;
