// MOSI is joined to MISO: what goes out comes in.
#include <SPI.h>

void setup() {
  Serial.begin(115200);
  pinMode(10, OUTPUT);
  SPI.begin();
  SPI.beginTransaction(SPISettings(1000000, MSBFIRST, SPI_MODE0));
  digitalWrite(10, LOW);
  Serial.println(SPI.transfer(0x5A), HEX);
  Serial.println(SPI.transfer16(0xBEEF), HEX);
  byte block[3] = {1, 2, 250};
  SPI.transfer(block, sizeof block);
  Serial.println(String(block[0]) + " " + block[1] + " " + block[2]);
  digitalWrite(10, HIGH);
  SPI.endTransaction();
  SPI.end();
}

void loop() {}
