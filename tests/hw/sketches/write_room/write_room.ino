// How much can be written without waiting.
void setup() {
  Serial.begin(115200);
  Serial.println(Serial.availableForWrite());
  Serial.flush();
  Serial.println(Serial.getWriteError());
  Serial.println(Serial.write(65) + Serial.write("BC") + Serial.write((const uint8_t *)"DEF", 2));
  Serial.println(Serial.write((const char *)nullptr));
}

void loop() {}
