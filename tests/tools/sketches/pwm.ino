// PWM with both resolutions, and back to digital.
void setup() {
  analogWrite(9, 128);
  delay(10);
  analogWrite(9, 255);
  analogWriteResolution(10);
  delay(10);
  analogWrite(9, 512);
  delay(10);
  digitalWrite(9, LOW);
}

void loop() {}
