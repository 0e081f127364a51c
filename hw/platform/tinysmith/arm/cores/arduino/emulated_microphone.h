// The PDM microphone and its receiver in the chip: samples go into a buffer in the firmware's memory, then an interrupt.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulated {

// Gain register of the receiver in the nRF52840 (product specification, 6.15): steps of 0.5 dB.
constexpr int MICROPHONE_MOST_GAIN = 80;
// At this gain, the default of the PDM library, a recording of the stimuli arrives as it is.
constexpr int MICROPHONE_UNITY_GAIN = 20;

// Records from now on at `rate_hz`, `channels` values a sample, into `first` and then into what
// microphone_next() gave last; each is `values` long. `on_full` runs as an interrupt when one is full.
void microphone_start(uint32_t rate_hz, uint8_t channels, int16_t *first, size_t values, void (*on_full)());
// The buffer to go on with when the present one is full; without it samples are lost.
void microphone_next(int16_t *buffer);
void microphone_stop();
void microphone_gain(int gain);

}  // namespace emulated
