// Sound from a PDM microphone, with the public API of the PDM library 1.0 in the mbed core 4 for the nRF52840.
#pragma once
#include <Arduino.h>

#if !defined(ARDUINO_ARCH_MBED)
#error "PDM.h: the vendor's core for this board has no PDM library"
#endif

class PDMClass {
 public:
  PDMClass(int dinPin, int clkPin, int pwrPin);
  virtual ~PDMClass() {}

  // 1 or 2 channels at 16000 or 41667 Hz; 0 for anything else.
  int begin(int channels, int sampleRate);
  void end();

  virtual int available();                       // bytes
  virtual int read(void *buffer, size_t size);   // bytes read

  // Called in an interrupt, when a buffer has been filled. What is then not read before the next one is full stops the
  // microphone, as in the vendor's library.
  void onReceive(void (*function)(void));

  void setGain(int gain);               // 0 .. 80, in steps of 0.5 dB
  void setBufferSize(int bufferSize);   // bytes; before begin()

 private:
  static void onFull();
  void swap();

  int din_, clk_, power_;
  int gain_ = -1;
  int size_ = 512;
  int16_t *buffers_[2] = {};
  int filling_ = 0;  // the buffer that the microphone writes to
  size_t length_ = 0, position_ = 0;  // of the other one
  void (*onReceive_)(void) = nullptr;
};

extern PDMClass PDM;
