static int distance = 255;
void begin() {}
void tick() {
  if (APDS.proximityAvailable()) distance = APDS.readProximity();
}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (distance < 50) Serial.println(r.name);
}
