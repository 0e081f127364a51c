// An OV7670/OV7675 camera module: its scaler, pixel formats and frame times. Source: OmniVision OV7670 data sheet 1.4.
// Not modelled: exposure, gain and colour settings (a picture is what the sensor sees after them), I2C registers.
#pragma once
#include <stdint.h>

namespace emulated {

enum class PixelFormat : uint8_t { Yuv422, Rgb444, Rgb565, Grey };

struct CameraMode {
  uint16_t width;  // at most 640 x 480
  uint16_t height;
  PixelFormat format;
  uint8_t fps;
};

// Whether a module is plugged in: the stimuli have a column `camera`.
bool camera_attached();
// Frames begin now and every 1/fps seconds.
void camera_start(const CameraMode &mode);
void camera_stop();
void camera_flip(bool horizontally, bool vertically);
// Eight colour bars instead of a picture.
void camera_test_pattern(bool shown);
// Fills `buffer` with the next frame: the picture there when it begins, complete when camera_done() says so.
void camera_capture(uint8_t *buffer);
bool camera_done();

}  // namespace emulated
