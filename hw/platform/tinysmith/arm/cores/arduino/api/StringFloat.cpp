// Apart from the rest of String, so that only firmware which converts floats carries the code for it.
#include "String.h"
#include "deprecated-avr-comp/avr/dtostrf.h"

namespace arduino {
namespace {

constexpr unsigned char MAX_DECIMALS = 10;
constexpr size_t LARGEST_DOUBLE_DIGITS = 309;
constexpr size_t TEXT_BYTES = LARGEST_DOUBLE_DIGITS + 2 + MAX_DECIMALS + 1;  // sign, point, decimals, zero

}  // namespace

String::String(float n, unsigned char decimalPlaces) : String(static_cast<double>(n), decimalPlaces) {}

String::String(double n, unsigned char decimalPlaces) {
  char text[TEXT_BYTES];
  init();
  unsigned char places = decimalPlaces < MAX_DECIMALS ? decimalPlaces : MAX_DECIMALS;
  *this = dtostrf(n, static_cast<signed char>(places + 2), places, text);
}

}  // namespace arduino
