// Every operation of the EEPROM library that the AVR and STM32 cores share, and a setting that is read back later.
#include <EEPROM.h>

struct Settings {
  uint16_t magic;
  float gain;
};

void setup() {
  Serial.begin(115200);
  Serial.println(EEPROM.length());
  EEPROM.write(0, 200);
  EEPROM[0] += 100;  // wraps
  EEPROM[1] = EEPROM[0];
  EEPROM[1] *= 2;
  EEPROM[1] -= 8;
  EEPROM[1] /= 4;
  EEPROM[1] %= 15;
  EEPROM[2] = 0xF0;
  EEPROM[2] ^= 0xFF;
  EEPROM[2] <<= 2;
  EEPROM[2] |= 1;
  EEPROM[2] &= 0x3D;
  EEPROM[2] >>= 1;
  EEPROM[3] = 9;
  const uint8_t before = EEPROM[3]++;
  ++EEPROM[3];
  EEPROM[3]--;
  --EEPROM[3];
  EEPROM[3].update(before + 1);
  for (int i = 0; i < 4; i++) Serial.print(String(EEPROM.read(i)) + " ");
  Serial.println(*EEPROM[3]);
  unsigned long blank = 0;
  for (EEPtr at = EEPROM.begin(); at != EEPROM.end(); at++) blank += *at == 0xFF;
  Serial.println(EEPROM.length() - blank);
  EEPROM.put(EEPROM.length() - (int)sizeof(Settings), Settings{0xBEEF, 2.5f});
}

void loop() {
  Settings back;
  EEPROM.get(EEPROM.length() - (int)sizeof(Settings), back);
  Serial.println(String(back.magic, HEX) + " " + String(back.gain));
  delay(100);
}
