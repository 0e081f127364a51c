void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (!r.changed) return;
  Serial.print("{\"class\": \"");
  Serial.print(r.name);
  Serial.print("\", \"confidence\": ");
  Serial.print(r.confidence, 2);
  Serial.println("}");
}
