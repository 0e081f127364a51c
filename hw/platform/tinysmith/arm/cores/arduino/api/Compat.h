// Older code passes ints where the API has enumerations.
#pragma once
#include "Common.h"

#ifndef ARDUINO_ARCH_STM32
namespace arduino {

inline void pinMode(pin_size_t pinNumber, int mode) { pinMode(pinNumber, static_cast<PinMode>(mode)); }
inline void digitalWrite(pin_size_t pinNumber, int status) { digitalWrite(pinNumber, static_cast<PinStatus>(status)); }

}  // namespace arduino
#endif
