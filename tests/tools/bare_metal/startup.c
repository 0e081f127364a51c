/* Smallest start-up of an emulated Cortex-M4/M7 (QEMU mps2): files and exit by semihosting, exit code 99 on a fault. */
#include <stdint.h>

extern uint32_t _etext, _data, _edata, _bss, _ebss, _stack;
extern void initialise_monitor_handles(void);
extern int main(void);
extern void exit(int);

void reset(void) {
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* FPU on */
    for (uint32_t *from = &_etext, *to = &_data; to < &_edata;) *to++ = *from++;
    for (uint32_t *to = &_bss; to < &_ebss;) *to++ = 0;
    initialise_monitor_handles();
    exit(main());
}

void fault(void) { exit(99); }

__attribute__((section(".vectors"), used)) const void *vectors[16] = {&_stack, reset, fault, fault, fault, fault, fault};
