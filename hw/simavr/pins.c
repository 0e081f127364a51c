#include "pins.h"

#include <simavr/avr_adc.h>
#include <simavr/avr_ioport.h>
#include <simavr/sim_io.h>
#include <stdio.h>
#include <string.h>

#include "files.h"

#define MAX_PINS 70
#define NO_LEVEL (-1)
enum { SUPPLY_MV = 5000, ADC_MAX = 1023 };

typedef struct {
  const char *mcu;
  const char *pins;  // port letter and bit of each pin, in order
} Wiring;

static const Wiring wirings[] = {
    {"atmega328p", "D0D1D2D3D4D5D6D7B0B1B2B3B4B5C0C1C2C3C4C5"},
    {"atmega2560",
     "E0E1E4E5G5E3H3H4H5H6B4B5B6B7J1J0H1H0D3D2D1D0A0A1A2A3A4A5A6A7C7C6C5C4C3C2C1C0D7G2G1G0L7L6L5L4L3L2L1L0B3B2B1B0"
     "F0F1F2F3F4F5F6F7K0K1K2K3K4K5K6K7"},
};

// PINx, DDRx and PORTx follow each other.
static const struct {
  char port;
  uint16_t pin_register;
} ports[] = {{'A', 0x20}, {'B', 0x23}, {'C', 0x26}, {'D', 0x29}, {'E', 0x2C}, {'F', 0x2F},
             {'G', 0x32}, {'H', 0x100}, {'J', 0x103}, {'K', 0x106}, {'L', 0x109}};

// Compare output: TCCRnA, position of its COM bits, OCRn (low byte).
typedef struct {
  const char *mcu;
  uint8_t pin;
  uint16_t control;
  uint8_t com_shift;
  uint16_t compare;
} PwmChannel;

static const PwmChannel channels[] = {
    {"atmega328p", 3, 0xB0, 4, 0xB4},   {"atmega328p", 5, 0x44, 4, 0x48},   {"atmega328p", 6, 0x44, 6, 0x47},
    {"atmega328p", 9, 0x80, 6, 0x88},   {"atmega328p", 10, 0x80, 4, 0x8A},  {"atmega328p", 11, 0xB0, 6, 0xB3},
    {"atmega2560", 2, 0x90, 4, 0x9A},   {"atmega2560", 3, 0x90, 2, 0x9C},   {"atmega2560", 4, 0x44, 4, 0x48},
    {"atmega2560", 5, 0x90, 6, 0x98},   {"atmega2560", 6, 0xA0, 6, 0xA8},   {"atmega2560", 7, 0xA0, 4, 0xAA},
    {"atmega2560", 8, 0xA0, 2, 0xAC},   {"atmega2560", 9, 0xB0, 4, 0xB4},   {"atmega2560", 10, 0xB0, 6, 0xB3},
    {"atmega2560", 11, 0x80, 6, 0x88},  {"atmega2560", 12, 0x80, 4, 0x8A},  {"atmega2560", 13, 0x44, 6, 0x47},
    {"atmega2560", 44, 0x120, 2, 0x12C}, {"atmega2560", 45, 0x120, 4, 0x12A}, {"atmega2560", 46, 0x120, 6, 0x128},
};

// tone() counts with timer 2 and toggles a pin in its interrupt.
enum { TIMSK2 = 0x70, OCIE2A = 1 << 1, TCCR2B = 0xB1, OCR2A = 0xB3 };

typedef struct {
  char port;
  uint8_t bit;
  uint16_t pin_register;
  const PwmChannel *pwm;
  TraceKind traced_kind;
  int32_t traced_value;
} Pin;

static avr_t *avr;
static const char *mcu;  // as the host calls it: simavr's own name leaves the p of 328p out
static Pin pins[MAX_PINS];
static uint8_t pin_count;
static bool changed;      // one of the watched registers was written
// A duty takes effect with the timer's next turn; until then the firmware may still be writing its registers.
enum { PWM_SETTLE_CYCLES = 64 };
static avr_cycle_count_t pwm_due;  // 0: nothing to look at
static int tone_pin = -1;  // that tone() toggles
// tone() lets go of the timer first and then takes the pin low: what the pin shows in between is no news.
enum { TONE_END_CYCLES = 256 };
static avr_cycle_count_t tone_ended;
static bool tone_on;

static void on_write(struct avr_irq_t *irq, uint32_t value, void *parameter) {
  (void)irq, (void)value, (void)parameter;
  changed = true;
}

static void watch(uint16_t address) {
  avr_irq_register_notify(avr_iomem_getirq(avr, address, NULL, AVR_IOMEM_IRQ_ALL), on_write, NULL);
}

static uint16_t pin_register_of(char port) {
  for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
    if (ports[i].port == port) return ports[i].pin_register;
  return 0;
}

static void add_pin(char port, uint8_t bit) {
  Pin *pin = &pins[pin_count];
  *pin = (Pin){.port = port, .bit = bit, .pin_register = pin_register_of(port), .traced_value = NO_LEVEL};
  for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
    if (channels[i].pin == pin_count && strcmp(channels[i].mcu, mcu) == 0) pin->pwm = &channels[i];
  pin_count++;
}

