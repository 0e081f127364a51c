void begin() {}
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) { analogWrite(9, r.is("apple") ? (int)(255 * r.confidence) : 0); }
