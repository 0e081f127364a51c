// serialEvent() is called after loop() when something has come.
int events = 0;

void serialEvent() {
  while (Serial.available()) Serial.read();
  events++;
}

void setup() { Serial.begin(115200); }

void loop() {
  delay(50);
  static bool told = false;
  if (millis() > 180 && !told) {
    told = true;
    Serial.println(events);
  }
}
