// Chips of the Nano 33 BLE Sense: all on the board's internal bus, Wire1.
#include "emulated_apds9960.h"
#include "emulated_hts221.h"
#include "emulated_lps22hb.h"
#include "emulated_lsm9ds1.h"
#include "pins_arduino.h"

namespace emulated {
namespace {

Apds9960 color_sensor(PIN_INT_APDS);
Lsm9ds1Motion motion_sensor;
Lsm9ds1Magnetometer magnetometer;
Hts221 climate_sensor;
Lps22hb barometer;

}  // namespace

I2cChip *const i2c_chips[I2C_BUSES][I2C_MAX_CHIPS + 1] = {
    {nullptr},
    {&color_sensor, &motion_sensor, &magnetometer, &climate_sensor, &barometer, nullptr},
};

}  // namespace emulated