static void watch_registers(void) {
  bool watched[0x200] = {false};
  for (uint8_t i = 0; i < pin_count; i++) {
    uint16_t at = pins[i].pin_register;
    const uint16_t addresses[] = {at, at + 1, at + 2, pins[i].pwm ? pins[i].pwm->control : at,
                                  pins[i].pwm ? pins[i].pwm->compare : at};
    for (size_t k = 0; k < sizeof addresses / sizeof addresses[0]; k++) {
      if (!watched[addresses[k]]) watch(addresses[k]);
      watched[addresses[k]] = true;
    }
  }
  watch(TIMSK2);
}

bool pins_open(avr_t *chip, const char *chip_name) {
  avr = chip;
  mcu = chip_name;
  avr->vcc = avr->avcc = avr->aref = SUPPLY_MV;
  for (size_t i = 0; i < sizeof wirings / sizeof wirings[0]; i++) {
    if (strcmp(wirings[i].mcu, mcu) != 0) continue;
    for (const char *p = wirings[i].pins; *p; p += 2) add_pin(p[0], (uint8_t)(p[1] - '0'));
    watch_registers();
    return true;
  }
  return false;
}

static void trace_change(uint8_t number, TraceKind kind, int32_t value, uint32_t now_ms) {
  Pin *pin = &pins[number];
  if (pin->traced_kind == kind && pin->traced_value == value) return;
  pin->traced_kind = kind;
  pin->traced_value = value;
  trace_pin(now_ms, kind, number, value);
}

static int32_t tone_hz(void) {
  static const uint16_t prescale[] = {0, 1, 8, 32, 64, 128, 256, 1024};
  uint32_t divider = prescale[avr->data[TCCR2B] & 7] * 2u * (avr->data[OCR2A] + 1u);
  return divider ? (int32_t)((avr->frequency + divider / 2) / divider) : 0;
}

// The pin that changes first while the timer's interrupt is on is the one that sounds; its edges are not traced.
static void update_tone(uint32_t now_ms) {
  bool on = avr->data[TIMSK2] & OCIE2A;
  if (!on && tone_on && tone_pin >= 0) {
    trace_change((uint8_t)tone_pin, TRACE_TONE, 0, now_ms);
    tone_pin = -1;
    tone_ended = avr->cycle;
  }
  tone_on = on;
  if (tone_on && tone_pin >= 0) trace_change((uint8_t)tone_pin, TRACE_TONE, tone_hz(), now_ms);
}

static bool is_output(const Pin *pin) { return avr->data[pin->pin_register + 1] >> pin->bit & 1; }

static bool is_pwm(const Pin *pin) {
  enum { NON_INVERTING = 2 };
  return pin->pwm && (avr->data[pin->pwm->control] >> pin->pwm->com_shift & 3) == NON_INVERTING;
}

static void update_pwm(uint32_t now_ms) {
  for (uint8_t i = 0; i < pin_count; i++)
    if (is_output(&pins[i]) && is_pwm(&pins[i])) trace_change(i, TRACE_PWM, avr->data[pins[i].pwm->compare], now_ms);
}

static void update_pin(uint8_t number, uint32_t now_ms) {
  Pin *pin = &pins[number];
  if (!is_output(pin) || number == tone_pin) return;
  if (is_pwm(pin)) return;
  int32_t level = avr->data[pin->pin_register + 2] >> pin->bit & 1;
  bool silent = pin->traced_kind == TRACE_TONE && pin->traced_value == 0;
  if (silent && (level == 0 || avr->cycle < tone_ended + TONE_END_CYCLES)) return;
  bool toggled = pin->traced_kind == TRACE_DIGITAL && pin->traced_value != NO_LEVEL && pin->traced_value != level;
  if (tone_on && tone_pin < 0 && (toggled || pin->traced_kind == TRACE_TONE)) {
    tone_pin = number;
    trace_change(number, TRACE_TONE, tone_hz(), now_ms);
    return;
  }
  trace_change(number, TRACE_DIGITAL, level, now_ms);
}

void pins_update(uint32_t now_ms) {
  if (pwm_due != 0 && avr->cycle >= pwm_due) {
    pwm_due = 0;
    update_pwm(now_ms);
  }
  if (!changed) return;
  changed = false;
  pwm_due = avr->cycle + PWM_SETTLE_CYCLES;
  update_tone(now_ms);
  for (uint8_t i = 0; i < pin_count; i++) update_pin(i, now_ms);
}

void pin_drive(uint8_t number, bool level) {
  if (number >= pin_count) return;
  Pin *pin = &pins[number];
  static uint8_t driven[256], levels[256];  // by port letter
  driven[(uint8_t)pin->port] |= (uint8_t)(1u << pin->bit);
  levels[(uint8_t)pin->port] &= (uint8_t)~(1u << pin->bit);
  levels[(uint8_t)pin->port] |= (uint8_t)(level << pin->bit);
  avr_ioport_external_t external = {
      .name = (unsigned char)pin->port, .mask = driven[(uint8_t)pin->port], .value = levels[(uint8_t)pin->port]};
  avr_ioctl(avr, (uint32_t)AVR_IOCTL_IOPORT_SET_EXTERNAL(pin->port), &external);
  if (!is_output(pin)) avr_raise_irq(avr_io_getirq(avr, (uint32_t)AVR_IOCTL_IOPORT_GETIRQ(pin->port), pin->bit), level);
}

void analog_drive(uint8_t input, uint16_t counts) {
  // Rounded up: the converter rounds down.
  uint32_t millivolts = (counts * (uint32_t)SUPPLY_MV + ADC_MAX - 1) / ADC_MAX;
  avr_raise_irq(avr_io_getirq(avr, (uint32_t)AVR_IOCTL_ADC_GETIRQ, input), millivolts);
}
