static Blink red = {LEDR};
void begin() {}
void tick() { red.tick(); }
void onLine(const char *) {}
void onResult(const Result &r) {
  if (r.changed && r.is("fault")) red.start(3, 200);
}
