// Nobody answers on the bus of a bare Uno.
#include <Wire.h>

void setup() {
  Serial.begin(9600);
  Wire.begin();
  Wire.beginTransmission(0x39);
  Serial.println(Wire.endTransmission() == 0 ? "somebody" : "nobody");
}

void loop() {}
