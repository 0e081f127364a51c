// Ways in which a Cortex-M stops, on demand of the serial line.
volatile int zero = 0;
char bytes[16];
volatile uint32_t &CCR = *(volatile uint32_t *)0xE000ED14;  // configuration of the processor
struct Thing {
  int padding[20];
  int value;
};
Thing *volatile nothing = nullptr;

void trap_division() {
  CCR = CCR | 1 << 4;
  Serial.println(10 / zero);  // line 13
}

void trap_alignment() {
  CCR = CCR | 1 << 3;
  Serial.println(*(volatile int *)(bytes + 1));  // line 18
}

void setup() {
  Serial.begin(115200);
  Serial.println(10 / zero);  // by default the processor gives 0
  Serial.println(*(volatile int *)(bytes + 1));
}

void loop() {
  switch (Serial.read()) {
    case 'z': trap_division(); break;
    case 'u': trap_alignment(); break;
    case 'p': asm volatile("ldrd r2, r3, [%0]" ::"r"(bytes + 1) : "r2", "r3"); break;  // pairs must be aligned
    case 'l': asm volatile("cpsid f\n udf #0"); break;
    case 'i': asm volatile("udf #0"); break;
    case 'm': nothing->value = 1; break;
    case 'x': exit(3); break;
    case 'w': *(volatile char *)0x8000 = 1; break;
    case 'd': asm volatile("cpsid i"); while (true) {}
  }
}
