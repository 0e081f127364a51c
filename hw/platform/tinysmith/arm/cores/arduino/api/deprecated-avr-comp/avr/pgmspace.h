// Constants lie in the one address space, so reading them from program memory is plain reading.
#pragma once
#include <stdint.h>
#include <string.h>

#define PROGMEM
#define PSTR(s) (s)
#define PGM_P const char *
#define PGM_VOID_P const void *

#define pgm_read_byte(addr) (*(const unsigned char *)(addr))
#define pgm_read_word(addr) (*(const unsigned short *)(addr))
#define pgm_read_dword(addr) (*(const unsigned long *)(addr))
#define pgm_read_float(addr) (*(const float *)(addr))
#define pgm_read_ptr(addr) (*(void *const *)(addr))
#define pgm_read_byte_near(addr) pgm_read_byte(addr)
#define pgm_read_word_near(addr) pgm_read_word(addr)
#define pgm_read_dword_near(addr) pgm_read_dword(addr)
#define pgm_read_float_near(addr) pgm_read_float(addr)
#define pgm_read_byte_far(addr) pgm_read_byte(addr)

#define memcpy_P(dest, src, num) memcpy((dest), (src), (num))
#define memcmp_P(a, b, num) memcmp((a), (b), (num))
#define strcpy_P(dest, src) strcpy((dest), (src))
#define strncpy_P(dest, src, num) strncpy((dest), (src), (num))
#define strcat_P(dest, src) strcat((dest), (src))
#define strcmp_P(a, b) strcmp((a), (b))
#define strncmp_P(a, b, num) strncmp((a), (b), (num))
#define strstr_P(a, b) strstr((a), (b))
#define strlen_P(s) strlen((const char *)(s))
#define sprintf_P(s, ...) sprintf((s), __VA_ARGS__)
#define snprintf_P(s, ...) snprintf((s), __VA_ARGS__)
