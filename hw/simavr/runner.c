// Runs an Arduino firmware for AVR on simavr under stimuli, and traces what it does with virtual time.
//
// usage: runner ELF MCU HZ [NAME=ADDRESS ...]      (symbols of the firmware: loop, delay, heap_start, ...)
// Reads stimuli.bin and serial.bin, writes trace.bin, all in the working folder; see files.h.
#include <simavr/avr_extint.h>
#include <simavr/avr_spi.h>
#include <simavr/avr_timer.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "files.h"
#include "pins.h"

enum { UCSR0A = 0xC0, U2X0 = 1 << 1, UCSR0B = 0xC1, RXEN0 = 1 << 4, UBRR0L = 0xC4, UBRR0H = 0xC5, BITS_PER_BYTE = 10 };
enum { EIMSK = 0x3D, EXTERNAL_INTERRUPTS = 8 };
enum { ALIVE_PERIOD_MS = 256, SKIP_MARGIN = 128, R22 = 22, STACK_POINTER = 0x5D };

// Addresses of the firmware's symbols; 0: it has none of this name.
static struct {
  const char *name;
  uint32_t address;
} symbols[] = {{"loop", 0}, {"delay", 0}, {"stop", 0}, {"heap_start", 0}, {"brkval", 0}, {"free", 0}, {"main", 0}, {"millis", 0}, {"setup", 0}, {"abort", 0}, {"micros", 0}};
enum { LOOP, DELAY, STOP, HEAP_START, BRKVAL, FREE, MAIN, MILLIS, SETUP, ABORT, MICROS };

static const char OWN_MAIN[] = "the sketch has a main() of its own: setup() and loop() were never called";

static avr_t *avr;
static Limits limits;
static uint32_t cycles_per_ms;
static uint64_t instructions;
static uint32_t now_ms;
static bool started;          // setup() was called
static uint32_t returned_ms;  // when setup() or loop() returned last
static uint64_t delayed_ms;   // asked of delay() since then
static uint64_t longest_delay_ms;
static avr_cycle_count_t delay_end;  // of the delay() that is waiting
static uint16_t delay_stack;         // where it calls micros(); 0: not yet
static uint16_t lowest_stack;
static uint16_t highest_heap;
static uint32_t last_pc;  // where the last whole instruction was
static uint32_t rolls_over_ms;  // when millis() shall go back to 0; 0: by itself
static char simulator_said[200];

static void on_log(avr_t *chip, const int level, const char *format, va_list arguments) {
  (void)chip;
  if (level != LOG_ERROR || simulator_said[0]) return;
  vsnprintf(simulator_said, sizeof simulator_said, format, arguments);
  simulator_said[strcspn(simulator_said, "\n")] = '\0';
}

static uint32_t cycles_per_bit(void) {
  uint32_t ubrr = avr->data[UBRR0L] | (uint32_t)avr->data[UBRR0H] << 8;
  return (avr->data[UCSR0A] & U2X0 ? 8 : 16) * (ubrr + 1);
}

static void on_uart_output(struct avr_irq_t *irq, uint32_t value, void *parameter) {
  (void)irq, (void)parameter;
  trace_serial(now_ms, (uint8_t)value);
}

static void trace_baud(void) {
  static uint32_t traced_cycles;  // per bit
  if (traced_cycles == cycles_per_bit()) return;
  traced_cycles = cycles_per_bit();
  trace_pin(now_ms, TRACE_BAUD, 0, (int32_t)(avr->frequency / traced_cycles));
}

// One byte of the host's lines at a time, at the rate that the firmware has set; not before it listens.
static avr_cycle_count_t feed_uart(avr_t *chip, avr_cycle_count_t when, void *parameter) {
  (void)parameter;
  if (avr->data[UCSR0B] & RXEN0) {
    trace_baud();
    int byte = serial_byte_due(now_ms);
    if (byte >= 0) {
      avr_raise_irq(avr_io_getirq(chip, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), (uint32_t)byte);
      return when + cycles_per_bit() * BITS_PER_BYTE;
    }
  }
  return when + cycles_per_ms;
}

static void apply_stimuli(void) {
  Stimulus stimulus;
  while (stimulus_due(now_ms, &stimulus)) {
    if (stimulus.channel >= CHANNEL_ANALOG)
      analog_drive((uint8_t)(stimulus.channel - CHANNEL_ANALOG), (uint16_t)stimulus.value);
    else if (stimulus.channel >= CHANNEL_PIN)
      pin_drive((uint8_t)(stimulus.channel - CHANNEL_PIN), stimulus.value != 0);
    else if (stimulus.channel == CHANNEL_ROLLOVER)
      rolls_over_ms = now_ms + (uint32_t)stimulus.value;
  }
}

static uint16_t word_at(uint32_t address) { return (uint16_t)(avr->data[address] | avr->data[address + 1] << 8); }

