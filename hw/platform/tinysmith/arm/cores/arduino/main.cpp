#include <Arduino.h>

#include "emulated_board.h"
#include "emulated_pins.h"
#include "emulated_supervisor.h"

extern "C" void __attribute__((weak)) initVariant() {}
extern "C" void __attribute__((weak)) init() {}

int main() {
  init();
  initVariant();
  emulated::pins_start_trace();
#if EMULATED_NATIVE_USB
  Serial.begin(115200);
#endif
  emulated::supervisor_started();
  setup();
  emulated::supervisor_returned();
  for (;;) {
    loop();
    emulated::supervisor_returned();
#ifdef ARDUINO_ARCH_STM32
    serialEventRun();
#else
    if (arduino::serialEventRun) arduino::serialEventRun();
#endif
  }
}
