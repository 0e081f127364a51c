// Interrupts on pins. Levels are no events for either core: it takes them for edges.
#include <Arduino.h>

#include "emulated_pins.h"
#include "wiring_arguments.h"

using emulated::Edge;

#ifdef ARDUINO_ARCH_STM32

namespace {

callback_function_t *callbacks[EMULATED_PINS];

void call(void *callback) { (*static_cast<callback_function_t *>(callback))(); }

}  // namespace

void attachInterrupt(uint32_t pin, callback_function_t callback, uint32_t mode) {
  uint8_t number = EMULATED_PIN(pin);
  if (number >= EMULATED_PINS) return;
  detachInterrupt(pin);
  callbacks[number] = new callback_function_t(callback);
  Edge edge = mode == CHANGE ? Edge::Both : mode == FALLING || mode == LOW ? Edge::Falling : Edge::Rising;
  emulated::pin_attach(number, edge, call, callbacks[number]);
}

void detachInterrupt(uint32_t pin) {
  uint8_t number = EMULATED_PIN(pin);
  if (number >= EMULATED_PINS) return;
  emulated::pin_detach(number);
  delete callbacks[number];
  callbacks[number] = nullptr;
}

#else

extern "C" {

void attachInterruptParam(pin_size_t pin, voidFuncPtrParam callback, PinStatus mode, void *param) {
  Edge edge = mode == CHANGE ? Edge::Both : mode == FALLING ? Edge::Falling : Edge::Rising;
  // A pin that has no mode yet gets the pull against which the edge shows.
  if (emulated::pin_has_no_mode(pin))
    pinMode(pin, mode == FALLING ? INPUT_PULLUP : mode == RISING ? INPUT_PULLDOWN : INPUT);
  emulated::pin_attach(EMULATED_PIN(pin), edge, callback, param);
}

void attachInterrupt(pin_size_t pin, voidFuncPtr callback, PinStatus mode) {
  attachInterruptParam(pin, reinterpret_cast<voidFuncPtrParam>(callback), mode, nullptr);
}

void detachInterrupt(pin_size_t pin) { emulated::pin_detach(EMULATED_PIN(pin)); }

}  // extern "C"

#endif
