#include "emulated_microphone.h"

#include "emulated_clock.h"
#include "emulated_interrupts.h"
#include "emulated_machine.h"
#include "emulated_semihosting.h"
#include "emulated_stimuli.h"

namespace emulated {
namespace {

// audio.bin, as tools/board_files.py writes it: number of clips, an entry for each, the samples of all.
constexpr uint32_t STIMULI_HZ = 16000;
struct Clip {
  uint32_t first;  // sample
  uint32_t samples;
};

constexpr float HALF_DECIBEL = 1.05925373f;  // 10^(0.5/20)
constexpr uint32_t CACHE_SAMPLES = 1024;
int file = -1;
bool opened;
uint32_t clip_count;
Clip clip;
int32_t clip_known = -1;
int16_t cache[CACHE_SAMPLES];
uint32_t cache_first;
uint32_t cache_filled;

bool on;
uint32_t rate;
uint8_t channel_count;
int16_t *buffer;
int16_t *following;
size_t buffer_values;
size_t filled;
void (*when_full)();
uint32_t began_ms;
uint64_t produced;  // samples since then
Sound heard;        // what plays in the millisecond that ends with this tick
float gain = 1;

bool select_clip(int32_t index) {
  if (index == clip_known) return true;
  if (file < 0 || static_cast<uint32_t>(index) >= clip_count) return false;
  host_seek(file, sizeof clip_count + static_cast<uint32_t>(index) * sizeof clip);
  if (host_read(file, &clip, sizeof clip) != sizeof clip) return false;
  clip_known = index;
  cache_filled = 0;
  return true;
}

int16_t stored(uint32_t sample) {
  if (sample >= clip.samples) return 0;
  if (sample - cache_first >= cache_filled) {
    uint32_t data = sizeof clip_count + clip_count * sizeof clip;
    host_seek(file, data + (clip.first + sample) * sizeof *cache);
    uint32_t left = clip.samples - sample;
    cache_first = sample;
    cache_filled = host_read(file, cache, (left < CACHE_SAMPLES ? left : CACHE_SAMPLES) * sizeof *cache) / sizeof *cache;
  }
  return sample - cache_first < cache_filled ? cache[sample - cache_first] : 0;
}

// The sample that is `number` samples after the start of recording; between two of the recording the earlier one.
int16_t perceived(uint64_t number) {
  if (heard.clip < 0 || !select_clip(heard.clip)) return 0;
  uint64_t at = number * STIMULI_HZ / rate + static_cast<uint64_t>(began_ms) * (STIMULI_HZ / 1000);
  uint64_t start = static_cast<uint64_t>(heard.began_ms) * (STIMULI_HZ / 1000);
  float value = at < start ? 0 : stored(static_cast<uint32_t>(at - start)) * gain;
  // No function of the C library here: it would count as the firmware's.
  if (value >= 32767) return 32767;
  return value <= -32768 ? -32768 : static_cast<int16_t>(value + (value < 0 ? -0.5f : 0.5f));
}

void deliver(int16_t sample) {
  if (buffer == nullptr) return;  // nobody gave a buffer in time: the sample is lost
  for (uint8_t i = 0; i < channel_count && filled < buffer_values; i++) buffer[filled++] = sample;
  if (filled < buffer_values) return;
  buffer = following;
  following = nullptr;
  filled = 0;
  interrupt_raise(when_full);
}

void tick(uint32_t now_ms) {
  uint64_t due = on ? static_cast<uint64_t>(now_ms - began_ms) * rate / 1000 : 0;
  for (; on && produced < due; produced++) deliver(perceived(produced));
  heard = world.sound;
}

uint32_t next_ms() {
  if (!on || buffer == nullptr) return UINT32_MAX;
  uint64_t at = produced + (buffer_values - filled + channel_count - 1) / channel_count;
  return began_ms + static_cast<uint32_t>((at * 1000 + rate - 1) / rate);
}

void open_file() {
  if (opened) return;
  opened = true;
  file = host_open("audio.bin", FileMode::Read);
  if (file >= 0 && host_read(file, &clip_count, sizeof clip_count) != sizeof clip_count) clip_count = 0;
}

}  // namespace

void microphone_start(uint32_t rate_hz, uint8_t channels, int16_t *first, size_t values, void (*on_full)()) {
  {
    TickLock lock;
    open_file();
    rate = rate_hz;
    channel_count = channels;
    buffer = first;
    following = nullptr;
    buffer_values = values;
    when_full = on_full;
    filled = 0;
    began_ms = clock_ms();
    produced = 0;
    heard = world.sound;
    on = true;
  }
  clock_add_listener(tick, next_ms);
}

void microphone_next(int16_t *next) {
  TickLock lock;
  (buffer == nullptr ? buffer : following) = next;
}

void microphone_stop() {
  TickLock lock;
  on = false;
}

void microphone_gain(int steps) {
  int kept = steps < 0 ? 0 : steps > MICROPHONE_MOST_GAIN ? MICROPHONE_MOST_GAIN : steps;
  gain = 1;
  for (int i = MICROPHONE_UNITY_GAIN; i < kept; i++) gain *= HALF_DECIBEL;
  for (int i = kept; i < MICROPHONE_UNITY_GAIN; i++) gain /= HALF_DECIBEL;
}

}  // namespace emulated
