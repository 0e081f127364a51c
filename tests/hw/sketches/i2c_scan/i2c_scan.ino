// Who answers on the first bus: nobody, so nothing can be read either.
#include <Wire.h>

void setup() {
  Serial.begin(115200);
  Wire.begin();
  Wire.setClock(400000);
  int found = 0;
  for (int address = 8; address < 120; address += 37) {
    Wire.beginTransmission(address);
    if (Wire.endTransmission() == 0) found++;
  }
  Serial.println(found);
  Wire.beginTransmission(0x39);
  Serial.println(Wire.write(0x92));
  Serial.println(Wire.endTransmission() > 1);
  Serial.println(Wire.requestFrom(0x39, 2));
  Serial.println(Wire.available());
  Serial.println(Wire.read());
}

void loop() {}
