// What the STM32 core takes from the C++ library. Apart, because it takes long to compile and the core needs it once.
#pragma once
#include <algorithm>
#include <functional>

#include "Common.h"

using std::max;
using std::min;

typedef std::function<void(void)> callback_function_t;
void attachInterrupt(uint32_t pin, callback_function_t callback, uint32_t mode);
