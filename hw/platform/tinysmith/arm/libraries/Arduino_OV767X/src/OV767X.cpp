#include "OV767X.h"

#include <Wire.h>

#include "emulated_camera.h"

namespace {

constexpr int XCLK = 3;  // place among the pins
constexpr unsigned long POWER_UP_MS = 1000;
struct Size {
  int width, height;
};
constexpr Size SIZES[] = {{640, 480}, {352, 240}, {320, 240}, {176, 144}, {160, 120}};
constexpr int DATA_PINS[] = {OV7670_D0, OV7670_D1, OV7670_D2, OV7670_D3, OV7670_D4, OV7670_D5, OV7670_D6, OV7670_D7};

bool pixelFormat(int format, emulated::PixelFormat &found) {
  switch (format) {
    case YUV422:
      found = emulated::PixelFormat::Yuv422;
      return true;
    case RGB444:
      found = emulated::PixelFormat::Rgb444;
      return true;
    case RGB565:
      found = emulated::PixelFormat::Rgb565;
      return true;
    case GRAYSCALE:
      found = emulated::PixelFormat::Grey;
      return true;
    default:
      return false;
  }
}

}  // namespace

OV767X::OV767X() { setPins(OV7670_VSYNC, OV7670_HREF, OV7670_PLK, OV7670_XCLK, DATA_PINS); }

int OV767X::begin(int resolution, int format, int fps) {
  emulated::CameraMode mode;
  if (resolution < VGA || resolution > QQVGA || !pixelFormat(format, mode.format)) return 0;
  if (fps != 1 && fps != 5) return 0;
  width_ = SIZES[resolution].width;
  height_ = SIZES[resolution].height;
  bytesPerPixel_ = 2;
  for (int i = 0; i < 12; i++) pinMode(pins_[i], i == XCLK ? OUTPUT : INPUT);
  Wire.begin();
  delay(POWER_UP_MS);
  if (!emulated::camera_attached()) {
    end();
    return 0;
  }
  mode.width = static_cast<uint16_t>(width_);
  mode.height = static_cast<uint16_t>(height_);
  mode.fps = static_cast<uint8_t>(fps);
  emulated::camera_start(mode);
  return 1;
}

void OV767X::end() {
  emulated::camera_stop();
  pinMode(pins_[XCLK], INPUT);
  Wire.end();
}

void OV767X::readFrame(void *buffer) {
  noInterrupts();
  emulated::camera_capture(static_cast<uint8_t *>(buffer));
  while (!emulated::camera_done()) {
  }
  interrupts();
}

void OV767X::testPattern(int pattern) { emulated::camera_test_pattern(pattern != 0); }
void OV767X::noTestPattern() { emulated::camera_test_pattern(false); }

void OV767X::horizontalFlip() { flip(true, flipY_); }
void OV767X::noHorizontalFlip() { flip(false, flipY_); }
void OV767X::verticalFlip() { flip(flipX_, true); }
void OV767X::noVerticalFlip() { flip(flipX_, false); }

void OV767X::flip(bool horizontally, bool vertically) {
  flipX_ = horizontally;
  flipY_ = vertically;
  emulated::camera_flip(horizontally, vertically);
}

void OV767X::setPins(int vsync, int href, int pclk, int xclk, const int dpins[8]) {
  const int control[] = {vsync, href, pclk, xclk};
  for (int i = 0; i < 4; i++) pins_[i] = control[i];
  for (int i = 0; i < 8; i++) pins_[4 + i] = dpins[i];
}

OV767X Camera;
