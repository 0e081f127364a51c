static const char *printed = "";
void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  led(LEDB, r.confidence < 0.6f);
  if (r.confidence < 0.6f || r.is(printed)) return;
  Serial.println(printed = r.name);
}
