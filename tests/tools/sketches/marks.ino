// Uses a known amount of stack and heap.
void __attribute__((noinline)) use_stack() {
  volatile char frame[4000];
  for (unsigned i = 0; i < sizeof frame; i++) frame[i] = i;
}

char *volatile block;  // keeps the compiler from leaving the allocation out

void setup() {
  block = (char *)malloc(10000);
  block[9999] = 1;
  use_stack();
  free(block);
}

void loop() {}
