static Blink blue = {LEDB};
void begin() {
  pinMode(4, OUTPUT);
  pinMode(5, OUTPUT);
}
void tick() { blue.tick(); }
void onLine(const char *) {}
void onResult(const Result &r) {
  digitalWrite(4, r.is("kunststoff"));
  digitalWrite(5, r.is("glas"));
  if (!r.changed) return;
  if (r.is("papier")) blue.start(2, 300);
  String text = r.name;
  text.toUpperCase();
  Serial.println(text);
}
