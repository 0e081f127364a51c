// Pictures from an OV7670 or OV7675 camera module, with the public API of Arduino_OV767X 0.0.2 for the Nano 33 BLE.
// Brightness, contrast, saturation, hue, gain and exposure are taken and change nothing: see emulated_camera.h.
#pragma once
#include <Arduino.h>

#if !defined(ARDUINO_ARCH_MBED)
#error "Arduino_OV767X.h: the vendor's library drives the camera on boards with an nRF52840 only"
#endif

#define OV7670_VSYNC 8
#define OV7670_HREF A1
#define OV7670_PLK A0
#define OV7670_XCLK 9
#define OV7670_D0 10
#define OV7670_D1 1
#define OV7670_D2 0
#define OV7670_D3 2
#define OV7670_D4 3
#define OV7670_D5 5
#define OV7670_D6 6
#define OV7670_D7 4

enum { YUV422 = 0, RGB444 = 1, RGB565 = 2, GRAYSCALE = 4 };

enum {
  VGA = 0,    // 640 x 480
  CIF = 1,    // 352 x 240
  QVGA = 2,   // 320 x 240
  QCIF = 3,   // 176 x 144
  QQVGA = 4,  // 160 x 120
};

class OV767X {
 public:
  OV767X();
  virtual ~OV767X() {}

  // 1 or 5 frames a second. Takes a second; 0 for another rate, size or format, or when no module answers.
  int begin(int resolution, int format, int fps);
  void end();

  int width() const { return width_; }
  int height() const { return height_; }
  int bitsPerPixel() const { return bytesPerPixel_ * 8; }
  int bytesPerPixel() const { return bytesPerPixel_; }  // 2 for GRAYSCALE as well, whose frames have 1

  // Waits for the next frame and takes it, with interrupts held off: one to two periods of the frame rate.
  void readFrame(void *buffer);

  void testPattern(int pattern = 2);
  void noTestPattern();

  void setSaturation(int) {}  // 0 .. 255
  void setHue(int) {}         // -180 .. 180
  void setBrightness(int) {}  // 0 .. 255
  void setContrast(int) {}    // 0 .. 127
  void horizontalFlip();
  void noHorizontalFlip();
  void verticalFlip();
  void noVerticalFlip();
  void setGain(int) {}  // 0 .. 255
  void autoGain() {}
  void setExposure(int) {}  // 0 .. 65535
  void autoExposure() {}

  // Before begin().
  void setPins(int vsync, int href, int pclk, int xclk, const int dpins[8]);

 private:
  void flip(bool horizontally, bool vertically);

  int pins_[12];
  int width_ = 0, height_ = 0, bytesPerPixel_ = 0;
  bool flipX_ = false, flipY_ = false;
};

extern OV767X Camera;
