// The Rev2 differs from the first Nano 33 BLE Sense in its sensors only.
#pragma once
#include "../nano33ble/pins_arduino.h"
