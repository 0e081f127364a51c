void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  Serial.print("STATUS=");
  Serial.println(r.is("normal") ? "OK" : r.is("noisy") ? "WARN" : "ALARM");
}