static void set_long_at(uint32_t address, uint32_t value) { memcpy(&avr->data[address], &value, sizeof value); }

static void finish(EndStatus status, uint32_t pc, const char *reason) {
  uint16_t heap_start = (uint16_t)symbols[HEAP_START].address;
  EndReport report = {
      .status = status,
      .pc = pc,
      .total_ns = (uint64_t)now_ms * 1000000,
      .instructions = instructions,
      .stack_bytes = (uint32_t)(avr->ramend - lowest_stack),
      .heap_bytes = highest_heap > heap_start ? (uint32_t)(highest_heap - heap_start) : 0,
  };
  trace_end(now_ms, &report, reason);
  exit(0);
}

// The same rules as emulated_supervisor.cpp's.
static void check_limits(void) {
  uint32_t away_ms = now_ms - returned_ms;
  bool over = limits.until_ms != 0 && now_ms >= limits.until_ms;
  if (limits.hang_ms != 0) {
    uint64_t forgiven = longest_delay_ms > limits.hang_ms ? longest_delay_ms : 0;
    bool busy = away_ms > limits.hang_ms + delayed_ms;
    bool away = over && away_ms > limits.hang_ms + forgiven;
    if (busy || away) finish(END_HANG, 0, started ? "setup() or loop() did not return" : OWN_MAIN);
  }
  if (over) finish(END_DONE, 0, "");
}

static void track_heap(void) {
  uint16_t top = symbols[BRKVAL].address ? word_at(symbols[BRKVAL].address) : 0;
  if (top <= highest_heap) return;
  highest_heap = top;
  trace_pin(now_ms, TRACE_HEAP, 0, top - (int32_t)symbols[HEAP_START].address);
}

// Holds virtual time back until the clock on the wall has caught up.
static void keep_pace(void) {
  static struct timespec next;
  if (!files_are_live()) return;
  if (next.tv_sec == 0) clock_gettime(CLOCK_MONOTONIC, &next);
  next.tv_nsec += 1000000;
  if (next.tv_nsec >= 1000000000) {
    next.tv_nsec -= 1000000000;
    next.tv_sec++;
  }
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
}

// simavr looks at a pin of an external interrupt at every cycle while it is low; it need not where the interrupt is off.
static void watch_low_pins(void) {
  for (uint8_t i = 0; i < EXTERNAL_INTERRUPTS; i++) {
    uint8_t on = avr->data[EIMSK] >> i & 1;
    if (avr_extint_is_strict_lvl_trig(avr, i) == !on) avr_extint_set_strict_lvl_trig(avr, i, on);
  }
}

static avr_cycle_count_t on_millisecond(avr_t *chip, avr_cycle_count_t when, void *parameter) {
  (void)chip, (void)parameter;
  now_ms++;
  track_heap();
  watch_low_pins();
  apply_stimuli();
  if (now_ms % ALIVE_PERIOD_MS == 0) trace_alive(now_ms);
  check_limits();
  keep_pace();
  return when + cycles_per_ms;
}

static void check_stack(void) {
  uint16_t stack = word_at(STACK_POINTER);
  if (stack >= lowest_stack || stack == 0) return;  // 0: before start-up has set it
  lowest_stack = stack;
  track_heap();
  uint16_t heap_end = highest_heap ? highest_heap : (uint16_t)symbols[HEAP_START].address;
  if (stack < heap_end) finish(END_CRASH, last_pc, "stack overflow");
}

// delay() asks micros() over and over: skips to the next interrupt, or to shortly before its next millisecond is over,
// so that a sketch's own yield() gets its turns.
static void skip_wait(void) {
  uint16_t stack = word_at(STACK_POINTER);
  bool begins = delay_stack == 0;
  if (begins) delay_stack = stack;
  if (begins || stack != delay_stack) return;  // the wait counts from what it hears first; or an interrupt asks
  avr_cycle_count_t left = (delay_end - avr->cycle) % cycles_per_ms;
  avr_cycle_count_t target = avr->cycle + left - SKIP_MARGIN;
  while (left > SKIP_MARGIN && avr->cycle < target && !avr_has_pending_interrupts(avr)) {
    avr_cycle_timer_slot_p event = avr->cycle_timers.timer;
    avr_cycle_count_t next = event && event->when < target ? event->when : target;
    if (next > avr->cycle) avr->cycle = next;
    avr_cycle_timer_process(avr);
  }
}

