void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  Serial.print("motor: ");
  Serial.print(r.name);
  Serial.print(" (");
  Serial.print((int)(100 * r.confidence + 0.5f));
  Serial.println("%)");
}
