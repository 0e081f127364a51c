static Blink onboard = {LED_BUILTIN};
void begin() {}
void tick() { onboard.tick(); }
void onLine(const char *) {}
void onResult(const Result &r) {
  if (r.changed) onboard.start(r.is("slow") ? 1 : r.is("medium") ? 2 : 3, 200);
}
