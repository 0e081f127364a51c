// Writes where there is no memory, on demand of the serial line.
volatile int *nowhere = (volatile int *)0x60000000;
char *volatile sink;

void write_nowhere() {
  *nowhere = 1;  // line 6
}

void overflow(volatile int n) {
  volatile char frame[512];
  frame[0] = n;
  overflow(n + 1);
  frame[1] = frame[0];
}

void late() { delay(1); }

void setup() {
  Serial.begin(115200);
  pinMode(2, INPUT);
  Serial.println("before");
}

void loop() {
  switch (Serial.read()) {
    case 'w': write_nowhere(); break;
    case 'n': *(volatile int *)0 = 1; break;
    case 'j': ((void (*)())0x20000001)(); break;
    case 's': overflow(0); break;
    case 'i': attachInterrupt(2, late, RISING); break;
    case 'a': abort(); break;
    case 'm':
      while (true) sink = new char[4096];
  }
}
