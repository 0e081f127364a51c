// Interrupts of the virtual hardware that run code of the firmware: below the priority of the tick, so that time goes on.
#pragma once

namespace emulated {

using InterruptHandler = void (*)();
// Runs `handler` as soon as interrupts are allowed, once however often it was raised. For use in the tick.
void interrupt_raise(InterruptHandler handler);

}  // namespace emulated
