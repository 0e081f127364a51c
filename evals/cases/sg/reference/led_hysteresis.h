static bool on = false;
void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (r.is("overheat") && r.confidence > 0.9f) on = true;
  if (!r.is("overheat") || r.confidence < 0.6f) on = false;
  led(LEDB, on);
}
