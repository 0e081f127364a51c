#include "Arduino_APDS9960.h"

namespace {

constexpr uint8_t ADDRESS = 0x39;
constexpr uint8_t CHIP_ID = 0xAB;

enum Register : uint8_t {
  ENABLE = 0x80, ATIME = 0x81, WTIME = 0x83, PPULSE = 0x8E, CONTROL = 0x8F, CONFIG2 = 0x90, ID = 0x92, STATUS = 0x93,
  CDATAL = 0x94, PDATA = 0x9C, GPULSE = 0xA6, GCONF4 = 0xAB, GFLVL = 0xAE, GSTATUS = 0xAF, GFIFO_U = 0xFC,
};

constexpr uint8_t POWER_ON = 1 << 0, COLOR_ON = 1 << 1, PROXIMITY_ON = 1 << 2, WAIT_ON = 1 << 3, GESTURE_ON = 1 << 6;
constexpr uint8_t COLOR_VALID = 1 << 0, PROXIMITY_VALID = 1 << 1;
constexpr uint8_t GESTURE_MODE = 1 << 0, GESTURE_INTERRUPT = 1 << 1;
constexpr uint8_t GESTURE_VALID = 1 << 0;

constexpr uint8_t PULSES_16US_16 = 0x8F;
constexpr uint8_t INTEGRATION_4_STEPS = 256 - 4;  // 4 x 2.78 ms: 4097 counts at most
constexpr uint8_t GAIN_16X = 0x02;
constexpr uint8_t ONE_STEP = 0xFF;
constexpr uint8_t HAND_THRESHOLD = 30;
constexpr uint8_t FIFO_SET_BYTES = 4;
constexpr uint8_t FIFO_SETS = 32;

}  // namespace

bool APDS9960::begin() {
  wire_.begin();
  uint8_t id = 0;
  if (!read_registers(ID, &id, 1) || id != CHIP_ID) return false;
  const uint8_t settings[][2] = {
      {ENABLE, 0}, {WTIME, ONE_STEP}, {GPULSE, PULSES_16US_16}, {PPULSE, PULSES_16US_16},
      {GCONF4, GESTURE_MODE | GESTURE_INTERRUPT}, {ATIME, INTEGRATION_4_STEPS}, {CONTROL, GAIN_16X},
      {ENABLE, POWER_ON | WAIT_ON},
  };
  for (const auto &setting : settings)
    if (!write_register(setting[0], setting[1])) return false;
  delay(10);
  if (interrupt_pin_ > -1) pinMode(interrupt_pin_, INPUT);
  return true;
}

void APDS9960::end() {
  write_register(ENABLE, 0);
  wire_.end();
}

bool APDS9960::write_register(uint8_t reg, uint8_t value) {
  wire_.beginTransmission(ADDRESS);
  wire_.write(reg);
  wire_.write(value);
  return wire_.endTransmission() == 0;
}

bool APDS9960::read_registers(uint8_t reg, uint8_t *data, size_t size) {
  wire_.beginTransmission(ADDRESS);
  wire_.write(reg);
  if (wire_.endTransmission() != 0) return false;
  if (wire_.requestFrom(ADDRESS, size) != size) return false;
  for (size_t i = 0; i < size; i++) data[i] = static_cast<uint8_t>(wire_.read());
  return true;
}

bool APDS9960::change_bits(uint8_t reg, uint8_t mask, uint8_t bits) {
  uint8_t value;
  if (!read_registers(reg, &value, 1)) return false;
  uint8_t changed = static_cast<uint8_t>((value & ~mask) | bits);
  return changed == value || write_register(reg, changed);
}

bool APDS9960::status_has(uint8_t bit) {
  uint8_t status = 0;
  return read_registers(STATUS, &status, 1) && (status & bit);
}

int APDS9960::colorAvailable() {
  change_bits(ENABLE, COLOR_ON, COLOR_ON);
  return status_has(COLOR_VALID);
}

bool APDS9960::readColor(int &r, int &g, int &b) {
  int c;
  return readColor(r, g, b, c);
}

bool APDS9960::readColor(int &r, int &g, int &b, int &c) {
  uint8_t data[8];
  if (!read_registers(CDATAL, data, sizeof data)) {
    r = g = b = c = -1;
    return false;
  }
  c = data[0] | data[1] << 8;
  r = data[2] | data[3] << 8;
  g = data[4] | data[5] << 8;
  b = data[6] | data[7] << 8;
  change_bits(ENABLE, COLOR_ON, 0);
  return true;
}

int APDS9960::proximityAvailable() {
  change_bits(ENABLE, PROXIMITY_ON, PROXIMITY_ON);
  return status_has(PROXIMITY_VALID);
}

int APDS9960::readProximity() {
  uint8_t nearness;
  if (!read_registers(PDATA, &nearness, 1)) return -1;
  change_bits(ENABLE, PROXIMITY_ON, 0);
  return 255 - nearness;
}

bool APDS9960::setLEDBoost(uint8_t boost) {
  constexpr uint8_t BOOST_MASK = 3 << 4;
  return change_bits(CONFIG2, BOOST_MASK, static_cast<uint8_t>(boost << 4) & BOOST_MASK);
}

void APDS9960::setGestureSensitivity(uint8_t sensitivity) { gesture_threshold_ = 100 - min(sensitivity, 100); }

int APDS9960::gestureAvailable() {
  change_bits(ENABLE, GESTURE_ON, GESTURE_ON);
  if (interrupt_pin_ > -1 && digitalRead(interrupt_pin_) != LOW) return 0;
  read_gesture_fifo();
  return detected_ != GESTURE_NONE;
}

int APDS9960::readGesture() {
  int gesture = detected_;
  detected_ = GESTURE_NONE;
  return gesture;
}

void APDS9960::read_gesture_fifo() {
  uint8_t sets[FIFO_SETS * FIFO_SET_BYTES];
  uint8_t status, level;
  while (read_registers(GSTATUS, &status, 1) && (status & GESTURE_VALID)) {
    if (!read_registers(GFLVL, &level, 1) || level == 0 || level > FIFO_SETS) return;
    if (!read_registers(GFIFO_U, sets, level * FIFO_SET_BYTES)) return;
    for (uint8_t i = 0; i < level; i++) follow_hand(sets + i * FIFO_SET_BYTES);
  }
}

// The direction is how the differences between opposite photodiodes change from the hand's entry to its leaving.
void APDS9960::follow_hand(const uint8_t *set) {
  int up = set[0], down = set[1], left = set[2], right = set[3];
  bool hand = max(max(up, down), max(left, right)) >= HAND_THRESHOLD;
  if (hand) {
    last_x_ = right - left;
    last_y_ = up - down;
    if (!hand_present_) {
      entered_x_ = last_x_;
      entered_y_ = last_y_;
    }
  } else if (hand_present_) {
    int x = entered_x_ - last_x_;
    int y = entered_y_ - last_y_;
    if (x < -gesture_threshold_) detected_ = GESTURE_LEFT;
    if (x > gesture_threshold_) detected_ = GESTURE_RIGHT;
    if (y < -gesture_threshold_) detected_ = GESTURE_DOWN;
    if (y > gesture_threshold_) detected_ = GESTURE_UP;
  }
  hand_present_ = hand;
}

#if defined(ARDUINO_ARDUINO_NANO33BLE)
APDS9960 APDS(Wire1, PIN_INT_APDS);
#else
APDS9960 APDS(Wire, -1);
#endif
