// EEPROM: erased at the start, then what was written.
#include <EEPROM.h>
#include <SPI.h>

struct Settings {
  int32_t threshold;
  float gain;
};

void setup() {
  Serial.begin(115200);
  Serial.println(EEPROM.read(7));
  EEPROM.write(7, 42);
  EEPROM[8] = 1;
  EEPROM[8] += 2;
  EEPROM.update(9, EEPROM[8] + EEPROM.read(7));
  Serial.println(String(EEPROM.read(7)) + " " + EEPROM[8] + " " + EEPROM[9]);
  EEPROM.put(100, Settings{-5, 1.5f});
  Settings back;
  EEPROM.get(100, back);
  Serial.println(String(back.threshold) + " " + String(back.gain));
  Serial.println(EEPROM.length() >= 1024);
  SPI.begin();
  Serial.println(SPI.transfer(0x55) == 0x55);
}

void loop() {}
