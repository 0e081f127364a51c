// The board's own LED without delay(), and one on a pin.
#ifdef ARDUINO_GENERIC_F405RGTX
const int LED = PA10;
#else
const int LED = LED_BUILTIN;
#endif
unsigned long changed = 0;
bool on = false;

void setup() {
  pinMode(LED, OUTPUT);
  pinMode(7, OUTPUT);
  digitalWrite(7, HIGH);
}

void loop() {
  unsigned long now = millis();
  if (now - changed < 100) return;
  changed += 100;
  on = !on;
  digitalWrite(LED, on ? HIGH : LOW);
  digitalWrite(7, !on);
}
