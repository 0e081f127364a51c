#include "emulated_pins.h"

#include "emulated_clock.h"
#include "emulated_interrupts.h"
#include "emulated_machine.h"
#include "emulated_trace.h"
#include "pins_arduino.h"

namespace emulated {
namespace {

constexpr uint8_t ANALOG_INPUTS = 16;

struct Pin {
  Direction direction;
  bool latch;
  bool driven_outside;  // a stimulus holds it at `outside`
  bool outside;
  bool pending;  // its interrupt
  Edge edge;
  TraceKind traced_kind;
  int32_t traced_value;
  uint32_t tone_end_ms;  // 0: none
  void (*handler)(void *);
  void *parameter;
};

Pin pins[PINS_COUNT];
int analog_counts[ANALOG_INPUTS];
bool tracing;

bool exists(uint8_t pin) { return pin < PINS_COUNT; }

void trace_change(uint8_t pin, TraceKind kind, int32_t value) {
  Pin &p = pins[pin];
  if (p.traced_kind == kind && p.traced_value == value) return;
  p.traced_kind = kind;
  p.traced_value = value;
  if (tracing) trace_pin(kind, pin, value);
}

bool input_level(const Pin &p) { return p.driven_outside ? p.outside : p.direction == Direction::PullUp; }

bool wants(const Pin &p, bool level) {
  if (p.handler == nullptr || p.direction == Direction::Output) return false;
  return p.edge == Edge::Both || (p.edge == Edge::Rising) == level;
}

// The sketch's interrupt functions of all pins whose edge has come.
void call_handlers() {
  for (Pin &p : pins) {
    if (!p.pending || p.handler == nullptr) continue;
    p.pending = false;
    p.handler(p.parameter);
  }
}

}  // namespace

void pins_reset() {
  for (Pin &p : pins) p.traced_value = -1;
}

void pins_start_trace() { tracing = true; }

void pin_direction(uint8_t pin, Direction direction) {
  if (!exists(pin)) return;
  pins[pin].direction = direction;
  // The latch appears on the pin at once: LOW after reset, which lights a LED that is active low.
  if (direction == Direction::Output) trace_change(pin, TraceKind::Digital, pins[pin].latch);
}

void pin_write(uint8_t pin, bool level) {
  if (!exists(pin)) return;
  Pin &p = pins[pin];
  p.latch = level;
  if (p.direction == Direction::Unset && EMULATED_WRITE_MAKES_OUTPUT) p.direction = Direction::Output;
  if (p.direction == Direction::Output) trace_change(pin, TraceKind::Digital, level);
}

bool pin_read(uint8_t pin) {
  if (!exists(pin)) return false;
  const Pin &p = pins[pin];
  return p.direction == Direction::Output ? p.latch : input_level(p);
}

int analog_read(uint8_t input) { return input < ANALOG_INPUTS ? analog_counts[input] : 0; }

void pin_pwm(uint8_t pin, uint8_t duty) {
  if (!exists(pin)) return;
  pins[pin].direction = Direction::Output;
  trace_change(pin, TraceKind::Pwm, duty);
}

void pin_tone(uint8_t pin, uint32_t frequency_hz, uint32_t duration_ms) {
  if (!exists(pin)) return;
  TickLock lock;
  pins[pin].direction = Direction::Output;
  pins[pin].tone_end_ms = frequency_hz > 0 && duration_ms > 0 ? clock_ms() + duration_ms : 0;
  trace_change(pin, TraceKind::Tone, static_cast<int32_t>(frequency_hz));
}

void pin_attach(uint8_t pin, Edge edge, void (*handler)(void *), void *parameter) {
  if (!exists(pin)) return;
  TickLock lock;
  pins[pin].edge = edge;
  pins[pin].handler = handler;
  pins[pin].parameter = parameter;
  pins[pin].pending = false;
}

void pin_detach(uint8_t pin) {
  if (exists(pin)) pins[pin].handler = nullptr;
}

void pin_input(uint8_t pin, bool level) {
  if (!exists(pin)) return;
  Pin &p = pins[pin];
  bool before = input_level(p);
  p.driven_outside = true;
  p.outside = level;
  if (before != level && wants(p, level)) {
    p.pending = true;
    interrupt_raise(call_handlers);
  }
}

void analog_input(uint8_t input, int counts) {
  if (input < ANALOG_INPUTS) analog_counts[input] = counts;
}

void pins_tick(uint32_t now_ms) {
  for (uint8_t pin = 0; pin < PINS_COUNT; pin++) {
    Pin &p = pins[pin];
    if (p.tone_end_ms != 0 && now_ms >= p.tone_end_ms) {
      p.tone_end_ms = 0;
      trace_change(pin, TraceKind::Tone, 0);
    }
  }
}

uint32_t pins_next_ms() {
  uint32_t next = UINT32_MAX;
  for (const Pin &p : pins)
    if (p.tone_end_ms != 0 && p.tone_end_ms < next) next = p.tone_end_ms;
  return next;
}

bool pins_have_interrupts() {
  for (const Pin &p : pins)
    if (p.handler != nullptr) return true;
  return false;
}

}  // namespace emulated
