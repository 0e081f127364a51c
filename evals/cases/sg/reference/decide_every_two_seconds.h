static unsigned long next = 0;
void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  if ((long)(millis() - next) < 0) return;
  next += 2000;
  Serial.println(r.name);
}
