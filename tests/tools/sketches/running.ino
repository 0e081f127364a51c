// Time, heap and restarts over a longer run: what a line says is done once or for ever.
static char command = ' ';
static unsigned long last = 0;
static char *volatile lost;

void setup() {
  Serial.begin(115200);
  Serial.println(millis());
}

void restart() {
#ifdef __arm__
  if (command == 'r') *(volatile uint32_t *)0xE000ED0C = 0x05FA0004;  // AIRCR: SYSRESETREQ
#endif
  if (command == 'v') ((void (*)())(*(uint32_t *)4))();  // what stands in the vector table
}

void loop() {
  if (Serial.available() && Serial.peek() != '\n') command = Serial.peek();
  if (Serial.available()) Serial.read();
  if (command == 'r' || command == 'v') restart();
  const unsigned long now = millis();
  if (now - last < 500) return;
  last = now;
  Serial.println(now);
  if (command == 'l') {
    lost = (char *)malloc(100);
    lost[0] = 1;
  }
  delay(100);
}
