// Settings that outlive a reset.
#include <EEPROM.h>

struct Settings {
  int16_t threshold;
  float gain;
  char name[6];
};

void setup() {
  Serial.begin(115200);
  Serial.println(EEPROM.read(0));
  EEPROM.write(0, 17);
  EEPROM.update(1, EEPROM.read(0) + 1);
  EEPROM[2] = 5;
  EEPROM[2] += 6;
  Serial.println(String(EEPROM[0]) + " " + EEPROM.read(1) + " " + EEPROM[2]);
  EEPROM.put(10, Settings{-300, 0.5, "left"});
  Settings back;
  EEPROM.get(10, back);
  Serial.println(String(back.threshold) + " " + back.gain + " " + back.name);
  Serial.println(EEPROM.length() >= 1024);
  Serial.println(EEPROM.read(EEPROM.length() - 1));
}

void loop() {}
