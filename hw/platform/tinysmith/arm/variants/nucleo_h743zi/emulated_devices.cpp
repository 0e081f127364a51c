// Nothing is connected to the I2C buses of this board.
#include "emulated_i2c.h"

namespace emulated {

I2cChip *const i2c_chips[I2C_BUSES][I2C_MAX_CHIPS + 1] = {{nullptr}, {nullptr}};

}  // namespace emulated

extern "C" uint32_t SystemCoreClock;
uint32_t SystemCoreClock = 480000000;
