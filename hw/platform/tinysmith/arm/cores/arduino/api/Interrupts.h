// attachInterrupt() with a typed parameter.
#pragma once
#include "Common.h"

namespace arduino {

template <typename T>
using voidTemplateFuncPtrParam = void (*)(T param);

template <typename T>
void attachInterrupt(pin_size_t interruptNum, voidTemplateFuncPtrParam<T *> userFunc, PinStatus mode, T *param) {
  attachInterruptParam(interruptNum, reinterpret_cast<voidFuncPtrParam>(userFunc), mode, param);
}

}  // namespace arduino
