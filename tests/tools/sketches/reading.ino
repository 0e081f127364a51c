// Serial input: lines, numbers, single characters, time-outs.
void setup() {
  Serial.begin(115200);
  Serial.setTimeout(50);
  Serial.println(Serial.parseInt());  // nothing comes: 0 after the time-out
  Serial.println(millis() >= 50 && millis() < 60);
  Serial.println(Serial.read());
  Serial.setTimeout(1000);
}

void loop() {
  if (Serial.available() == 0) return;
  int c = Serial.peek();
  if (c == 'i') {
    long a = Serial.parseInt();
    long b = Serial.parseInt();
    float f = Serial.parseFloat();
    Serial.readStringUntil('\n');
    Serial.println(String(a) + " " + b + " " + String(f, 3));
  } else if (c == 'f') {
    Serial.println(Serial.find("key=") ? Serial.readStringUntil(';') : String("missing"));
    Serial.readStringUntil('\n');
  } else if (c == 'b') {
    char buffer[16];
    size_t n = Serial.readBytesUntil('\n', buffer, sizeof buffer - 1);
    buffer[n] = 0;
    Serial.println(String(n) + buffer);
  } else {
    String line = Serial.readStringUntil('\n');
    unsigned long sum = 0;
    for (unsigned i = 0; i < line.length(); i++) sum = sum * 31 + (uint8_t)line[i];
    Serial.println(String(line.length()) + " " + sum);
  }
}
