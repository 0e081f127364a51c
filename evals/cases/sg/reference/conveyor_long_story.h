static Blink gates[] = {{2}, {3}};
static int total = 0;
static unsigned long since;
void begin() {
  pinMode(2, OUTPUT);
  pinMode(3, OUTPUT);
}
void tick() {
  for (Blink &gate : gates) gate.tick();
}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (r.changed) since = millis();
  if (r.is("belt")) {
    led(LEDR, false);
  } else if (r.changed) {
    gates[r.is("blue_cap")].start(1, 300);
    Serial.print("total ");
    Serial.println(++total);
  } else if (millis() - since > 3000) {
    led(LEDR, true);
  }
}
