#include "emulated_stimuli.h"

#include <string.h>

#include "emulated_clock.h"
#include "emulated_pins.h"
#include "emulated_reader.h"
#include "emulated_supervisor.h"

namespace emulated {

World world = {{0, 0, 0, 0}, 255, {0, 0, 1}, {0, 0, 0}, {0, 0, 0}, 20, 50, 101.325f, false, 0, 0, {-1, 0}, -1};

namespace {

constexpr uint32_t MAGIC = 0x4D495453;  // "STIM"

struct FileHeader {
  uint32_t magic;
  uint32_t until_ms;
  uint32_t hang_ms;
};

struct Record {
  uint32_t t_ms;
  uint16_t channel;
  uint16_t reserved;
  float value;
};

FileReader file;
Record next;
bool has_next;

void apply(const Record &record) {
  uint16_t channel = record.channel;
  float value = record.value;
  if (channel >= CHANNEL_ANALOG) {
    analog_input(static_cast<uint8_t>(channel - CHANNEL_ANALOG), static_cast<int>(value));
  } else if (channel >= CHANNEL_PIN) {
    pin_input(static_cast<uint8_t>(channel - CHANNEL_PIN), value != 0);
  } else if (channel == CHANNEL_AUDIO) {
    world.sound = {static_cast<int32_t>(value), record.t_ms};
  } else if (channel == CHANNEL_CAMERA) {
    world.picture = static_cast<int32_t>(value);
  } else if (channel == CHANNEL_SILENT) {
    world.silent = value != 0;
  } else if (channel == CHANNEL_ROLLOVER) {
    clock_roll_over_in(static_cast<uint32_t>(value));
  } else if (channel == CHANNEL_TEMPERATURE) {
    world.temperature = value;
  } else if (channel == CHANNEL_HUMIDITY) {
    world.humidity = value;
  } else if (channel == CHANNEL_PRESSURE) {
    world.pressure = value;
  } else if (channel == CHANNEL_GESTURE) {
    world.gesture = static_cast<uint8_t>(value);
    world.gestures++;
  } else if (channel >= CHANNEL_MAG) {
    world.mag[channel - CHANNEL_MAG] = value;
  } else if (channel >= CHANNEL_GYRO) {
    world.gyro[channel - CHANNEL_GYRO] = value;
  } else if (channel >= CHANNEL_ACCEL) {
    world.accel[channel - CHANNEL_ACCEL] = value;
  } else if (channel == CHANNEL_PROXIMITY) {
    world.proximity = value;
  } else {
    world.color[channel - CHANNEL_COLOR] = value;
  }
}

}  // namespace

void stimuli_open() {
  FileHeader header;
  if (!file.open("stimuli.bin") || !file.read(&header, sizeof header) || header.magic != MAGIC) return;
  supervisor_limits(header.until_ms, header.hang_ms);
  has_next = file.read(&next, sizeof next);
  stimuli_apply(0);
}

void stimuli_apply(uint32_t now_ms) {
  while (has_next && next.t_ms <= now_ms) {
    apply(next);
    has_next = file.read(&next, sizeof next);
  }
}

uint32_t stimuli_next_ms() { return has_next ? next.t_ms : UINT32_MAX; }

}  // namespace emulated
