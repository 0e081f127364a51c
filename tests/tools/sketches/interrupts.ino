// Interrupts on pins: edges, parameter, detach, and noInterrupts().
volatile int rising, falling, changes;
void onRise() { rising++; }
void onFall() { falling++; }
void onChange(void *count) { (*(volatile int *)count)++; }

void setup() {
  Serial.begin(115200);
  pinMode(2, INPUT);
  pinMode(3, INPUT_PULLUP);
  pinMode(4, INPUT);
  attachInterrupt(digitalPinToInterrupt(2), onRise, RISING);
  attachInterrupt(digitalPinToInterrupt(3), onFall, FALLING);
  attachInterruptParam(4, onChange, CHANGE, (void *)&changes);
  delay(100);
  Serial.println(String(rising) + falling + changes);
  noInterrupts();
  unsigned long start = millis();
  while (millis() - start < 100) {
  }
  int held = rising;
  interrupts();
  Serial.println(String(held) + rising);
  detachInterrupt(2);
  delay(100);
  Serial.println(String(rising) + falling + changes);
}

void loop() {}
