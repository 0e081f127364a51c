// millis(), micros() and the delays agree with each other.
void setup() {
  Serial.begin(115200);
  unsigned long us = micros();
  delay(100);
  Serial.println(micros() - us > 99000 && micros() - us < 100100);
  us = micros();
  delayMicroseconds(2500);
  Serial.println(micros() - us >= 2500 && micros() - us < 2520);
  unsigned long ms = millis();
  while (millis() - ms < 20) yield();
  Serial.println(millis());
}

void loop() {
  static int n = 0;
  delay(250);
  if (n++ < 3) Serial.println(millis());
}
