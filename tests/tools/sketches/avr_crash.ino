// Ways in which an AVR firmware ends before its time.
void (*volatile nothing)() = nullptr;

int __attribute__((noinline)) overflow(volatile int n) {
  volatile char frame[64];
  frame[0] = n;
  return overflow(n + 1) + frame[0];
}

void setup() {
  Serial.begin(115200);
  Serial.println("before");
}

void loop() {
  switch (Serial.read()) {
    case 'n': nothing(); break;
    case 's': Serial.println(overflow(0)); break;
    case 'a': abort();
  }
}
