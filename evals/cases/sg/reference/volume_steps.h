static int volume = 100;
void begin() { analogWrite(9, volume); }
void tick() {}
void onLine(const char *) {}
void onResult(const Result &r) {
  if (!r.changed) return;
  if (r.is("clockwise")) volume += 50;
  if (r.is("counterclockwise")) volume -= 50;
  analogWrite(9, volume = constrain(volume, 0, 250));
}
