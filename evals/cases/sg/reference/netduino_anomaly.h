void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) { led(PA10, r.is("anomaly")); }
