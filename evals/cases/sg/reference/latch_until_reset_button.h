static Button reset = {2};
void begin() { reset.begin(); }
void tick() {
  if (reset.pressed()) led(LEDR, false);
}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (r.is("smoke")) led(LEDR, true);
}
