// Tones with and without a duration, one after the other, and silence.
const int NOTES[] = {262, 294, 330};

void setup() {
  for (int note : NOTES) {
    tone(8, note, 20);
    delay(40);
  }
  tone(8, 1000);
  delay(30);
  tone(8, 2000);
  delay(30);
  noTone(8);
}

void loop() {}
