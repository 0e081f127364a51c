#include "SPI.h"

#ifdef ARDUINO_ARCH_STM32
SPIClass SPI;
#else
arduino::MbedSPI SPI(PIN_SPI_MISO, PIN_SPI_MOSI, PIN_SPI_SCK);
#endif
