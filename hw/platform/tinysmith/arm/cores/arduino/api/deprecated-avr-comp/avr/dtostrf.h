// Floating point to text with a minimum width and a number of decimals.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

char *dtostrf(double value, signed char width, unsigned char precision, char *text);

#ifdef __cplusplus
}
#endif
