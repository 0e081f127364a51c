static unsigned long last = 0;
static bool warned = false;
void begin() {}
void tick() {
  if (warned || millis() - last < 2000) return;
  Serial.println("NO DATA");
  led(LED_RED, warned = true);
}
void onLine(const char *) {}
void onResult(const Result &) {
  last = millis();
  if (warned) led(LED_RED, warned = false);
}
