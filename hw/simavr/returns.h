// Included before everything else when a sketch is compiled for the simulator: keeps these functions from being
// inlined, so that the runner sees setup() and loop() return, knows a wait on purpose and can skip it. Costs a few
// bytes of flash.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

void setup(void) __attribute__((noinline, noclone, used));
void loop(void) __attribute__((noinline, noclone, used));
void delay(unsigned long ms) __attribute__((noinline, noclone, used));
unsigned long micros(void) __attribute__((noinline, noclone, used));

#ifdef __cplusplus
}
#endif
