#include "emulated_interrupts.h"

#include <stdint.h>

#include "emulated_machine.h"

namespace emulated {
namespace {

struct Source {
  InterruptHandler handler;
  volatile bool pending;
};

constexpr uint32_t MAX_SOURCES = 4;
Source sources[MAX_SOURCES];

}  // namespace

void interrupt_raise(InterruptHandler handler) {
  for (Source &source : sources) {
    if (source.handler != nullptr && source.handler != handler) continue;
    source.handler = handler;
    source.pending = true;
    reg(ICSR) = ICSR_PENDSVSET;
    return;
  }
}

extern "C" void PendSV_Handler() {
  for (Source &source : sources) {
    if (!source.pending) continue;
    source.pending = false;
    source.handler();
  }
}

}  // namespace emulated
