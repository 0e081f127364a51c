// The conversions that the C library lacks; it has itoa() and utoa(), and long is int here.
#include "api/itoa.h"

char *ltoa(long value, char *string, int radix) { return itoa((int)value, string, radix); }
char *ultoa(unsigned long value, char *string, int radix) { return utoa((unsigned)value, string, radix); }
