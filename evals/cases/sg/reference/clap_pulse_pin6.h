static Blink pulse = {6};
void begin() { pinMode(6, OUTPUT); }
void tick() { pulse.tick(); }
void onLine(const char *) {}
void onResult(const Result &r) {
  if (r.changed && r.is("clap")) pulse.start(1, 500);
}
