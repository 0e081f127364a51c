// Interrupts on rising, falling and any edge; detached again; and held back while a block must not be disturbed.
volatile int rising = 0, changes = 0;

void onRise() { rising++; }
void onChange() { changes++; }

void report() {
  noInterrupts();
  int a = rising, b = changes;
  interrupts();
  Serial.println(String(a) + " " + b);
}

void setup() {
  Serial.begin(115200);
  pinMode(2, INPUT);
  pinMode(3, INPUT_PULLUP);
  attachInterrupt(digitalPinToInterrupt(2), onRise, RISING);
  attachInterrupt(digitalPinToInterrupt(3), onChange, CHANGE);
  delay(100);
  report();
  detachInterrupt(digitalPinToInterrupt(2));
  attachInterrupt(digitalPinToInterrupt(3), onChange, FALLING);
  delay(100);
  report();
  noInterrupts();
  int before = changes;
  for (int i = 0; i < 30; i++) delayMicroseconds(1000);
  int during = changes;
  interrupts();
  delay(1);
  Serial.println(String(during - before) + " " + (changes - before));
}

void loop() {}
