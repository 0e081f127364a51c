#include "api/deprecated-avr-comp/avr/dtostrf.h"

#include <stdio.h>

// Only a firmware that needs this function carries the floating point half of printf.
__asm__(".global _printf_float");

char *dtostrf(double value, signed char width, unsigned char precision, char *text) {
  sprintf(text, "%*.*f", width, precision, value);
  return text;
}
