static Button button = {10};
static bool verbose = false;
void begin() { button.begin(); }
void tick() {
  if (button.pressed()) verbose = !verbose;
}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (!verbose) return;
  Serial.print(r.name);
  Serial.print(" ");
  Serial.println(r.confidence);
}
