// attachInterrupt() with a typed parameter, as ArduinoCore-API has it.
#pragma once
#include "Common.h"

#ifndef ARDUINO_ARCH_STM32
namespace arduino {

template <typename T>
using voidTemplateFuncPtrParam = void (*)(T param);

template <typename T>
void attachInterrupt(pin_size_t interruptNum, voidTemplateFuncPtrParam<T *> userFunc, PinStatus mode, T *param) {
  attachInterruptParam(interruptNum, reinterpret_cast<voidFuncPtrParam>(userFunc), mode, param);
}

// The parameter is copied when the interrupt comes.
template <typename T>
void attachInterrupt(pin_size_t interruptNum, voidTemplateFuncPtrParam<T> userFunc, PinStatus mode, T &param) {
  struct Call {
    voidTemplateFuncPtrParam<T> function;
    T *parameter;
  };
  auto call = [](void *attached) {
    Call *it = static_cast<Call *>(attached);
    it->function(*it->parameter);
  };
  attachInterruptParam(interruptNum, call, mode, new Call{userFunc, &param});
}

}  // namespace arduino
#endif
