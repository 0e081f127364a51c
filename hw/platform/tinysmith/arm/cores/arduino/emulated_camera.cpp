#include "emulated_camera.h"

#include "emulated_clock.h"
#include "emulated_machine.h"
#include "emulated_semihosting.h"
#include "emulated_stimuli.h"

namespace emulated {
namespace {

// Pictures of camera.bin, as tools/board_files.py writes them: red, green, blue of 640 x 480 pixels each.
constexpr uint32_t FULL_WIDTH = 640, FULL_HEIGHT = 480, COLOURS = 3;
constexpr uint32_t ROW_BYTES = FULL_WIDTH * COLOURS;
constexpr uint32_t ACTIVE_ROWS = 480, ALL_ROWS = 510;  // of a frame; the others pass between two frames
constexpr uint32_t BARS = 8;

int file = -1;
bool opened;
CameraMode mode;
bool on, flip_x, flip_y, pattern;
uint32_t began_ms;

enum class Capture : uint8_t { Idle, Waiting, Running };
volatile Capture capture;
uint8_t *target;
int32_t picture;
uint32_t frame_start_ms, frame_end_ms;

uint8_t row[ROW_BYTES];
uint32_t sums[ROW_BYTES];

uint32_t frame_ms(uint32_t number) { return began_ms + number * 1000 / mode.fps; }

void read_row(uint32_t y) {
  if (pattern) {
    for (uint32_t x = 0; x < FULL_WIDTH; x++) {
      uint32_t bar = BARS - 1 - x * BARS / FULL_WIDTH;  // white, yellow, cyan, green, magenta, red, blue, black
      row[x * COLOURS] = bar & 2 ? 255 : 0;
      row[x * COLOURS + 1] = bar & 4 ? 255 : 0;
      row[x * COLOURS + 2] = bar & 1 ? 255 : 0;
    }
    return;
  }
  size_t got = 0;
  if (picture >= 0) {
    host_seek(file, (static_cast<uint32_t>(picture) * FULL_HEIGHT + y) * ROW_BYTES);
    got = host_read(file, row, ROW_BYTES);
  }
  for (size_t i = got; i < ROW_BYTES; i++) row[i] = 0;
}

uint32_t edge(uint32_t at, uint32_t size, uint32_t full) { return at * full / size; }

// Average of the pixels of the full frame that lie under one pixel of the chosen size; halves are rounded up.
void scale_row(uint32_t y) {
  uint32_t top = edge(y, mode.height, FULL_HEIGHT), bottom = edge(y + 1, mode.height, FULL_HEIGHT);
  for (uint32_t i = 0; i < mode.width * COLOURS; i++) sums[i] = 0;
  for (uint32_t source = top; source < bottom; source++) {
    read_row(source);
    for (uint32_t x = 0; x < mode.width; x++)
      for (uint32_t at = edge(x, mode.width, FULL_WIDTH); at < edge(x + 1, mode.width, FULL_WIDTH); at++)
        for (uint32_t c = 0; c < COLOURS; c++) sums[x * COLOURS + c] += row[at * COLOURS + c];
  }
  for (uint32_t x = 0; x < mode.width; x++) {
    uint32_t count = (bottom - top) * (edge(x + 1, mode.width, FULL_WIDTH) - edge(x, mode.width, FULL_WIDTH));
    for (uint32_t c = 0; c < COLOURS; c++) row[x * COLOURS + c] = (sums[x * COLOURS + c] + count / 2) / count;
  }
}

// ITU-R BT.601, full range, in 16-bit fixed point.
uint8_t luma(const uint8_t *rgb) { return (rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 32768u) >> 16; }

uint8_t chroma(int difference, int scale) {
  int value = 128 + ((difference * scale + 32768) >> 16);
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

uint8_t *put_pixel(uint8_t *out, const uint8_t *rgb, bool odd) {
  uint8_t y = luma(rgb);
  switch (mode.format) {
    case PixelFormat::Grey:
      *out++ = y;
      break;
    case PixelFormat::Yuv422:  // Y U Y V
      *out++ = y;
      *out++ = odd ? chroma(rgb[0] - y, 46745) : chroma(rgb[2] - y, 36984);  // 1/1.402, 1/1.772
      break;
    case PixelFormat::Rgb565:  // high byte first
      *out++ = (rgb[0] & 0xF8) | rgb[1] >> 5;
      *out++ = (rgb[1] & 0x1C) << 3 | rgb[2] >> 3;
      break;
    case PixelFormat::Rgb444:  // xR GB
      *out++ = rgb[0] >> 4;
      *out++ = (rgb[1] & 0xF0) | rgb[2] >> 4;
      break;
  }
  return out;
}

void expose() {
  uint8_t *out = target;
  for (uint32_t y = 0; y < mode.height; y++) {
    scale_row(flip_y ? mode.height - 1 - y : y);
    for (uint32_t x = 0; x < mode.width; x++)
      out = put_pixel(out, row + (flip_x ? mode.width - 1 - x : x) * COLOURS, x & 1);
  }
}

void tick(uint32_t now_ms) {
  if (!on || capture == Capture::Idle) return;
  if (capture == Capture::Waiting && now_ms >= frame_start_ms) {
    picture = world.picture;
    capture = Capture::Running;
  }
  if (capture == Capture::Running && now_ms >= frame_end_ms) {
    expose();
    capture = Capture::Idle;
  }
}

}  // namespace

bool camera_attached() {
  if (!opened) file = host_open("camera.bin", FileMode::Read);
  opened = true;
  return file >= 0;
}

void camera_start(const CameraMode &wanted) {
  {
    TickLock lock;
    mode = wanted;
    began_ms = clock_ms();
    capture = Capture::Idle;
    on = true;
  }
  clock_add_listener(tick);
}

void camera_stop() { on = false; }

void camera_flip(bool horizontally, bool vertically) {
  flip_x = horizontally;
  flip_y = vertically;
}

void camera_test_pattern(bool shown) { pattern = shown; }

void camera_capture(uint8_t *buffer) {
  TickLock lock;
  if (!on) return;
  uint32_t number = (clock_ms() - began_ms) * mode.fps / 1000 + 1;
  frame_start_ms = frame_ms(number);
  frame_end_ms = frame_start_ms + 1000 * ACTIVE_ROWS / (ALL_ROWS * mode.fps);
  target = buffer;
  capture = Capture::Waiting;
}

bool camera_done() { return capture == Capture::Idle; }

}  // namespace emulated
