// Tones: for a time, for good, and off.
void setup() {
  tone(8, 440, 50);
  delay(100);
  tone(8, 1000);
  delay(30);
  noTone(8);
}

void loop() {}
