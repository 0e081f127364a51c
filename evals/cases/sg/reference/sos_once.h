static const int LENGTHS[] = {150, 150, 150, 450, 450, 450, 150, 150, 150};
static int flash = 9;
static bool lit = false;
static unsigned long next;
void begin() {}
void tick() {
  if (flash >= 9 || (long)(millis() - next) < 0) return;
  lit = !lit;
  led(LEDR, lit);
  next += lit ? LENGTHS[flash] : 150;
  if (!lit) flash++;
}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (!r.changed || !r.is("fallen")) return;
  flash = 0;
  next = millis();
}
