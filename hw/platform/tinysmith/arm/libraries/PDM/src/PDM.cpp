#include "PDM.h"

#include <stdlib.h>
#include <string.h>

#include "emulated_machine.h"
#include "emulated_microphone.h"

PDMClass::PDMClass(int dinPin, int clkPin, int pwrPin) : din_(dinPin), clk_(clkPin), power_(pwrPin) {}

int PDMClass::begin(int channels, int sampleRate) {
  if ((sampleRate != 16000 && sampleRate != 41667) || channels < 1 || channels > 2) return 0;
  setBufferSize(size_);
  if (buffers_[0] == nullptr || buffers_[1] == nullptr) return 0;
  setGain(gain_ < 0 ? emulated::MICROPHONE_UNITY_GAIN : gain_);
  pinMode(clk_, OUTPUT);
  digitalWrite(clk_, LOW);
  pinMode(din_, INPUT);
  if (power_ > -1) {
    pinMode(power_, OUTPUT);
    digitalWrite(power_, HIGH);
  }
  size_t values = static_cast<size_t>(size_) / sizeof(int16_t);
  emulated::microphone_start(static_cast<uint32_t>(sampleRate), static_cast<uint8_t>(channels), buffers_[0], values,
                             onFull);
  emulated::microphone_next(buffers_[1]);
  return 1;
}

void PDMClass::end() {
  emulated::microphone_stop();
  if (power_ > -1) {
    digitalWrite(power_, LOW);
    pinMode(power_, INPUT);
  }
  pinMode(clk_, INPUT);
}

int PDMClass::available() {
  emulated::InterruptLock lock;
  return static_cast<int>(length_ - position_);
}

int PDMClass::read(void *buffer, size_t size) {
  emulated::InterruptLock lock;
  size_t left = length_ - position_;
  if (size > left) size = left;
  if (size > 0) memcpy(buffer, reinterpret_cast<uint8_t *>(buffers_[1 - filling_]) + position_, size);
  position_ += size;
  return static_cast<int>(size);
}

void PDMClass::onReceive(void (*function)(void)) { onReceive_ = function; }

void PDMClass::setGain(int gain) {
  gain_ = gain;
  emulated::microphone_gain(gain);
}

void PDMClass::setBufferSize(int bufferSize) {
  emulated::InterruptLock lock;
  size_ = bufferSize;
  for (int16_t *&buffer : buffers_) {
    buffer = static_cast<int16_t *>(realloc(buffer, static_cast<size_t>(bufferSize)));
    if (buffer != nullptr) memset(buffer, 0, static_cast<size_t>(bufferSize));
  }
  filling_ = 0;
  length_ = position_ = 0;
}

void PDMClass::swap() {
  if (position_ < length_) {  // nobody read the last one in time
    emulated::microphone_stop();
    return;
  }
  emulated::microphone_next(buffers_[filling_]);
  filling_ = 1 - filling_;
  length_ = static_cast<size_t>(size_);
  position_ = 0;
  if (onReceive_) onReceive_();
}

void PDMClass::onFull() { PDM.swap(); }

PDMClass PDM(PIN_PDM_DIN, PIN_PDM_CLK, PIN_PDM_PWR);
