#include "emulated_pins.h"

#include "emulated_board.h"
#include "emulated_clock.h"
#include "emulated_interrupts.h"
#include "emulated_machine.h"
#include "emulated_trace.h"

namespace emulated {
namespace {

constexpr uint8_t ANALOG_INPUTS = 28;  // the most of any board

struct Pin {
  Direction direction;
  bool latch;
  bool driven_outside;  // a stimulus holds it at `outside`
  bool outside;
  bool pending;  // its interrupt
  Edge edge;
  TraceKind traced_kind;
  int32_t traced_value;
  void (*handler)(void *);
  void *parameter;
};

Pin pins[EMULATED_PINS];
int analog_counts[ANALOG_INPUTS];
bool tracing;
constexpr uint8_t NO_PIN = 0xFF;
uint8_t sounding = NO_PIN;            // with a tone
uint32_t tone_end_ms = UINT32_MAX;  // never

bool exists(uint8_t pin) { return pin < EMULATED_PINS; }

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

bool pin_has_no_mode(uint8_t pin) { return exists(pin) && pins[pin].direction == Direction::Unset; }

int analog_read(uint8_t input) { return input < ANALOG_INPUTS ? analog_counts[input] : 0; }

void pin_pwm(uint8_t pin, uint8_t duty) {
  if (!exists(pin)) return;
  pins[pin].direction = Direction::Output;
  trace_change(pin, TraceKind::Pwm, duty);
}

void tone_start(uint8_t pin, uint32_t frequency_hz, uint32_t duration_ms) {
  if (!exists(pin)) return;
  TickLock lock;
  if (sounding != pin) tone_stop();
  sounding = pin;
  tone_end_ms = duration_ms > 0 ? clock_ms() + duration_ms : UINT32_MAX;
  pins[pin].direction = Direction::Output;
  trace_change(pin, TraceKind::Tone, static_cast<int32_t>(frequency_hz));
}

void tone_stop() {
  TickLock lock;
  if (sounding != NO_PIN) trace_change(sounding, TraceKind::Tone, 0);
  sounding = NO_PIN;
  tone_end_ms = UINT32_MAX;
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
  if (now_ms >= tone_end_ms) tone_stop();
}

uint32_t pins_next_ms() { return tone_end_ms; }

bool pins_have_interrupts() {
  for (const Pin &p : pins)
    if (p.handler != nullptr) return true;
  return false;
}

}  // namespace emulated
