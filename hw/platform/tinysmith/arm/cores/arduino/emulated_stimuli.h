// The world around the board: what its sensors, pins and serial line are given, read from the host's files.
#pragma once
#include <stdint.h>

namespace emulated {

// A recording of audio.bin that began to play.
struct Sound {
  int32_t clip;  // -1: none, it is quiet
  uint32_t began_ms;
};

// What the sensors would perceive now; held until the next stimulus.
struct World {
  float color[4];     // red, green, blue, clear, in counts
  float proximity;    // 0 near .. 255 nothing there, as APDS.readProximity() returns it
  float accel[3];     // g
  float gyro[3];      // deg/s
  float mag[3];       // uT
  float temperature;  // degrees Celsius
  float humidity;     // %
  float pressure;     // kPa
  bool silent;        // the chips on the I2C buses measure nothing new
  uint32_t gestures;  // gestures made so far
  uint8_t gesture;    // the last one: 0 up, 1 down, 2 left, 3 right
  Sound sound;        // what plays
  int32_t picture;    // before the camera, index in camera.bin; -1: none, it is dark
};
extern World world;

// Numbers of the channels in stimuli.bin; tools/emulate.py writes them.
enum Channel : uint16_t {
  CHANNEL_COLOR = 0,      // 4
  CHANNEL_PROXIMITY = 4,
  CHANNEL_ACCEL = 5,      // 3
  CHANNEL_GYRO = 8,       // 3
  CHANNEL_MAG = 11,       // 3
  CHANNEL_GESTURE = 14,
  CHANNEL_TEMPERATURE = 15,
  CHANNEL_HUMIDITY = 16,
  CHANNEL_PRESSURE = 17,
  CHANNEL_AUDIO = 18,     // index of a clip that starts to play
  CHANNEL_CAMERA = 19,    // index of a picture
  CHANNEL_SILENT = 20,    // 1: the chips on the I2C buses measure nothing new
  CHANNEL_ROLLOVER = 21,  // millis() goes from its largest value to 0 so many ms after this
  CHANNEL_PIN = 0x100,    // + number of the pin
  CHANNEL_ANALOG = 0x200, // + number of the analog input
};

// Opens stimuli.bin and serial.bin in the emulator's working folder, and applies what is due at 0 ms.
void stimuli_open();
// Applies all stimuli up to `now_ms`.
void stimuli_apply(uint32_t now_ms);
// When the next one is due; UINT32_MAX: none is left.
uint32_t stimuli_next_ms();

}  // namespace emulated
