#pragma once
#include "../HardwareSerial.h"
