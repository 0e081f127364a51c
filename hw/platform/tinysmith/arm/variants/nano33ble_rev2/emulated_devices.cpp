// Chips of the Nano 33 BLE Sense Rev2: all on the board's internal bus, Wire1. Its HS3003 (climate) is not modelled.
#include "emulated_apds9960.h"
#include "emulated_bmi270.h"
#include "emulated_bmm150.h"
#include "emulated_lps22hb.h"
#include "pins_arduino.h"

namespace emulated {
namespace {

Apds9960 color_sensor(PIN_INT_APDS);
Bmi270 motion_sensor;
Bmm150 magnetometer;
Lps22hb barometer;

}  // namespace

I2cChip *const i2c_chips[I2C_BUSES][I2C_MAX_CHIPS + 1] = {
    {nullptr},
    {&color_sensor, &motion_sensor, &magnetometer, &barometer, nullptr},
};

}  // namespace emulated
