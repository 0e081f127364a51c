// Uses a known amount of stack and heap, little enough for an Uno.
void __attribute__((noinline)) use_stack() {
  volatile char frame[600];
  for (unsigned i = 0; i < sizeof frame; i++) frame[i] = i;
}

char *volatile block;  // keeps the compiler from leaving the allocation out

void setup() {
  block = (char *)malloc(800);
  block[799] = 1;
  use_stack();
  free(block);
}

void loop() {}
