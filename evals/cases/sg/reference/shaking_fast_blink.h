static Blink red = {LEDR};
void begin() {}
void tick() { red.tick(); }
void onLine(const char *) {}
void onResult(const Result &r) {
  if (!r.changed) return;
  if (r.is("shaking")) red.start(0, 200);
  else red.stop();
}
