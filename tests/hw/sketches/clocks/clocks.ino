// millis(), micros() and the delays against each other.
bool near(unsigned long value, unsigned long wanted, unsigned long slack) {
  return value + slack >= wanted && value <= wanted + slack;
}

void setup() {
  Serial.begin(115200);
  unsigned long ms = millis(), us = micros();
  delay(50);
  Serial.println(near(millis() - ms, 50, 1));
  us = micros();
  delay(10);
  Serial.println(near(micros() - us, 10000, 1100));
  us = micros();
  delayMicroseconds(700);
  Serial.println(near(micros() - us, 700, 60));
  Serial.println(near(micros() / 1000, millis(), 1));
  ms = millis();
  while (millis() - ms < 20) yield();
  Serial.println(near(millis() - ms, 20, 1));
  delay(0);
  delayMicroseconds(0);
  Serial.println(millis() < 100);
}

// Twice a second, without delay().
void loop() {
  static unsigned long last = 0;
  static int count = 0;
  if (millis() - last < 500) return;
  last += 500;
  Serial.println(++count);
}
