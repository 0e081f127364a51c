// Pseudo-random numbers: the C library's, as in the vendors' cores, so the sequence is the same on every run.
#include <stdlib.h>

#include "api/Common.h"

void randomSeed(unsigned long seed) {
  if (seed != 0) srand(seed);
}

long random(long howbig) { return howbig == 0 ? 0 : rand() % howbig; }

long random(long howsmall, long howbig) {
  return howsmall >= howbig ? howsmall : random(howbig - howsmall) + howsmall;
}
