// Types of the API's arguments, which the vendors' cores choose differently.
#pragma once
#include "api/ArduinoAPI.h"
#include "emulated_board.h"
#include "pins_arduino.h"

namespace emulated {

#ifdef ARDUINO_ARCH_STM32
using PinNumber = uint32_t;
using Mode = uint32_t;
using Level = uint32_t;
using LevelRead = int;
using Order = uint32_t;
using ShiftedByte = uint32_t;
using AnalogValue = uint32_t;
using Microseconds = uint32_t;
#else
using PinNumber = pin_size_t;
using Mode = PinMode;
using Level = PinStatus;
using LevelRead = PinStatus;
using Order = BitOrder;
using ShiftedByte = uint8_t;
using AnalogValue = int;
using Microseconds = unsigned int;
#endif

}  // namespace emulated
