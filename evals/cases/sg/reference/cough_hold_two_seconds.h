static unsigned long last;
static bool coughed = false;
void begin() {}
void tick() {
  if (coughed && millis() - last >= 2000) led(LEDB, coughed = false);
}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (!r.is("cough")) return;
  last = millis();
  led(LEDB, coughed = true);
}
