// The pins of the virtual chip: latches, directions, inputs from the stimuli, interrupts, PWM and tone.
#pragma once
#include <stdint.h>

namespace emulated {

enum class Direction : uint8_t { Unset, Input, PullUp, PullDown, Output };
enum class Edge : uint8_t { Rising, Falling, Both };

void pins_reset();
// From here on changes are traced; what the board itself does before setup() is not the sketch's.
void pins_start_trace();

// From the firmware's side.
void pin_direction(uint8_t pin, Direction direction);
void pin_write(uint8_t pin, bool level);
bool pin_read(uint8_t pin);
bool pin_has_no_mode(uint8_t pin);
int analog_read(uint8_t input);  // 10 bits
void pin_pwm(uint8_t pin, uint8_t duty);
// There is one tone at a time. 0 ms: for good.
void tone_start(uint8_t pin, uint32_t frequency_hz, uint32_t duration_ms);
void tone_stop();
void pin_attach(uint8_t pin, Edge edge, void (*handler)(void *), void *parameter);
void pin_detach(uint8_t pin);

// From the world's side.
void pin_input(uint8_t pin, bool level);
void analog_input(uint8_t input, int counts);
void pins_tick(uint32_t now_ms);
// When a tone ends next; UINT32_MAX: never.
uint32_t pins_next_ms();
bool pins_have_interrupts();

}  // namespace emulated
