// Who answers on the two buses; an absent device does not acknowledge.
#include <Wire.h>

void scan(TwoWire &bus, const char *name) {
  bus.begin();
  bus.setClock(400000);
  for (int address = 8; address < 120; address++) {
    bus.beginTransmission(address);
    if (bus.endTransmission() == 0) Serial.println(String(name) + " 0x" + String(address, HEX));
  }
}

void setup() {
  Serial.begin(115200);
  scan(Wire, "Wire");
  scan(Wire1, "Wire1");
  Serial.println(Wire.requestFrom(0x39, 1));
  Serial.println(Wire.read());
  Wire1.beginTransmission(0x39);
  Wire1.write(0x92);
  Serial.println(Wire1.endTransmission());
  Serial.println(Wire1.requestFrom(0x39, 1));
  Serial.println(Wire1.read(), HEX);
}

void loop() {}