static void check_place(void) {
  uint32_t pc = avr->pc;
  if (pc == symbols[LOOP].address && pc != 0) {
    returned_ms = now_ms;
    delayed_ms = longest_delay_ms = 0;
  } else if (pc == symbols[DELAY].address && pc != 0) {
    uint32_t ms;
    memcpy(&ms, &avr->data[R22], sizeof ms);
    delayed_ms += ms;
    delay_end = avr->cycle + (avr_cycle_count_t)ms * cycles_per_ms;
    delay_stack = 0;
    if (ms > longest_delay_ms) longest_delay_ms = ms;
  } else if (pc == symbols[MICROS].address && pc != 0) {
    if (avr->cycle < delay_end) skip_wait();
  } else if (pc == symbols[FREE].address && pc != 0) {
    track_heap();  // before it shrinks
  } else if (pc == symbols[SETUP].address && pc != 0) {
    started = true;
  } else if (pc == symbols[MAIN].address && pc != 0) {
    // Not before: start-up clears all variables.
    if (rolls_over_ms && symbols[MILLIS].address) set_long_at(symbols[MILLIS].address, 0u - rolls_over_ms);
  } else if (pc == symbols[ABORT].address && pc != 0) {
    finish(END_CRASH, last_pc, "abort() called");
  } else if (pc == symbols[STOP].address && pc != 0) {
    finish(END_CRASH, 0, "abort() or exit() called");
  } else if (pc == 0 && instructions > 1) {
    finish(END_CRASH, last_pc, "jump to address 0: a null function pointer or an interrupt without function");
  }
}

static void no_sleep(avr_t *chip, avr_cycle_count_t cycles) { (void)chip, (void)cycles; }

static void run(void) {
  for (;;) {
    uint32_t pc = avr->pc;
    int state = avr_run(avr);
    if (state == cpu_Done) finish(END_CRASH, pc, "asleep with interrupts off");
    if (state == cpu_Crashed) finish(END_CRASH, pc, simulator_said[0] ? simulator_said : "the processor stopped");
    if (state == cpu_Running) instructions++;
    last_pc = pc;
    check_stack();
    check_place();
    pins_update(now_ms);
  }
}

// simavr does not know the phase-correct mode into which the core puts the timers of PWM pins, and has them overflow
// at every count, which costs more than the firmware does.
static void teach_phase_correct_pwm(void) {
  enum { PHASE_CORRECT_8_BIT = 1 };  // WGM bits, of timers 1 to 5 alike
  static const avr_timer_wgm_t mode = AVR_TIMER_WGM_FCPWM8();
  for (avr_io_t *io = avr->io_port; io; io = io->next) {
    if (strcmp(io->kind, "timer") != 0) continue;
    avr_timer_t *timer = (avr_timer_t *)io;
    if (timer->wgm_op[PHASE_CORRECT_8_BIT].kind == avr_timer_wgm_none) timer->wgm_op[PHASE_CORRECT_8_BIT] = mode;
  }
}

static bool set_symbol(const char *argument) {
  const char *equals = strchr(argument, '=');
  for (size_t i = 0; equals && i < sizeof symbols / sizeof symbols[0]; i++) {
    size_t length = (size_t)(equals - argument);
    if (strlen(symbols[i].name) != length || strncmp(symbols[i].name, argument, length) != 0) continue;
    symbols[i].address = (uint32_t)strtoul(equals + 1, NULL, 0);
    return true;
  }
  return false;
}

static int fail(const char *message, const char *what) {
  fprintf(stderr, "%s: %s\n", message, what);
  return 1;
}

int main(int count, char **arguments) {
  if (count < 4) return fail("usage", "runner ELF MCU HZ [NAME=ADDRESS ...]");
  for (int i = 4; i < count; i++)
    if (!set_symbol(arguments[i])) return fail("unknown symbol", arguments[i]);
  avr_global_logger_set(on_log);
  elf_firmware_t firmware = {0};
  if (elf_read_firmware(arguments[1], &firmware) != 0) return fail("cannot read", arguments[1]);
  avr = avr_make_mcu_by_name(arguments[2]);
  if (avr == NULL) return fail("unknown chip", arguments[2]);
  avr_init(avr);
  firmware.frequency = (uint32_t)strtoul(arguments[3], NULL, 10);
  avr_load_firmware(avr, &firmware);
  avr->frequency = firmware.frequency;
  avr->sleep = no_sleep;  // virtual time does not wait for the clock on the wall
  cycles_per_ms = avr->frequency / 1000;
  lowest_stack = avr->ramend;
  if (!files_open(&limits)) return fail("cannot open the files in", "the working folder");
  teach_phase_correct_pwm();
  if (!pins_open(avr, arguments[2])) return fail("unknown board with", arguments[2]);

  uint32_t flags = 0;  // neither echo on the terminal nor sleep of the host while the firmware polls
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_uart_output, NULL);
  // A wire joins MOSI to MISO.
  avr_connect_irq(avr_io_getirq(avr, AVR_IOCTL_SPI_GETIRQ(0), SPI_IRQ_OUTPUT),
                  avr_io_getirq(avr, AVR_IOCTL_SPI_GETIRQ(0), SPI_IRQ_INPUT));
  avr_cycle_timer_register(avr, cycles_per_ms, on_millisecond, NULL);
  avr_cycle_timer_register(avr, cycles_per_ms, feed_uart, NULL);
  watch_low_pins();
  apply_stimuli();
  run();
}
