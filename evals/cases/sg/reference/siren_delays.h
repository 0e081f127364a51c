static unsigned long since;
static bool on = false;
void begin() { pinMode(8, OUTPUT); }
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (r.changed) since = millis();
  if (!on && r.is("intruder") && millis() - since >= 2000) digitalWrite(8, on = true);
  if (on && r.is("empty") && millis() - since >= 3000) digitalWrite(8, on = false);
}
