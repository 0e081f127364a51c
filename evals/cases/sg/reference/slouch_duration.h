static unsigned long since = 0;
static bool slouched = false;
void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (!r.changed) return;
  if (slouched) {
    Serial.print("slouched ");
    Serial.print((millis() - since) / 1000);
    Serial.println(" s");
  }
  slouched = r.is("slouch");
  since = millis();
}
