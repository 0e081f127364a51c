static const char *latest = "";
void begin() {}
void tick() {}
void onLine(const char *line) {
  if (strcmp(line, "status?") == 0) Serial.println(latest);
}
void onResult(const Result &r) { latest = r.name; }
