// Registers of the chips on the board's own bus, read by hand.
#include <Wire.h>

int read8(int address, int reg) {
  Wire1.beginTransmission(address);
  Wire1.write(reg);
  if (Wire1.endTransmission(false) != 0) return -1;
  if (Wire1.requestFrom(address, 1) != 1) return -2;
  return Wire1.read();
}

void setup() {
  Serial.begin(115200);
  Wire1.begin();
  Serial.println(read8(0x6B, 0x0F), HEX);
  Serial.println(read8(0x1E, 0x0F), HEX);
  Serial.println(read8(0x39, 0x92), HEX);
  Serial.println(read8(0x5F, 0x0F), HEX);
  Serial.println(read8(0x5C, 0x0F), HEX);
  Serial.println(read8(0x40, 0x00));
  Wire1.beginTransmission(0x41);
  Serial.println(Wire1.endTransmission());
  Wire1.beginTransmission(0x6B);
  Wire1.write(0x20);
  Wire1.write(0x60);  // accelerometer on, 119 Hz
  Serial.println(Wire1.endTransmission());
  delay(30);
  Wire1.beginTransmission(0x6B);
  Wire1.write(0x28);
  Wire1.endTransmission(false);
  Serial.println(Wire1.requestFrom(0x6B, 6));
  int axes[3];
  for (int &axis : axes) {
    axis = Wire1.read();
    axis |= Wire1.read() << 8;
  }
  Serial.println(abs((int16_t)axes[2] - 16384) < 100);
  Serial.println(Wire1.available());
}

void loop() {}
